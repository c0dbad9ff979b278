"""What a report says: the published figures, the reasons for what is missing, and what a comparison rests on."""

from __future__ import annotations

from pathlib import Path

import pytest

from reports.content import Headline, Table, TableCell
from reports.coverage import left_out
from reports.errors import NothingPublished, PeriodUnknown, PublishedFileUnreadable, ReportError
from reports.followup import FollowUp, follow_up
from reports.periods import LanguageCode, parse_period
from reports.published import open_published, organisations
from tests.published_fixture import (
    FTE,
    ORGANISATION,
    SEASON,
    VERSION,
    build_published,
    change_published,
    lose_everything,
)


@pytest.fixture(scope="module")
def whole_year(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_published(tmp_path_factory.mktemp("whole"), missing=None)


@pytest.fixture(scope="module")
def gap_in_march(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_published(tmp_path_factory.mktemp("march"))


@pytest.fixture(scope="module")
def without_staff(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_published(tmp_path_factory.mktemp("staffless"), has_staff=False, missing=None)


def _report(published: Path, period: str = "2026", code: LanguageCode = "sv") -> FollowUp:
    return follow_up(open_published(published, ORGANISATION), parse_period(period), code)


def _headline(report: FollowUp, id_: str) -> Headline:
    return next(headline for headline in report.headlines if headline.id == id_)


def _said(headline: Headline) -> str:
    return " ".join((*headline.sentences, *headline.notes)).replace("\u00a0", " ")


def _line(table: Table | None, name: str) -> tuple[TableCell, ...]:
    assert table is not None
    return next(row for row in table.rows if row[0].text.startswith(name))


def _remm(report: FollowUp, name: str, view: int = 0) -> tuple[TableCell, ...]:
    return _line(report.remm[view][1], name)


def _cells(report: FollowUp) -> list[TableCell]:
    tables = (
        report.departments,
        report.elected,
        report.coverage,
        report.gaps,
        *(table for _, table in report.remm),
        *(figure.table for figure in report.figures),
    )
    return [cell for table in tables if table for row in table.rows for cell in row]


def test_a_year_with_everything_says_the_published_figures(whole_year: Path) -> None:
    report = _report(whole_year)
    replacement = _headline(report, "replacement")
    assert replacement.value == "31\u00a0%"
    assert "31 % av de tjänsteresor som kunde väntas utifrån 2025 gjordes inte." in _said(replacement)
    assert "Sannolikt mellan 25 % och 36 %." in _said(replacement)
    assert "inte varför" in _said(replacement)
    assert _headline(report, "trips").value == "−31\u00a0%"
    trips = 0.145 * sum(SEASON)
    assert f"{trips:.2f}".replace(".", ",") + " resor per årsarbetskraft mot 2,44." in _said(_headline(report, "trips"))
    assert _remm(report, "Antal tjänsteresor")[1].number == pytest.approx(trips)
    assert "Jämförelsen gäller" not in _said(replacement)


def test_a_comparison_over_part_of_the_months_says_so_everywhere(gap_in_march: Path) -> None:
    report = _report(gap_in_march)
    assert "Jämförelsen gäller 11 av periodens 12 månader. Inte med: mars 2026 (underlag saknas)." in _said(
        _headline(report, "replacement")
    )
    for id_ in ("trips", "co2"):
        assert "Jämförelsen gäller 11 av periodens 12 månader." in _said(_headline(report, id_))
        assert "Nivån för 2026 redovisas inte: underlag saknas." in _said(_headline(report, id_))
    assert "11 av periodens 12" in report.departments_note
    assert "11 av periodens 12" in _remm(report, "Antal tjänsteresor")[4].text
    assert "resor 11\u00a0av\u00a012" in report.introduction[1]
    trips = report.figures[0]
    assert trips.missing == ("mar",)
    assert trips.table.rows[2][1].why == "underlag saknas"


def test_a_share_that_needs_a_missing_source_is_not_zero(gap_in_march: Path) -> None:
    share = _headline(_report(gap_in_march), "share")
    assert share.is_missing
    assert (share.value, share.sentences) == ("Uppgift saknas", ("Underlag har inte kommit in för hela perioden.",))


def test_months_without_a_counterpart_or_staff_are_left_out_with_the_reason(tmp_path: Path) -> None:
    published = build_published(tmp_path, missing=None)
    change_published(
        published,
        "UPDATE out_settings SET value = '2025-06' WHERE setting = 'baseline_to'",
        "UPDATE out_settings SET value = '2025-01/2025-06' WHERE setting = 'baseline_label'",
        "UPDATE out_indicators SET baseline = '2025-01/2025-06' WHERE baseline = '2025'",
        f"INSERT INTO out_gaps VALUES ('{ORGANISATION}', 'staff', DATE '2025-02-01', 'no_staff', 1, 1.0, NULL)",
    )
    report = _report(published)
    found = left_out(report.subject, "per_fte")
    assert {month.month: why for month, why in found.items()} == {2: "no_staff"} | dict.fromkeys(
        range(7, 13), "no_baseline"
    )
    assert set(left_out(report.subject, "total").values()) == {"no_baseline"}
    assert "januari 2025–juni 2025" in report.introduction[0]
    assert "Jämförelsen gäller 5 av periodens 12 månader." in _said(_headline(report, "replacement"))


def test_without_staff_counts_are_shown_and_said_to_be_counts(without_staff: Path) -> None:
    report = _report(without_staff)
    replacement = _headline(report, "replacement")
    assert replacement.value == "31\u00a0%"
    assert "Räknat i antal resor, eftersom antalet årsarbetskrafter inte är känt." in _said(replacement)
    meetings = _headline(report, "meetings")
    number = f"{3.6 * sum(SEASON) * FTE:,.0f}".replace(",", "\u00a0")
    assert (meetings.label, meetings.value) == ("Antal digitala möten", number)
    assert "per årsarbetskraft" not in _said(meetings)
    trips = _headline(report, "trips")
    assert trips.label == "Antal tjänsteresor"
    assert "resor mot" in _said(trips)
    assert report.figures[0].title == "Antal tjänsteresor"
    assert not report.figures[3].is_empty
    assert report.departments is not None
    assert report.departments.columns[1:3] == ("Digitala möten (ordnade)", "Tjänsteresor")
    assert all(row[2].number for row in report.departments.rows)
    line = _remm(report, "Antal tjänsteresor")
    assert (line[1].number, line[1].why) == (None, "årsarbetskrafter saknas")
    assert "Antalet är" in line[4].text
    assert "räknad i antal" in line[4].text


def test_unknown_purpose_is_stated_beside_the_replacement_rate(whole_year: Path) -> None:
    # 0.6 meeting and 0.15 unknown are counted; service trips are not.
    assert "20 % av de resor som räknas har okänt syfte." in _said(_headline(_report(whole_year), "replacement"))


def test_a_period_of_the_baseline_is_not_compared_with_itself(gap_in_march: Path) -> None:
    report = _report(gap_in_march, "2025-Q2")
    assert "Ingen förändring räknas" in report.introduction[0]
    for id_ in ("replacement", "trips", "co2"):
        headline = _headline(report, id_)
        assert (headline.value, headline.is_missing) == ("Jämförs inte", True)
    assert _headline(report, "meetings").value != ""
    assert report.departments is not None
    assert {row[4].why for row in report.departments.rows} == {"jämförs inte"}
    assert report.figures[3].series == ("andra kvartalet 2025",)


@pytest.mark.parametrize("code", ["sv", "en"])
@pytest.mark.parametrize("period", ["2026", "2026-Q1", "2026-03", "2025", "2025-07/2026-06"])
def test_where_nothing_is_known_no_cell_holds_a_number(tmp_path: Path, code: LanguageCode, period: str) -> None:
    published = build_published(tmp_path)
    lose_everything(published)
    report = _report(published, period, code)
    assert all(headline.is_missing for headline in report.headlines)
    assert all(figure.is_empty for figure in report.figures)
    figures = [cell for cell in _cells(report) if cell.indicator]
    assert figures == []
    coverage = _line(report.coverage, "Microsoft Teams")
    assert coverage[5].why  # not "0 records could not be read": nothing was handed over
    assert coverage[5].number is None


def test_every_missing_figure_says_why(gap_in_march: Path) -> None:
    for period in ("2026", "2026-Q1", "2026-03", "2025"):
        dashes = [cell for cell in _cells(_report(gap_in_march, period)) if cell.text == "—" and not cell.is_missing]
        # the only plain dash: the share of months with fewer records than k
        assert len(dashes) <= 1


@pytest.mark.parametrize(
    "department, column, why",
    [("Kultur och fritid", 4, "för få resor"), ("Små enheter", 3, "för få personer")],
)
def test_departments_show_the_reason_in_place_of_the_figure(
    whole_year: Path, department: str, column: int, why: str
) -> None:
    cell = _line(_report(whole_year).departments, department)[column]
    assert (cell.number, cell.why) == (None, why)


@pytest.mark.parametrize("period", ["2026-06", "2025-07/2026-06"])
def test_departments_are_only_given_for_quarters_and_years(whole_year: Path, period: str) -> None:
    report = _report(whole_year, period)
    assert report.departments is None
    assert "per kvartal och kalenderår" in report.departments_note


def test_different_sources_on_the_two_sides_are_named(tmp_path: Path) -> None:
    published = build_published(tmp_path, missing=None)
    change_published(
        published, "UPDATE out_coverage SET source = 'skype' WHERE source = 'teams' AND month < DATE '2026-01-01'"
    )
    assert "olika källor: 2025 skype, nu Microsoft Teams" in _said(_headline(_report(published), "meetings"))


@pytest.mark.parametrize(
    "low, high, value, said",
    [
        (-0.1, 0.2, 0.05, "inte går att säga"),
        (-0.3, -0.1, -0.2, "20 % fler än vad som kunde väntas"),
        (-0.1, 0.1, 0.0, "lika många"),
    ],
)
def test_the_replacement_rate_in_words(tmp_path: Path, low: float, high: float, value: float, said: str) -> None:
    published = build_published(tmp_path, missing=None)
    change_published(
        published,
        f"UPDATE out_indicators SET value = {value}, low = {low}, high = {high} WHERE indicator = 'replacement_rate' "
        "AND value IS NOT NULL",
    )
    assert said in _said(_headline(_report(published), "replacement"))


def test_records_of_too_few_people_are_not_written_as_a_number(whole_year: Path) -> None:
    gaps = _report(whole_year).gaps
    assert gaps is not None
    extents = {row[1].text: row[2].text for row in gaps.rows}
    assert extents["orimlig restid"] == "antalet redovisas inte, för få personer"
    assert extents["avstånd saknas"] == "84 poster"


@pytest.mark.parametrize(
    "months, text, number",
    [("01", "minst 88", None), ("01|02|03|04|05|06|07|08|09|10|11|12", "—", None), ("", "96", 96)],
)
def test_records_of_months_without_a_count_are_not_taken_for_none(
    tmp_path: Path, months: str, text: str, number: int | None
) -> None:
    published = build_published(tmp_path)
    change_published(
        published,
        "UPDATE out_coverage SET pulled = NULL, excluded = NULL WHERE source = 'teams' "
        f"AND regexp_full_match(strftime(month, '%m'), '{months}')",
    )
    cell = _line(_report(published).coverage, "Microsoft Teams")[6]
    assert (cell.text, cell.number) == (text, number)


def test_settings_factors_and_method_are_printed(whole_year: Path) -> None:
    report = _report(whole_year)
    printed = {row[0].text: row[1].text for row in report.settings.rows}
    assert printed["Gräns mellan kort och lång resa"] == "100 km enkel resa"
    assert printed["Minsta kända andel"] == "80\u00a0%"
    factors = {row[0].text: row for row in report.factors.rows}
    assert factors["Bil, bensin"][3].number == 0.167
    assert factors["Färja"][3].is_missing
    assert {note.indicator for note in report.methods} >= {"replacement_rate", "trips_per_fte"}


def test_what_cannot_be_opened_is_an_error_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(NothingPublished, match="resfri run"):
        open_published(tmp_path / "none" / "published", "none")
    published = build_published(tmp_path)
    with pytest.raises(PeriodUnknown, match="only closed periods"):
        _report(published, "2031")
    with pytest.raises(PublishedFileUnreadable, match="another organisation"):
        open_published(published, "annanby")
    (published / VERSION / "resfri.duckdb").write_bytes(b"not a database" * 100)
    with pytest.raises(PublishedFileUnreadable, match="ublish again") as raised:
        open_published(published, ORGANISATION)
    assert "\n" not in str(raised.value)
    (published / "CURRENT").write_text("../elsewhere", encoding="utf-8")
    with pytest.raises(ReportError, match="CURRENT names"):
        open_published(published, ORGANISATION)


def test_organisations_are_those_with_something_published(tmp_path: Path) -> None:
    build_published(tmp_path, "b-by")
    build_published(tmp_path, "a-by")
    (tmp_path / "c-by" / "published").mkdir(parents=True)
    assert organisations(tmp_path) == ["a-by", "b-by"]


@pytest.mark.parametrize("text", ["2026", "2026-Q2", "2026-06", "2025-11/2026-10"])
def test_a_period_reads_back_as_it_is_written(text: str) -> None:
    assert parse_period(text).text == text


@pytest.mark.parametrize("text", ["", "26", "2026-13", "2026-Q5", "2025-11/2026-11", "0000-01", "2026-06-01"])
def test_what_is_not_a_period_is_refused(text: str) -> None:
    with pytest.raises(PeriodUnknown):
        parse_period(text)
