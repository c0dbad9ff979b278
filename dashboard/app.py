"""The dashboard: the report's overview of one organisation and period, to click in. Reads published files only."""

from __future__ import annotations

import os
from pathlib import Path

import streamlit as st

from dashboard.launch import DATA_DIR
from dashboard.parts import draw_figure, draw_headlines, draw_table, plain
from reports.errors import ReportError
from reports.followup import FollowUp, follow_up
from reports.language import Language, language
from reports.periods import LanguageCode, Period
from reports.published import Published, current_version, open_published, organisations

_LANGUAGES: dict[LanguageCode, str] = {"sv": "Svenska", "en": "English"}
_SECONDS_BETWEEN_LOOKS = 60


def main() -> None:
    """The whole page."""
    st.set_page_config(page_title="resfri", layout="wide")
    code = st.sidebar.selectbox("Språk / Language", _LANGUAGES, format_func=lambda key: _LANGUAGES[key], key="language")
    say = language(code)
    folder = os.environ.get(DATA_DIR, "")
    if not folder or not Path(folder).is_dir():
        st.error(plain(say("dashboard.no_folder", folder=folder or DATA_DIR)))
        return
    names = organisations(Path(folder))
    if not names:
        st.info(plain(say("dashboard.nothing")))
        return
    organisation = st.sidebar.selectbox(say("dashboard.organisation"), names, key="organisation")
    try:
        _organisation(Path(folder) / organisation / "published", organisation, say)
    except ReportError as error:
        st.error(plain(say("dashboard.unreadable", message=str(error))))


def _organisation(folder: Path, organisation: str, say: Language) -> None:
    version = current_version(folder, organisation)
    published = _read(folder, organisation, version)
    _watch(folder, organisation, version)
    # what can be compared comes first: a period of the baseline has little to say
    ordered = sorted(published.periods(), key=published.is_in_baseline)
    periods = {period.text: period for period in ordered}
    if not periods:
        st.info(plain(say("dashboard.nothing")))
        return
    chosen = st.sidebar.selectbox(
        say("dashboard.period"), list(periods), format_func=lambda text: say.period(periods[text]), key="period"
    )
    _page(follow_up(published, periods[chosen], say.code), periods[chosen])


@st.cache_resource(max_entries=8, show_spinner=False)
def _read(folder: Path, organisation: str, version: str) -> Published:  # noqa: ARG001 - a new version is read anew
    return open_published(folder, organisation)


@st.fragment(run_every=_SECONDS_BETWEEN_LOOKS)
def _watch(folder: Path, organisation: str, version: str) -> None:
    """Draw the page again when a new version has been published."""
    if current_version(folder, organisation) != version:
        st.rerun()


def _page(report: FollowUp, period: Period) -> None:
    say, published = report.subject.language, report.subject.published
    st.title(plain(f"{published.name}, {say.period(period)}"))
    st.markdown(plain(" ".join(report.introduction)))
    st.caption(plain(say("dashboard.version", version=published.version, day=say.day(published.as_of))))
    st.caption(plain(say("dashboard.accessible")))
    overview, missing = st.tabs([say("dashboard.overview"), say("dashboard.coverage")])
    with overview:
        draw_headlines(report.headlines)
        st.header(say("section.pictures"), anchor=False)
        for figure in report.figures:
            draw_figure(figure, say)
        st.header(say("section.departments"), anchor=False)
        st.markdown(plain(report.departments_note))
        for table in (report.departments, report.elected):
            draw_table(table)
        st.header(say("section.remm"), anchor=False)
        for _, table in report.remm:
            draw_table(table)
    with missing:
        st.markdown(plain(" ".join(filter(None, (say("missing.intro"), report.withheld)))))
        draw_table(report.coverage, say("missing.no_coverage"))
        draw_table(report.gaps, say("missing.no_gaps"))
        draw_table(report.coverage_months)


main()
