"""The models' DuckDB SQL as Spark SQL with the same result.

sqlglot translates the words. Where both engines know the words and mean different things, the meaning is put right
here, and only here; every entry of ``_MEANINGS`` says why it is needed. The session that runs the result has UTC as its
time zone and ANSI mode on (see ``models.spark``). What cannot be put right is not written in models; the rules are
tested in ``tests/test_engine.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache

import sqlglot
from sqlglot import exp

from models.engine import DIALECT, ModelError

SPARK = "spark"

_TYPES = {
    "VARCHAR": "STRING",
    "INTEGER": "INT",
    "TIMESTAMP WITH TIME ZONE": "TIMESTAMP",
    "TIMESTAMP": "TIMESTAMP_NTZ",
}
_SAME_TYPES = ("BIGINT", "SMALLINT", "TINYINT", "DOUBLE", "FLOAT", "BOOLEAN", "DATE", "DECIMAL")


def spark_type(duckdb_type: str) -> str:
    """Spark's name of a DuckDB type.

    Raises:
        ModelError: the type has no equal in Spark, or no model has needed it yet.
    """
    if duckdb_type in _TYPES:
        return _TYPES[duckdb_type]
    if duckdb_type.partition("(")[0] in _SAME_TYPES:
        return duckdb_type
    raise ModelError(f"the type {duckdb_type} is not known to be the same in Spark")


@cache
def to_spark(sql: str) -> str:
    """A SELECT of DuckDB in Spark SQL.

    Raises:
        ModelError: it asks for something that no translation here makes equal.
        sqlglot.errors.UnsupportedError: sqlglot knows no translation.
    """
    return _translated(sqlglot.parse_one(sql, read=DIALECT))


@cache
def steps(name: str, sql: str) -> Mapping[str, str]:
    """A model as the queries that Spark runs one after the other, in Spark SQL; the last one is the model.

    DuckDB computes a common table expression once. Spark puts its text wherever it is named, and so those in it: where
    four each name the one before twice, the first is computed sixteen times. Those that would be computed again from
    many tables become steps of their own.

    Returns:
        Name of the result to query; a query may read the results before it.
    """
    tree = sqlglot.parse_one(sql, read=DIALECT)
    clause = tree.args.get("with_")
    ctes: list[exp.Expr] = clause.expressions if clause else []
    tree.set("with_", None)
    around: list[exp.Expr] = []
    found: dict[str, str] = {}
    scans: dict[str, int] = {}
    for position, cte in enumerate(ctes):
        readers = [
            table
            for query in (*ctes[position + 1 :], tree)
            for table in query.find_all(exp.Table)
            if table.name == cte.alias
        ]
        scans[cte.alias] = sum(scans.get(table.name, 1) for table in cte.this.find_all(exp.Table))
        if scans[cte.alias] < _MANY or len(readers) < 2:
            around.append(cte)
            continue
        step = f"{name}__{cte.alias}"
        found[step] = _translated(_alone(cte.this, around))
        scans[cte.alias] = 1
        for table in readers:
            alias = table.alias_or_name
            table.set("this", exp.to_identifier(step))
            table.set("alias", exp.TableAlias(this=exp.to_identifier(alias)))
    return {**found, name: _translated(_alone(tree, around))}


_MANY = 6
"""From so many tables read on, writing a result down and reading it back costs less than computing it twice."""


def _alone(query: exp.Expr, around: list[exp.Expr]) -> exp.Expr:
    """A query with the common table expressions it needs of those before it, and no others."""
    alone = query.copy()
    names = {table.name for table in alone.find_all(exp.Table)}
    needed: list[exp.Expr] = []
    for cte in reversed(around):
        if cte.alias in names:
            needed.insert(0, cte.copy())
            names |= {table.name for table in cte.find_all(exp.Table)}
    if needed:
        alone.set("with_", exp.With(expressions=needed))
    return alone


def _translated(tree: exp.Expr) -> str:
    # from the inside out: what stands inside a replaced expression is replaced already
    for node in reversed(list(tree.walk())):
        if meaning := _MEANINGS.get(type(node)):
            node.replace(meaning(node))
    return tree.sql(SPARK, comments=False, unsupported_level=sqlglot.ErrorLevel.RAISE)


def _local_time(node: exp.Expr) -> exp.Expr:
    # instant AT TIME ZONE gives local time without a zone; Spark's function gives an instant that reads like it
    return exp.cast(node.copy(), "timestampntz", dialect=DIALECT)


def _difference(node: exp.Expr) -> exp.Expr:
    # DuckDB counts the boundaries between two times, Spark the whole units: 00:00:00.9 to 00:00:01.1 is 1 s or 0 s
    unit = node.text("unit").upper()
    if unit not in _COUNTS:
        raise ModelError(f"no count of {unit} between two times is known to be the same in Spark")
    later, earlier = (_COUNTS[unit](each.copy()) for each in (node.this, node.expression))
    return exp.cast(exp.Paren(this=exp.Sub(this=later, expression=earlier)), "bigint")


def _call(name: str, *arguments: exp.Expr) -> exp.Expr:
    return exp.Anonymous(this=name, expressions=list(arguments))


def _function(node: exp.Expr) -> exp.Expr:
    # what sqlglot does not know it leaves as it is
    name = _FUNCTIONS.get(node.name.upper())
    return _call(name, *(each.copy() for each in node.expressions)) if name else node.copy()


_FUNCTIONS: Mapping[str, str] = {"EPOCH_US": "UNIX_MICROS"}
"""Functions of DuckDB that have another name in Spark."""


def _since_epoch(function: str) -> Callable[[exp.Expr], exp.Expr]:
    return lambda time: _call(function, exp.cast(time, "timestamptz"))


def _months(time: exp.Expr) -> exp.Expr:
    years = exp.Mul(this=_call("YEAR", time), expression=exp.Literal.number(12))
    return exp.Paren(this=exp.Add(this=years, expression=_call("MONTH", time.copy())))


_COUNTS: Mapping[str, Callable[[exp.Expr], exp.Expr]] = {
    "MICROSECOND": _since_epoch("UNIX_MICROS"),
    "MILLISECOND": _since_epoch("UNIX_MILLIS"),
    "SECOND": _since_epoch("UNIX_SECONDS"),
    "DAY": lambda time: _call("UNIX_DATE", exp.cast(time, "date")),
    "MONTH": _months,
    "YEAR": lambda time: _call("YEAR", time),
}


def _quotient(node: exp.Expr) -> exp.Expr:
    # DuckDB divides as DOUBLE whatever it divides; Spark divides decimals as decimals
    return exp.Div(this=_as_double(node.this), expression=_as_double(node.expression), typed=True, safe=False)


def _mean(node: exp.Expr) -> exp.Expr:
    # and so with a mean of decimals
    return exp.Avg(this=node.this.copy() if isinstance(node.this, exp.Distinct) else _as_double(node.this))


def _as_double(node: exp.Expr) -> exp.Expr:
    return exp.cast(node.copy(), "double")


def _rounded(node: exp.Expr) -> exp.Expr:
    # DuckDB scales a DOUBLE, rounds it to a whole number and scales it back; Spark rounds the digits it would print
    places = node.args.get("decimals")
    if places is None:
        return node.copy()
    if not places.is_int:
        raise ModelError(f"rounding to {places.sql()} places is not known to be the same in Spark")
    scale = exp.Literal.number(f"{10.0 ** int(places.to_py()):e}")
    whole = exp.Round(this=exp.Mul(this=exp.Paren(this=node.this.copy()), expression=scale))
    return exp.Div(this=whole, expression=scale.copy(), typed=True, safe=False)


def _trimmed(node: exp.Expr) -> exp.Expr:
    # DuckDB trims every kind of space, the one that does not break a line too; Spark the plain one only
    if node.args.get("expression") is not None:
        return node.copy()
    start, end = r"^\p{Zs}+", r"\p{Zs}+$"
    pattern = {"LEADING": start, "TRAILING": end}.get(node.text("position").upper(), f"{start}|{end}")
    arguments = (node.this.copy(), exp.Literal.string(pattern), exp.Literal.string(""))
    return _call("REGEXP_REPLACE", *arguments)


def _weekday(node: exp.Expr) -> exp.Expr:
    # Sunday is 0 in DuckDB and 1 in Spark
    return exp.Paren(this=exp.Sub(this=_call("DAYOFWEEK", node.this.copy()), expression=exp.Literal.number(1)))


def _iso_weekday(node: exp.Expr) -> exp.Expr:
    # Monday is 1 in DuckDB and 0 in Spark
    return exp.Paren(this=exp.Add(this=_call("WEEKDAY", node.this.copy()), expression=exp.Literal.number(1)))


_MEANINGS: Mapping[type[exp.Expr], Callable[[exp.Expr], exp.Expr]] = {
    exp.Anonymous: _function,
    exp.AtTimeZone: _local_time,
    exp.DateDiff: _difference,
    exp.Div: _quotient,
    exp.Avg: _mean,
    exp.Round: _rounded,
    exp.Trim: _trimmed,
    exp.DayOfWeek: _weekday,
    exp.DayOfWeekIso: _iso_weekday,
}
