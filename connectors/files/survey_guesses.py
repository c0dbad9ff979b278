"""Tells which columns of a survey are questions on a scale, and from what number an answer is positive."""

from __future__ import annotations

import re
from collections.abc import Mapping

import polars as pl

from connectors.files import values
from connectors.files.synonyms import Synonyms
from connectors.files.table_files import TextTable
from connectors.files.values import NumberStyle

_HIGHEST_SCORE = 10
_SHARE_READ = 0.8
_POSITIVE_FROM = {1.0: 1.0, 4.0: 3.0, 5.0: 4.0, 7.0: 5.0, 10.0: 7.0}
"""Highest number of a scale to the lowest that says yes to it."""


def questions_of(
    table: TextTable, asked: Mapping[str, str], words: Synonyms, long: Mapping[str, str]
) -> dict[str, dict[str, object]]:
    """Question by identifier, with its column where it has one of its own.

    Args:
        table: the file as texts.
        asked: question as written to the column with its answers.
        words: of surveys.
        long: field to heading, in a table with a row per answer; none where each question has a column.
    """
    found: dict[str, dict[str, object]] = {}
    for text, column in asked.items():
        answers = table.frame[column]
        if long:
            is_asked = table.frame.select(values.spelling(pl.col(long["question"])) == text).to_series()
            answers = answers.filter(is_asked.fill_null(value=False))
        scores = _scores(answers, words)
        if scores is None:
            continue
        top = min(end for end in _POSITIVE_FROM if scores.max() is not None and end >= float(str(scores.max())))
        question: dict[str, object] = {"positive_from": _POSITIVE_FROM[top]}
        found[identifier(text)] = question if long else {"column": column, **question}
    return found


def identifier(text: str) -> str:
    """A question's text as a short name."""
    plain = text.lower().translate(str.maketrans("åäöé", "aaoe"))
    return re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:60] or "question"


def _scores(answers: pl.Series, words: Synonyms) -> pl.Series | None:
    """Answers as numbers; None where too few are, or they are beyond any scale."""
    known = {spelling: str(meaning) for spelling, meaning in words.values["answer"].items()}
    frame = answers.drop_nulls().to_frame("text")
    spelled = values.spelling(pl.col("text"))
    mapped = spelled.replace_strict(list(known), list(known.values()), default=None, return_dtype=pl.String)
    labelled = pl.col("text").str.extract(r"^(\d{1,2})\s*[-–=:.)]\s*\D", 1)
    number = values.number(pl.col("text"), NumberStyle(","))
    read = frame.select(
        score=pl.coalesce(mapped.cast(pl.Float64, strict=False), number, labelled.cast(pl.Float64, strict=False)),
        is_read=mapped.is_not_null() | number.is_not_null() | labelled.is_not_null(),
    )
    scores = read["score"].drop_nulls()
    if scores.is_empty() or (read["is_read"].mean() or 0) < _SHARE_READ:  # type: ignore[operator]
        return None
    return scores if scores.is_between(0, _HIGHEST_SCORE).all() else None
