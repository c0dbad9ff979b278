"""Does a test notice when one comparison or one constant of a model changes? Prints the changes that none notices.

``python -m benchmarks.mutations core_trips core_meetings`` tries these models, without names all of them. What was
tried is kept in ``build/mutations``, or where ``RESFRI_MUTATIONS`` says, so that a run that was broken off goes on
where it was. After a change of tests or models ``--record`` looks anew at what the tests build, all or those of some
modules, and ``--again`` tries anew what survived.

A change that gives the same rows for everything the tests build cannot be noticed, so only where rows differ do the
tests that built them run.
"""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import hashlib
import io
import json
import os
import re
import sys
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from functools import cache, partial
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest
import sqlglot
from sqlglot import exp

from models import engine
from tests import model_arms, model_cases

STATE = Path(os.environ.get("RESFRI_MUTATIONS", "build/mutations"))
BUILDS_OF_A_TEST = 4
"""Snapshots kept of one test; a test that is given random rows builds a hundred times."""

TESTS_OF_A_SNAPSHOT = 12
"""Tests that read the same differ in what they look at; where many do, a dozen are tried."""

MOST_KEPT = 150
"""Builds of tests kept in memory at a time."""

PLANNING = (
    "join_order,statistics_propagation,column_lifetime,common_subexpressions,unused_columns,build_side_probe_side,"
    "compressed_materialization,reorder_filter,sampling_pushdown,late_materialization,join_filter_pushdown,top_n,"
    "top_n_window_elimination,limit_pushdown,duplicate_groups,sum_rewriter,cte_inlining,common_subplan"
)
"""Steps of the database's planner that are left out when mutants are tried."""

NEIGHBOURS: dict[type[exp.Expression], type[exp.Expression]] = {
    exp.EQ: exp.NEQ, exp.NEQ: exp.EQ, exp.LT: exp.LTE, exp.LTE: exp.LT, exp.GT: exp.GTE, exp.GTE: exp.GT,
}  # fmt: skip
WORDS = {"month": "year", "day": "month", "second": "minute", "microsecond": "second", "Europe/Stockholm": "UTC"}


@dataclasses.dataclass(frozen=True)
class Mutant:
    """One model with one thing changed."""

    line: int
    change: str
    sql: str


@dataclasses.dataclass(frozen=True)
class Snapshot:
    """What a model read in one build, and the tests that built it."""

    schema: str
    tables: Mapping[str, str]
    tests: tuple[str, ...]


def mutants(model: engine.Model) -> Iterator[Mutant]:
    """Every model that differs in one comparison or constant."""
    tree = sqlglot.parse_one(model.sql, read=engine.DIALECT)
    for place, node in enumerate(tree.walk()):
        changed = _changed(node)
        if changed is None:
            continue
        copy = tree.copy()
        twin = next(other for number, other in enumerate(copy.walk()) if number == place)
        twin.replace(changed)
        around = node if isinstance(node, exp.Binary) else node.parent or node
        text = f"{node.sql(engine.DIALECT)} → {changed.sql(engine.DIALECT)}"
        within = "" if around is node else f"  in  {around.sql(engine.DIALECT)}"
        yield Mutant(_line(node), (text + within)[:200], copy.sql(dialect=engine.DIALECT))


def _changed(node: exp.Expression) -> exp.Expression | None:
    if node.arg_key == "partition_by":
        return None  # what tells rows apart tells them apart turned round
    if type(node) in NEIGHBOURS:
        return NEIGHBOURS[type(node)](this=node.this.copy(), expression=node.expression.copy())
    if isinstance(node, exp.Is | exp.Like | exp.In | exp.Between):
        # NOT x IS NULL is changed once, by its inner part
        return exp.paren(exp.not_(node.copy()))
    if isinstance(node, exp.Boolean):
        return exp.Boolean(this=not node.this)
    if isinstance(node, exp.Literal) and not isinstance(node.parent, exp.DataTypeParam | exp.Interval | exp.Fetch):
        if not node.is_string:
            return exp.Literal.number(str((int if node.this.isdigit() else float)(node.this) + 1))
        if isinstance(node.parent, exp.Cast):
            return None
        return exp.Literal.string(WORDS.get(node.this, node.this + "~"))
    if isinstance(node, exp.Interval):
        return exp.Interval(this=exp.Literal.string(str(int(node.this.name) + 1)), unit=node.args["unit"].copy())
    return None


def _line(node: exp.Expression) -> int:
    at: exp.Expression | None = node
    while at is not None:
        if found := model_arms.line_of(at):
            return found
        at = at.parent
    return 0


# recording: in the workers of a test run


def pytest_configure() -> None:
    """While a run is recorded, every build leaves what its models read, and so do models computed by themselves."""
    if os.environ.get("RESFRI_RECORD_BUILDS") and not hasattr(engine, "_recorded"):
        plain = engine.build_into
        engine._recorded = True  # type: ignore[attr-defined]

        def recording(connection: duckdb.DuckDBPyConnection, *args: Any, **named: Any) -> dict[str, int]:
            counts = plain(connection, *args, **named)
            _record(connection, set(counts))
            return counts

        engine.build_into = recording
        alone = model_cases.compute

        def computing(models: tuple[str, ...], *args: Any, **named: Any) -> duckdb.DuckDBPyConnection:
            connection = alone(models, *args, **named)
            _record(connection, set(models))
            return connection

        model_cases.compute = computing


_BUILDS: dict[str, int] = {}


def _record(connection: duckdb.DuckDBPyConnection, built: set[str]) -> None:
    test, _, phase = os.environ["PYTEST_CURRENT_TEST"].rpartition(" ")
    if phase == "(setup)":
        test = test.partition("::")[0]  # a fixture of the whole module
    _BUILDS[test] = _BUILDS.get(test, 0) + 1
    if _BUILDS[test] > BUILDS_OF_A_TEST:
        return
    digests: dict[str, str] = {}
    for name in built:
        for table in engine.load_models()[name].depends_on - digests.keys():
            whole = io.BytesIO()
            connection.table(table).order("all").pl().write_ipc(whole)
            digest = hashlib.sha256(whole.getvalue()).hexdigest()[:20]
            file = STATE / "tables" / digest
            if not file.exists():
                file.with_suffix(f".{os.getpid()}").write_bytes(whole.getvalue())
                file.with_suffix(f".{os.getpid()}").replace(file)
            digests[table] = digest
    with (STATE / "builds" / f"{os.getpid()}.jsonl").open("a") as lines:
        lines.write(json.dumps({"test": test, "models": sorted(built), "tables": digests}) + "\n")


def record(modules: list[str]) -> None:
    """Run test modules once and keep what their models read, in place of what was kept of them."""
    for folder in ("tables", "builds"):
        (STATE / folder).mkdir(parents=True, exist_ok=True)
    for file in (STATE / "builds").iterdir():
        lines = file.read_text().splitlines(keepends=True)
        file.write_text("".join(line for line in lines if json.loads(line)["test"].partition("::")[0] not in modules))
    os.environ["RESFRI_RECORD_BUILDS"] = "1"
    parallel = ["-n", "auto", "--dist", "loadfile", "--no-loadscope-reorder"]
    pytest.main(["-q", "-p", "benchmarks.mutations", f"--arms={STATE / 'arms'}", *parallel, *modules])
    del os.environ["RESFRI_RECORD_BUILDS"]


def snapshots(model: engine.Model) -> list[Snapshot]:
    """The different things a model read, those of the fewest tests last."""
    tests: dict[tuple[tuple[str, str], ...], list[str]] = {}
    for file in sorted((STATE / "builds").iterdir()):
        for line in file.read_text().splitlines():
            build = json.loads(line)
            needed = _needed(build["test"].partition("::")[0])
            # what a module never looks at it cannot notice
            if model.name in build["models"] and (needed is None or model.name in needed):
                key = tuple((table, build["tables"][table]) for table in sorted(model.depends_on))
                tests.setdefault(key, []).append(build["test"])
    return [
        Snapshot(f"s{number}", dict(key), tuple(dict.fromkeys(found)))
        for number, (key, found) in enumerate(sorted(tests.items()))
    ]


class Trial:
    """Everything needed to try the mutants of one model."""

    def __init__(self, model: engine.Model) -> None:
        self.model = model
        self.cost = partial(_cost, model.name)
        self.snapshots = sorted(snapshots(model), key=lambda snapshot: min(map(self.cost, snapshot.tests)))
        self.connection = duckdb.connect(config={"threads": 1})
        self.connection.execute("SET TimeZone = 'UTC'")
        # of a few rows, planning well takes longer than anything
        self.connection.execute(f"SET disabled_optimizers = '{PLANNING}'")
        self.builds = Builds(model)
        for snapshot in self.snapshots:
            self.connection.execute(f"create schema {snapshot.schema}")
            for table, digest in snapshot.tables.items():
                frame = pl.read_ipc((STATE / "tables" / digest).read_bytes())
                self.connection.register("__frame", frame)
                self.connection.execute(f"create table {snapshot.schema}.{table} as from __frame")
                self.connection.unregister("__frame")
        self.expected = {s.schema: self.rows(s, model.sql) for s in self.snapshots}

    def rows(self, snapshot: Snapshot, sql: str) -> str:
        self.connection.execute(f"use {snapshot.schema}")
        found = sorted(repr(row) for row in self.connection.execute(sql).fetchall())
        return hashlib.sha256("\n".join(found).encode()).hexdigest()

    def killer(self, mutant: Mutant) -> str | None:
        """The test that notices, or None. Raises duckdb.Error where the mutant is no SQL."""
        waiting: dict[str, None] = {}
        is_first = True
        for snapshot in list(self.snapshots):
            try:
                found = self.rows(snapshot, mutant.sql)
            except (duckdb.BinderException, duckdb.ParserException, duckdb.CatalogException):
                raise
            except duckdb.Error:
                found = "error"
            if found == self.expected[snapshot.schema]:
                continue
            tests = sorted(snapshot.tests, key=self.cost)[:TESTS_OF_A_SNAPSHOT]
            if is_first:
                is_first = False
                if self.failing(mutant, tests[:1]):
                    # what noticed once is tried first
                    self.snapshots.remove(snapshot)
                    self.snapshots.insert(0, snapshot)
                    return tests[0]
            waiting |= dict.fromkeys(tests)
        return self.failing(mutant, list(waiting))

    def failing(self, mutant: Mutant, tests: list[str]) -> str | None:
        """The first of some tests that fails when the model is another."""
        for test in tests:
            module = test.partition("::")[0]
            if _needed(module) is not None and module not in _reads_more():
                # does it read more than it names?
                _reads_more()[module] = bool(run_with(self.builds, self.model.sql, [test]))
                (STATE / "reads_more.json").write_text(json.dumps(_reads_more()))
                _NEEDED.pop(module)
        return run_with(self.builds, mutant.sql, tests) if tests else None


class Builds:
    """What tests build, kept from one mutant to the next: only the mutant and what is made of it is built anew."""

    def __init__(self, model: engine.Model) -> None:
        models = engine.load_models()
        self.model = model
        self.below = {model.name}
        for name, other in models.items():
            if other.depends_on & self.below:
                self.below.add(name)
        self.kept: OrderedDict[str, duckdb.DuckDBPyConnection] = OrderedDict()

    def build(
        self,
        module: str,
        sql: str,
        connection: duckdb.DuckDBPyConnection,
        landing: Mapping[str, pl.DataFrame],
        inputs: Mapping[str, pl.DataFrame],
        only: frozenset[str] | None = None,
    ) -> duckdb.DuckDBPyConnection:
        """``model_cases.build_into`` with one model changed."""
        only = _needed(module) if only is None else only
        chosen = engine.chosen_models(only)
        key = hashlib.sha256(repr(sorted(chosen)).encode())
        for name, frame in sorted({**landing, **inputs}.items()):
            key.update(name.encode())
            if frame.height or name not in landing:
                key.update(frame.write_ipc(None).getvalue())
        place = key.hexdigest()
        if place in self.kept:
            self.kept.move_to_end(place)
            connection = self.kept[place]
        else:
            engine.build_into(connection, landing, inputs, frozenset(chosen) - self.below)
            self.kept[place] = connection
            if len(self.kept) > MOST_KEPT:
                self.kept.popitem(last=False)
        for name, model in chosen.items():
            if name in self.below:
                engine.create(connection, model, sql if name == self.model.name else model.sql)
        return connection


_TRYING: list[Callable[..., duckdb.DuckDBPyConnection]] = []
_PLAIN = model_cases.build_into


def _build_into(*given: Any) -> duckdb.DuckDBPyConnection:
    return _TRYING[-1](*given) if _TRYING else _PLAIN(*given)


def run_with(builds: Builds, sql: str, tests: list[str]) -> str | None:
    """The first test that fails when the model is another."""
    models: dict[str, engine.Model] = engine.load_models()  # type: ignore[assignment]
    before = models[builds.model.name], model_cases.counting
    outcome = Outcome()
    models[builds.model.name] = dataclasses.replace(builds.model, sql=sql)
    _TRYING.append(lambda *given: builds.build(outcome.module, sql, *given))
    # a module that takes it by name keeps what it finds, so that it is always the same
    model_cases.build_into = _build_into
    # which arms are reached is not asked here
    model_cases.counting = lambda _: contextlib.nullcontext()  # type: ignore[assignment]
    left_out = [f"-pno:{name}" for name in ("cacheprovider", "unraisableexception", "threadexception")]
    options = ["-x", "-q", "--no-header", "--tb=no", *left_out]
    try:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            code = pytest.main([*options, *tests], plugins=[outcome])
    finally:
        models[builds.model.name], model_cases.counting = before
        _TRYING.pop()
    if code not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
        raise RuntimeError(f"{tests}: {code!r}")
    return outcome.failed


class Outcome:
    """Which test runs, and which failed."""

    module = ""
    failed: str | None = None

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        self.module = nodeid.partition("::")[0]

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.failed = report.nodeid


def _cost(model: str, test: str) -> tuple[bool, bool, bool, int]:
    """What to try first: single tests, of modules that name the model, and that need few others."""
    module = test.partition("::")[0]
    needed = _needed(module)
    return "::" not in test, model not in _text(module), needed is None, len(needed or ())


@cache
def _text(module: str) -> str:
    return Path(module).read_text("utf-8")


_NEEDED: dict[str, frozenset[str] | None] = {}


@cache
def _reads_more() -> dict[str, bool]:
    """Whether a module was seen to read other models than it names, and those these are made of."""
    file = STATE / "reads_more.json"
    return dict(json.loads(file.read_text())) if file.exists() else {}


def _needed(module: str) -> frozenset[str] | None:
    """The models a test module names, and those these are made of; all where it loops over them."""
    if module not in _NEEDED:
        text, models = _text(module), engine.load_models()
        if "load_models()" in text or _reads_more().get(module):
            _NEEDED[module] = None
        else:
            wanted = set(re.findall(r"\b(?:core|out)_\w+", text)) & models.keys()
            order = TopologicalSorter({name: m.depends_on & models.keys() for name, m in models.items()}).static_order()
            for name in reversed(list(order)):
                if name in wanted:
                    wanted |= models[name].depends_on & models.keys()
            _NEEDED[module] = frozenset(wanted)
    return _NEEDED[module]


def examine(model: engine.Model, again: bool) -> None:
    """Try each mutant of a model that was not tried yet, and print how many were noticed and which were not."""
    file = STATE / f"{model.name}.json"
    outcomes: dict[str, str | None] = json.loads(file.read_text()) if file.exists() else {}
    if again:
        outcomes = {key: killer for key, killer in outcomes.items() if killer is not None}
    trial: Trial | None = None
    listed = list(mutants(model))
    for mutant in listed:
        key = hashlib.sha256(mutant.sql.encode()).hexdigest()[:20]
        if key not in outcomes:
            trial = trial or Trial(model)
            try:
                outcomes[key] = trial.killer(mutant)
            except duckdb.Error:
                outcomes[key] = "no SQL"
            file.write_text(json.dumps(outcomes, indent=0))
            mark = {None: "survives", "no SQL": "no SQL"}.get(outcomes[key], "noticed")
            sys.stderr.write(f"{model.name} {mark} {mutant.line} {mutant.change[:90]}\n")
    found = {mutant: outcomes[hashlib.sha256(mutant.sql.encode()).hexdigest()[:20]] for mutant in listed}
    valid = {mutant: killer for mutant, killer in found.items() if killer != "no SQL"}
    noticed = sum(killer is not None for killer in valid.values())
    print(f"{model.name:<32}{noticed:>5} of {len(valid):>4} changes noticed")
    for mutant, killer in valid.items():
        if killer is None:
            print(f"    {mutant.line:>4}  {mutant.change}")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("models", nargs="*", help="names of models; all without")
    arguments.add_argument("--again", action="store_true", help="try anew what survived")
    arguments.add_argument("--record", nargs="*", metavar="MODULE", help="look anew at what these, or all, tests build")
    chosen = arguments.parse_args()
    models = dict(engine.load_models())
    everything = [f"tests/{name}" for name in sorted(model_arms.spec_modules())]
    if chosen.record is not None or not (STATE / "builds").exists():
        record(chosen.record or everything)
        if not chosen.models:
            return
    for name in chosen.models or models:
        examine(models[name], chosen.again)


if __name__ == "__main__":
    main()
