"""Teams by the vendor's own count: reports laid ready on another host, added up before anything lands."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest

pytest.register_assert_rewrite("tests.contract_suite")

from connectors.errors import RetryLater, VendorChanged  # noqa: E402
from connectors.microsoft import teams_usage  # noqa: E402
from connectors.microsoft.usage_reports import DAY_HEADINGS, PERSON_HEADINGS, read_days, read_period  # noqa: E402
from connectors.pull import next_window  # noqa: E402
from connectors.source import local_midnight  # noqa: E402
from connectors.transport import Network  # noqa: E402
from tests.contract_suite import FAILURES, SourceContract, fill, rig_for  # noqa: E402
from tests.graph_double import UsageDouble  # noqa: E402
from tests.pull_rig import NAME, NOW, START, WINDOW  # noqa: E402
from tests.vendor_double import Answer  # noqa: E402

SAMPLES = Path(__file__).parents[1].parent / "shared" / "reference" / "samples"
DAY = date(2026, 10, 30)
OLD_DAYS = ("Report Refresh Date", "Report Date", "Calls", "Meetings", "Report Period")
OLD_PEOPLE = ("Report Refresh Date", "User Principal Name", "Last Activity Date", "Is Deleted", "Deleted Date",
              "Assigned Products", "Team Chat Message Count", "Private Chat Message Count", "Call Count",
              "Meeting Count", "Has Other Action", "Report Period")  # fmt: skip


@pytest.fixture
def vendor(tmp_path):
    with UsageDouble(tmp_path / "vendor") as double:
        yield double


@pytest.fixture
def rig(vendor, tmp_path):
    return rig_for(vendor, tmp_path / "org")


def day(**numbers):
    return {"Report Refresh Date": "2026-11-01", "Report Date": DAY.isoformat(), "Report Period": "180", **numbers}


def person(name, **numbers):
    headings = {"organised": "Meetings Organized Count", "attended": "Meetings Attended Count",
                "meetings": "Meeting Count", "calls": "Call Count"}  # fmt: skip
    told = {headings[field]: number for field, number in numbers.items()}
    return {"Report Refresh Date": "2026-11-01", "Report Period": "30", "User Principal Name": name, **told}


def totals(rig):
    columns = "period_from period_to platform modality role basis meetings people".split()
    rows = rig.rows("meeting_totals").sort("period_from", "role", "basis")
    assert rows["department"].null_count() == rows.height
    return rows.select(columns).rows()


@pytest.mark.parametrize(
    ("numbers", "landed"),
    [
        ({"Meetings Organized": "40", "Meetings Attended": "200", "Meetings": "210", "Calls": "12"},
         [("attended", "vendor_report", 200), ("organised", "vendor_report", 40), ("unknown", "one_to_one", 12)]),
        ({"Meetings": "210", "Calls": "0"}, [("unknown", "one_to_one", 0), ("unknown", "vendor_report", 210)]),
        ({"Meetings Attended": "200"}, [("attended", "vendor_report", 200)]),
        ({}, []),
    ],
)  # fmt: skip
def test_a_day_lands_in_the_role_that_its_column_says(vendor, rig, numbers, landed):
    vendor.rows["r0"] = day(**numbers)
    assert rig.pull().landed == 1
    assert totals(rig) == [(DAY, DAY, "teams", "unknown", role, basis, number, None) for role, basis, number in landed]


def test_an_old_report_says_nothing_of_roles(vendor, rig):
    vendor.day_headings, vendor.person_headings = OLD_DAYS, OLD_PEOPLE
    vendor.rows["r0"] = day(Meetings="210", Calls="12")
    vendor.people_rows = [person("A", meetings="3", calls="1"), person("B", meetings="2", calls="0")]
    rig.pull()
    first = date(2026, 10, 3)
    assert totals(rig) == [
        (first, date(2026, 11, 1), "teams", "unknown", "attended", "one_to_one", 1, 1),
        (first, date(2026, 11, 1), "teams", "unknown", "unknown", "vendor_report", 5, 2),
        (DAY, DAY, "teams", "unknown", "unknown", "one_to_one", 12, None),
        (DAY, DAY, "teams", "unknown", "unknown", "vendor_report", 210, None),
    ]


@pytest.mark.parametrize("names", [("anna.ek@exempelby.example", "bo.lind@exempelby.example"), ("F5BC", "0A1D")])
def test_people_named_or_concealed_are_only_added_up(vendor, rig, names):
    numbers = ({"organised": "2", "attended": "5", "calls": "3"}, {"organised": "0", "attended": "4", "calls": "1"})
    vendor.people_rows = [person(name, **each) for name, each in zip(names, numbers, strict=True)]
    outcome = rig.pull()
    assert (outcome.pulled, outcome.landed) == (1, 1)
    assert [row[4:] for row in totals(rig)] == [
        ("attended", "one_to_one", 4, 2),
        ("attended", "vendor_report", 9, 2),
        ("organised", "vendor_report", 2, 1),
    ]
    written = {
        str(value) for path in rig.folder.rglob("*.parquet") for row in pl.read_parquet(path).rows() for value in row
    }
    assert not [name for name in names if any(name in value for value in written)]


def test_a_number_that_is_missing_for_somebody_has_no_total(vendor, rig):
    vendor.people_rows = [person("A", organised="2", attended=""), person("B", organised="1", attended="4")]
    rig.pull()
    assert [row[4:] for row in totals(rig)] == [("organised", "vendor_report", 3, 2)]


def test_settings_can_leave_people_out(vendor, rig):
    vendor.people_rows = [person("A", organised="2")]
    rig.raw_settings = {**rig.raw_settings, "people_period": None}
    assert rig.pull().pulled == 0
    assert [request.path for request in vendor.downloads] == ["/data/download/getTeamsUserActivityCounts"]


def test_only_days_that_the_report_tells_of_count_as_read(vendor, rig):
    for number in (9, 10):
        vendor.put(f"r{number}", START)
    rig.pull()
    found = rig.rows("pulls").row(0, named=True)
    assert (found["status"], found["window_from"]) == ("complete", WINDOW.start)
    assert found["window_to"] == local_midnight(DAY + timedelta(days=1))
    settings = vendor.source.settings.model_validate(rig.raw_settings)
    following = next_window(vendor.source, settings, found["window_to"], NOW)
    assert following.start == min(found["window_to"], local_midnight(DAY))
    assert next_window(vendor.source, settings, None, NOW).start < NOW - timedelta(days=179)


def test_nothing_of_ours_goes_to_the_host_of_the_report(vendor, rig, monkeypatch, tmp_path):
    secrets = tmp_path / "netrc"
    secrets.write_text("default login anna password ek\n")
    monkeypatch.setenv("NETRC", str(secrets))
    vendor.put("r0", START)
    rig.pull()
    assert len(vendor.downloads) == 2
    for request in vendor.downloads:
        assert not {"authorization", "cookie", "proxy-authorization"} & set(request.headers)
    assert all(request.headers["authorization"].startswith("Bearer ") for request in vendor.requests)


@pytest.mark.parametrize(
    ("ready", "error_class", "words"),
    [
        (Answer(200, b"<!DOCTYPE html>Anna Ek"), VendorChanged, "a web page"),
        (Answer(200, b"\xff\xfe\x00"), VendorChanged, "something else"),
        (Answer(200, b""), VendorChanged, "something else"),
        (Answer(200, b"Name,Shoe size\r\nAnna Ek,38\r\n"), VendorChanged, "other columns"),
        (Answer(200, b"Report Date,Calls\r\n2026-10-30"), RetryLater, "broke off"),
        (Answer(403, b"Anna Ek"), RetryLater, "403; the next run"),
        (Answer(404), RetryLater, "404; the next run"),
        (Answer(302, headers={"Location": "https://elsewhere.test/"}), VendorChanged, "302"),
        (Answer(418), VendorChanged, "418"),
    ],
)
def test_a_report_that_cannot_be_had(vendor, rig, waits, ready, error_class, words):  # noqa: ARG001
    vendor.put("r0", START)
    vendor.laid_ready.append(ready)
    with pytest.raises(error_class, match=words) as raised:
        rig.pull()
    assert str(raised.value).startswith(f"{NAME}: ")
    assert "127.0.0.1" not in str(raised.value)
    assert not [secret for secret in vendor.never_told if secret in str(raised.value)]
    assert rig.rows("pulls")["status"].to_list() == ["failed"]


def test_a_report_that_comes_at_the_second_try(vendor, rig, waits):
    vendor.put("r0", START)
    vendor.laid_ready.extend([Answer(503), Answer(200, b"Report Date", is_cut=True)])
    assert rig.pull().status == "complete"
    assert waits


@pytest.mark.parametrize("location", ["http://127.0.0.1:1/report", "/data/report", "", "ftp://x/y"])
def test_a_link_that_is_not_safe_is_not_followed(vendor, rig, location):
    vendor.location = location
    with pytest.raises(VendorChanged, match="not https"):
        rig.pull()
    assert not vendor.downloads


@pytest.mark.parametrize(
    ("newest", "good", "words"), [(0, True, "newest day"), (-9, False, "newest day"), (None, False, "no day")]
)
def test_the_doctor_looks_at_how_new_the_numbers_are(vendor, rig, newest, good, words):
    if newest is not None:
        vendor.rows["r0"] = day() | {"Report Date": (DAY + timedelta(days=newest)).isoformat()}
    parsed = vendor.source.settings.model_validate(rig.raw_settings)
    session = vendor.source.open_session(NAME, parsed, Network(ca_file=rig.ca_file))
    found = list(vendor.source.check(session, parsed, NOW))
    assert [finding.is_good for finding in found] == [True, good, True]
    assert words in found[1].message


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the vendor's examples are not here")
def test_the_vendors_own_headings_are_known():
    days = (SAMPLES / "graph_getTeamsUserActivityCounts_header.csv").read_bytes()
    people = (SAMPLES / "graph_getTeamsUserActivityUserDetail_header.csv").read_bytes()
    assert read_days(NAME, teams_usage.COUNTS, days) == []
    assert read_period(NAME, teams_usage.DETAIL, people) is None
    assert set(DAY_HEADINGS) <= set(days.decode("utf-8-sig").strip().split(","))
    assert set(PERSON_HEADINGS) <= set(people.decode("utf-8-sig").strip().split(","))


OTHER_WAYS = {"half a JSON", "no JSON", "a web page", "another shape", "a redirect", "link to another host",
              "link in a loop"}  # fmt: skip
"""Of failing, since a report is no list of JSON: see above."""


class TestContract(SourceContract):
    @pytest.mark.parametrize("failure", sorted(FAILURES.keys() - OTHER_WAYS))
    def test_a_failure_says_what_to_do_and_keeps_what_is_landed(self, vendor, rig, caplog, failure):
        # a report covers the days it tells of: the last one is that of the attempt
        vendor.put("r14", START)
        super().test_a_failure_says_what_to_do_and_keeps_what_is_landed(vendor, rig, caplog, failure)

    def test_a_run_that_is_killed_leaves_what_the_next_one_completes(self):
        pytest.skip("a report is one answer: it lands whole or not at all")

    def test_the_doctor_finds_nothing_wrong_and_names_a_missing_permission(self, vendor, rig):
        vendor.put("r13", START)
        super().test_the_doctor_finds_nothing_wrong_and_names_a_missing_permission(vendor, rig)

    def test_a_day_is_mended_by_a_later_report(self, vendor, rig):
        fill(vendor)
        rig.pull()
        vendor.rows["r1"]["Meetings Organized"] = "9"
        rig.pull()
        assert sorted(rig.rows("meeting_totals")["meetings"]) == [7, 7, 7, 7, 9]
