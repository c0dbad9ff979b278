"""Reads surveys: answers are counted on import, and no single answer lands.

Two shapes: a table with a column per question and a row per person, and a plain table with a row per answer, or with a
row per group that is counted already. What lands is one row per question, department and round.
"""

from __future__ import annotations

import contextlib
from dataclasses import replace
from datetime import date

import polars as pl

from connectors.contract import SURVEY_ANSWERS
from connectors.errors import ConfigurationError
from connectors.files.headers import heading_spelling
from connectors.files.mapped_rows import Understood, exclude, is_understood, plain_outcome, read_fields, reject
from connectors.files.profiles import Profile
from connectors.files.refusals import NotDescribed
from connectors.files.table_files import ROW_NUMBER, TextTable
from connectors.files.values import period

SMALLEST_GROUP = 8
LEAST_SMALLEST_GROUP = 5

_GROUP = ["question", "department", "round"]
_ANSWER = "answer"


def read_survey(table: TextTable, profile: Profile, smallest_group: int = SMALLEST_GROUP) -> Understood:
    """Read a survey into rows of ``survey_answers``.

    Every answer is accounted for by itself, also where a row of the file holds several. A question left blank, or
    answered with a word that the profile maps to nothing, is no answer.

    Args:
        table: the file as texts.
        profile: what its columns and answers mean.
        smallest_group: fewer answers from one department to one question do not land (rule ``small_group``).

    Raises:
        ConfigurationError: the file lacks a column the profile needs, or groups would be too small to hide anyone.
    """
    if smallest_group < LEAST_SMALLEST_GROUP:
        raise ConfigurationError(f"a survey's smallest group is at least {LEAST_SMALLEST_GROUP}: choose a larger one")
    table = _one_answer_a_row(table, profile)
    fields = read_fields(table, _with_answer(profile))
    frame = fields.frame
    for name in ("round", "question"):
        frame = reject(frame, "missing", name, pl.col(name).is_null())
    if "department" in profile.columns:
        frame = reject(frame, "missing", "department", pl.col("department").is_null())
    is_counted = "answers" in profile.columns
    frame = _counted(frame) if is_counted else _single(frame, profile)
    size = pl.when(is_understood()).then("answers").otherwise(0).sum().over(_GROUP)
    frame = exclude(frame, "small_group", size < smallest_group)
    rows = frame.filter(is_understood())
    landed = rows.height
    if not is_counted:
        rows = rows.group_by(_GROUP, maintain_order=True).agg(
            pl.col("answers").sum(), pl.col("mean").mean(), pl.col("share_positive").mean()
        )
    return Understood(
        table=SURVEY_ANSWERS.name,
        rows=rows.select(*_GROUP, "answers", "mean", "share_positive"),
        outcome=plain_outcome(frame, pl.lit(None)),
        days=_days(frame["round"]),
        unknown_values=fields.unknown_values,
        landed=landed,
    )


def _one_answer_a_row(table: TextTable, profile: Profile) -> TextTable:
    """A table with a column per question as one with a row per answer; others as they are."""
    there = {heading_spelling(heading): heading for heading in table.headings}
    asked = {name: question.column for name, question in profile.questions.items() if question.column}
    if not asked:
        return table
    missing = [column for column in asked.values() if heading_spelling(column) not in there]
    if missing:
        raise NotDescribed(
            f"{table.name} is not a file that profile {profile.name} describes: it has no column {', '.join(missing)}; "
            "export it again, or choose or write another profile"
        )
    columns = {there[heading_spelling(column)]: name for name, column in asked.items()}
    kept = [ROW_NUMBER, *(heading for heading in table.headings if heading not in columns)]
    frame = table.frame.unpivot(list(columns), index=kept, variable_name="question", value_name=_ANSWER)
    frame = frame.with_columns(pl.col("question").replace_strict(columns))
    headings = (*kept[1:], "question", _ANSWER)
    return replace(table, headings=headings, frame=frame.sort(ROW_NUMBER, maintain_order=True))


def _with_answer(profile: Profile) -> Profile:
    if not any(question.column for question in profile.questions.values()):
        return profile
    names = {name: name for name in profile.questions}
    return profile.model_copy(
        update={
            "columns": {**profile.columns, "question": "question", _ANSWER: _ANSWER},
            "values": {**profile.values, "question": names},
        }
    )


def _counted(frame: pl.DataFrame) -> pl.DataFrame:
    frame = reject(frame, "missing", "answers", pl.col("answers").is_null())
    frame = reject(frame, "negative", "answers", pl.col("answers") < 0)
    frame = reject(frame, "out_of_range", "share_positive", ~pl.col("share_positive").is_between(0, 1))
    return reject(frame, "repeated", "question", is_understood().sum().over(_GROUP) > 1)


def _single(frame: pl.DataFrame, profile: Profile) -> pl.DataFrame:
    """Single answers, one each; positive or not where the profile says from what number an answer is."""
    frame = exclude(frame, "no_answer", pl.col(_ANSWER).is_null() | pl.col(_ANSWER).is_nan())
    starts = [
        pl.when(pl.col("question") == name).then(pl.lit(question.positive_from, pl.Float64))
        for name, question in profile.questions.items()
    ]
    is_positive = pl.col(_ANSWER) >= pl.coalesce([*starts, pl.lit(None, pl.Float64)])
    return frame.with_columns(
        pl.lit(1, pl.Int64).alias("answers"),
        pl.col(_ANSWER).alias("mean"),
        is_positive.cast(pl.Float64).alias("share_positive"),
    )


def _days(rounds: pl.Series) -> pl.Series:
    """The first and last day of the rounds that are named by a year, quarter or month."""
    days: list[date] = []
    for name in rounds.drop_nulls().unique().sort():
        with contextlib.suppress(ConfigurationError):
            days.extend(period(name))
    return pl.Series("round", days, dtype=pl.Date)
