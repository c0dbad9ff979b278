"""Which arms of the models' SQL the spec tests reach: each WHEN, ELSE, FILTER and COALESCE argument.

A model is rewritten so that each arm counts when it is taken, and computes the same: ``CASE WHEN a THEN x ELSE y END``
becomes ``CASE WHEN arm(1, a) THEN x WHEN arm(2, TRUE) THEN y END``, where ``arm`` returns its second argument and
notes the first when that is true. A database evaluates a condition only for rows that no earlier arm took, so this
holds wherever a CASE stands: inside aggregates and windows, in joins and in WHERE.

``pytest --arms=FOLDER`` keeps what was counted, one file per test module, and ``python -m tests.model_arms FOLDER``
prints the arms that none of them reached.
"""

from __future__ import annotations

import dataclasses
import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from unittest.mock import patch

import duckdb
import sqlglot
from sqlglot import exp

from models import engine

REACHED: set[int] = set()
"""Numbers of the arms reached in this process since the set was last emptied."""


@dataclasses.dataclass(frozen=True)
class Arm:
    """One arm of one model, named by its place in the SQL."""

    model: str
    line: int
    text: str
    place: int
    """Among the model's arms of the same line and text."""

    @property
    def name(self) -> str:
        return f"{self.model}:{self.line} {self.text}" + (f" ({self.place})" if self.place else "")


@cache
def counted_models() -> tuple[Mapping[str, engine.Model], tuple[Arm, ...]]:
    """Every model with counters in its SQL, and the arms by number."""
    arms: list[Arm] = []
    models = {}
    for name, model in engine.load_models().items():
        sql, found = with_counters(name, model.sql, len(arms))
        models[name] = dataclasses.replace(model, sql=sql)
        arms += found
    return models, tuple(arms)


@contextmanager
def counting(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """While open, ``engine.build_into`` builds models that count in this database."""
    models, _ = counted_models()
    # a database that has counted before knows it already
    with suppress(duckdb.CatalogException, duckdb.NotImplementedException):
        connection.create_function("arm", _arm, ["INTEGER", "BOOLEAN"], "BOOLEAN", side_effects=True)
    with patch.object(engine, "load_models", lambda: models):
        yield


def _arm(number: int, condition: bool) -> bool:
    if condition:
        REACHED.add(number)
    return condition


@cache
def spec_modules() -> frozenset[str]:
    """The test modules that build models of small tables."""
    found = Path(__file__).parent.glob("test_*.py")
    return frozenset(file.name for file in found if "from tests.model_cases import" in file.read_text("utf-8"))


def write_reached(file: Path) -> None:
    """Write the names of the arms reached in this process since the last call."""
    _, arms = counted_models()
    file.parent.mkdir(parents=True, exist_ok=True)
    fresh = file.with_suffix(".part")
    fresh.write_text(json.dumps(sorted(arms[number].name for number in REACHED), ensure_ascii=False, indent=0), "utf-8")
    fresh.replace(file)
    REACHED.clear()


def never_reached(folder: Path) -> list[Arm]:
    """The arms that no file of a folder names."""
    reached = {name for file in folder.glob("*.json") for name in json.loads(file.read_text("utf-8"))}
    return [arm for arm in counted_models()[1] if arm.name not in reached]


def with_counters(model: str, sql: str, first: int = 0) -> tuple[str, list[Arm]]:
    """A SELECT with its arms counted, and the arms, numbered from ``first``."""
    tree = sqlglot.parse_one(sql, read=engine.DIALECT)
    arms: list[Arm] = []
    # the same expression in one SELECT, as in its GROUP BY, has to stay the same
    numbers: dict[tuple[int, str, str], int] = {}
    seen: dict[tuple[int, str], int] = {}

    def counter(whole: exp.Expression, text: str, condition: exp.Expression) -> exp.Expression:
        line = int(whole.meta["line"])
        key = (int(whole.meta["select"]), whole.sql(engine.DIALECT), text)
        if key not in numbers:
            numbers[key] = first + len(arms)
            place = seen[line, text] = seen.get((line, text), -1) + 1
            arms.append(Arm(model, line, text, place))
        return exp.Anonymous(this="arm", expressions=[exp.Literal.number(numbers[key]), condition])

    def taken(whole: exp.Expression, text: str, value: exp.Expression) -> exp.If:
        return exp.If(this=counter(whole, text, exp.true()), true=value)

    # from the innermost outwards, each described by the text it had before anything was put into it
    found = list(tree.find_all(exp.Case, exp.Coalesce, exp.Filter))
    texts = {id(node): _texts(node) for node in found}
    originals = {id(node): node.copy() for node in found}
    for node in found:
        originals[id(node)].meta.update({"line": line_of(node), "select": id(node.parent_select)})
    for node in reversed(found):
        whole, words = originals[id(node)], texts[id(node)]
        if isinstance(node, exp.Case):
            whens, subject = node.args["ifs"], node.this
            for when, text in zip(whens, words, strict=False):
                condition = exp.EQ(this=subject.copy(), expression=when.this.copy()) if subject else when.this.copy()
                when.set("this", counter(whole, text, condition))
            otherwise = node.args.get("default") or exp.null()
            node.set("ifs", [*whens, taken(whole, words[-1], otherwise.copy())])
            node.set("default", None)
            node.set("this", None)
        elif isinstance(node, exp.Coalesce):
            arguments = [node.this, *node.expressions]
            whens = [
                exp.If(
                    this=counter(whole, text, exp.paren(argument.copy()).is_(exp.null()).not_()), true=argument.copy()
                )
                for argument, text in zip(arguments, words, strict=True)
            ]
            node.replace(exp.Case(ifs=whens))
        else:
            condition = node.expression.this
            yes = exp.If(this=counter(whole, words[0], condition.copy()), true=exp.true())
            node.expression.set("this", exp.Case(ifs=[yes, taken(whole, words[1], exp.false())]))
    return tree.sql(dialect=engine.DIALECT), arms


def _texts(node: exp.Expression) -> list[str]:
    if isinstance(node, exp.Case):
        subject = f"{node.this.sql(engine.DIALECT)} = " if node.this else ""
        whens = [f"WHEN {subject}{when.this.sql(engine.DIALECT)}" for when in node.args["ifs"]]
        otherwise = node.args.get("default")
        after = "" if len(whens) > 1 else f" after {whens[-1]}"
        return [*whens, (f"ELSE {otherwise.sql(engine.DIALECT)}" if otherwise else "no ELSE") + after]
    if isinstance(node, exp.Coalesce):
        return [
            f"{argument.sql(engine.DIALECT)} of {node.sql(engine.DIALECT)}"
            for argument in (node.this, *node.expressions)
        ]
    condition = node.expression.this.sql(engine.DIALECT)
    return [f"FILTER {condition}", f"FILTER NOT {condition}"]


def line_of(node: exp.Expression) -> int:
    """The first line of the SQL that a part of it stands on, 0 if not known."""
    return min((int(part.meta["line"]) for part in node.walk() if "line" in part.meta), default=0)


def main(folder: Path) -> None:
    """Print the arms that the tests whose counts lie in the folder never reached."""
    _, arms = counted_models()
    missing = never_reached(folder)
    for arm in sorted(missing, key=lambda arm: (arm.model, arm.line)):
        print(arm.name)  # noqa: T201 - a command
    print(f"{len(arms) - len(missing)} of {len(arms)} arms reached")  # noqa: T201 - a command


if __name__ == "__main__":
    main(Path(sys.argv[1]))
