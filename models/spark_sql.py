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
    """A model's SELECT in Spark SQL.

    Raises:
        ModelError: it asks for something that no translation here makes equal.
        sqlglot.errors.UnsupportedError: sqlglot knows no translation.
    """
    tree = sqlglot.parse_one(sql, read=DIALECT)
    # from the inside out: what stands inside a replaced expression is replaced already
    for node in reversed(list(tree.walk())):
        if meaning := _MEANINGS.get(type(node)):
            node.replace(meaning(node))
    return tree.sql(SPARK, comments=False, unsupported_level=sqlglot.ErrorLevel.RAISE)


def _local_time(node: exp.Expression) -> exp.Expression:
    # instant AT TIME ZONE gives local time without a zone; Spark's function gives an instant that reads like it
    return exp.cast(node.copy(), "timestampntz", dialect=DIALECT)


def _difference(node: exp.Expression) -> exp.Expression:
    # DuckDB counts the boundaries between two times, Spark the whole units: 00:00:00.9 to 00:00:01.1 is 1 s or 0 s
    unit = node.text("unit").upper()
    if unit not in _COUNTS:
        raise ModelError(f"no count of {unit} between two times is known to be the same in Spark")
    later, earlier = (_COUNTS[unit](each.copy()) for each in (node.this, node.expression))
    return exp.cast(exp.Paren(this=exp.Sub(this=later, expression=earlier)), "bigint")


def _call(name: str, *arguments: exp.Expression) -> exp.Expression:
    return exp.Anonymous(this=name, expressions=list(arguments))


def _since_epoch(function: str) -> Callable[[exp.Expression], exp.Expression]:
    return lambda time: _call(function, exp.cast(time, "timestamptz"))


def _months(time: exp.Expression) -> exp.Expression:
    years = exp.Mul(this=_call("YEAR", time), expression=exp.Literal.number(12))
    return exp.Paren(this=exp.Add(this=years, expression=_call("MONTH", time.copy())))


_COUNTS: Mapping[str, Callable[[exp.Expression], exp.Expression]] = {
    "MICROSECOND": _since_epoch("UNIX_MICROS"),
    "MILLISECOND": _since_epoch("UNIX_MILLIS"),
    "SECOND": _since_epoch("UNIX_SECONDS"),
    "DAY": lambda time: _call("UNIX_DATE", exp.cast(time, "date")),
    "MONTH": _months,
    "YEAR": lambda time: _call("YEAR", time),
}


def _quotient(node: exp.Expression) -> exp.Expression:
    # DuckDB divides as DOUBLE whatever it divides; Spark divides decimals as decimals
    return exp.Div(this=_as_double(node.this), expression=_as_double(node.expression), typed=True, safe=False)


def _mean(node: exp.Expression) -> exp.Expression:
    # and so with a mean of decimals
    return exp.Avg(this=node.this.copy() if isinstance(node.this, exp.Distinct) else _as_double(node.this))


def _as_double(node: exp.Expression) -> exp.Expression:
    return exp.cast(node.copy(), "double")


def _rounded(node: exp.Expression) -> exp.Expression:
    # DuckDB scales a DOUBLE, rounds it to a whole number and scales it back; Spark rounds the digits it would print
    places = node.args.get("decimals")
    if places is None:
        return node.copy()
    if not places.is_int:
        raise ModelError(f"rounding to {places.sql()} places is not known to be the same in Spark")
    scale = exp.Literal.number(f"{10.0 ** int(places.to_py()):e}")
    whole = exp.Round(this=exp.Mul(this=exp.Paren(this=node.this.copy()), expression=scale))
    return exp.Div(this=whole, expression=scale.copy(), typed=True, safe=False)


def _trimmed(node: exp.Expression) -> exp.Expression:
    # DuckDB trims every kind of space, the one that does not break a line too; Spark the plain one only
    if node.args.get("expression") is not None:
        return node.copy()
    start, end = r"^\p{Zs}+", r"\p{Zs}+$"
    pattern = {"LEADING": start, "TRAILING": end}.get(node.text("position").upper(), f"{start}|{end}")
    arguments = (node.this.copy(), exp.Literal.string(pattern), exp.Literal.string(""))
    return _call("REGEXP_REPLACE", *arguments)


def _weekday(node: exp.Expression) -> exp.Expression:
    # Sunday is 0 in DuckDB and 1 in Spark
    return exp.Paren(this=exp.Sub(this=_call("DAYOFWEEK", node.this.copy()), expression=exp.Literal.number(1)))


def _iso_weekday(node: exp.Expression) -> exp.Expression:
    # Monday is 1 in DuckDB and 0 in Spark
    return exp.Paren(this=exp.Add(this=_call("WEEKDAY", node.this.copy()), expression=exp.Literal.number(1)))




_MEANINGS: Mapping[type[exp.Expression], Callable[[exp.Expression], exp.Expression]] = {
    exp.AtTimeZone: _local_time,
    exp.DateDiff: _difference,
    exp.Div: _quotient,
    exp.Avg: _mean,
    exp.Round: _rounded,
    exp.Trim: _trimmed,
    exp.DayOfWeek: _weekday,
    exp.DayOfWeekIso: _iso_weekday,
}
