"""The report's headlines, figures and tables as parts of a Streamlit page."""

from __future__ import annotations

import re
from collections.abc import Sequence

import polars as pl
import streamlit as st

from reports.charts import chart
from reports.content import Figure, Headline, Table, TableCell
from reports.language import Language

_MARKUP = re.compile(r"([\\`*_\[\]{}<>#$~:|!])")


def plain(text: str) -> str:
    """Text for Streamlit, which reads every text as Markdown: nothing in it is markup."""
    return _MARKUP.sub(r"\\\1", text)


def draw_headlines(headlines: Sequence[Headline]) -> None:
    """The first headline in full width, the others two by two: narrower, their words would be cut off."""
    _headline(headlines[0])
    for first in range(1, len(headlines), 2):
        for column, headline in zip(st.columns(2), headlines[first : first + 2], strict=False):
            with column:
                _headline(headline)


def _headline(headline: Headline) -> None:
    with st.container(border=True):
        st.metric(plain(headline.label), headline.value)
        st.markdown(plain(" ".join(headline.sentences)))
        for note in headline.notes:
            st.markdown(plain(note))


def draw_figure(figure: Figure, say: Language) -> None:
    """A figure with its text and the table that says the same."""
    st.subheader(plain(figure.title), anchor=False)
    st.markdown(plain(figure.takeaway))
    if figure.is_empty:
        st.info(say("document.no_picture"))
    else:
        st.caption(plain(figure.axis))
        st.altair_chart(chart(figure, say), width="stretch", theme=None, alt=figure.alt, key=f"figure-{figure.id}")
        if figure.notes:
            st.markdown(plain(" ".join(figure.notes)))
    with st.expander(say("document.show_table")):
        draw_table(figure.table)


def draw_table(table: Table | None, otherwise: str = "") -> None:
    """A table of text, each missing figure with its reason; a sentence where there is no table."""
    if table is None:
        if otherwise:
            st.markdown(plain(otherwise))
        return
    st.caption(plain(table.caption))
    columns = {plain(name): [_text(row[i]) for row in table.rows] for i, name in enumerate(table.columns)}
    st.table(pl.DataFrame(columns), border="horizontal", hide_index=True, alt=table.caption)


def _text(cell: TableCell) -> str:
    return plain(f"{cell.text} {cell.why}".strip())
