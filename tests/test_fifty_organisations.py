"""Fifty organisations at once: from the simulator to landing frames to published figures, each compared with the others.

All of them travel 40 % less in their second year: an outside shock. One more replaces a further quarter of its meeting
trips. Seeds were fixed before the first look.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from unittest.mock import patch

import duckdb
import numpy as np
import polars as pl
import pytest

from connectors.contract import TABLES
from models import engine
from models.choices import ExpectedSource
from models.inputs import input_tables
from models.method import MethodSettings
from pipelines import publication
from pipelines.other_figures import other_figures
from simulator.calendar import Period
from simulator.calls import Block, assemble, assemble_cast
from simulator.journeys import DISPERSION, Expected, expect, full_time_equivalents, travel
from simulator.people import employ
from simulator.truth import MonthTruth, find_truth
from tests import model_cases, simulated_landing
from tests.test_comparison import by_hand

ORGANISATIONS = 50
SMALLEST, LARGEST = 30, 600
SHOCK, FURTHER = 0.40, 0.25
APART = 0.05
"""How much organisations differ in what the shock does to them: standard deviation of the logarithm."""
TRAVELS = 3.0
"""Trips per full-time equivalent, relative to the simulator's municipality: enough for what thirty people show."""
AS_OF = date(2026, 1, 20)
PUBLISHED = ("out_indicators", "out_gaps", "out_settings")
COMPARED = ("out_comparison", "out_benchmark")
SOURCES = [ExpectedSource(source=kind, kind=kind) for kind in ("travel", "staff")]  # type: ignore[arg-type]


@dataclass(frozen=True)
class Organisation:
    """What lands of an organisation, and what is true of it."""

    name: str
    effect: float
    """Share of its meeting trips that it no longer makes in the second year."""
    landing: Mapping[str, pl.DataFrame]
    months: tuple[MonthTruth, ...] = ()

    def made(self, what: str) -> tuple[float, float]:
        """What was travelled in the second year, and what the first gives to expect of it, month by month per FTE."""
        pairs = list(zip(self.months[:12], self.months[12:], strict=True))
        expected = sum(after.fte / before.fte * getattr(before, what) for before, after in pairs)
        return sum(getattr(after, what) for _, after in pairs), expected

    def noise(self, what: str) -> float:
        """Standard deviation of the logarithm of the two years' ratio: counts vary as the simulator lets them."""
        return math.sqrt(DISPERSION * sum(1 / count for count in self.made(what)))


def simulated(name: str, seed: int, people: int, shock: float, further: float = 0.0) -> Organisation:
    """Two years: in the second a share of all trips is not made, nor a further share of the meeting trips left."""
    who, go, nobody = (np.random.default_rng(part) for part in np.random.SeedSequence(seed).spawn(3))
    period = Period.until(date(2025, 12, 1), 24)
    staff = employ(who, people, period)
    fte = full_time_equivalents(staff, period)
    effect = 1 - (1 - shock) * (1 - further)
    expected = expect(fte, period, effect)
    made = np.where(period.is_after, 1 - shock, 1.0)
    journeys = travel(go, staff, period, Expected(TRAVELS * expected.meeting, TRAVELS * made * expected.service))
    calls = assemble(nobody, Block(*(np.zeros(0, dtype=np.int64) for _ in range(13))))
    cast = assemble_cast(nobody, "nobody", staff, (), ())
    landing = {
        "files": simulated_landing.files(period),
        "staff": simulated_landing.staff(staff, fte, period),
        "travel_segments": simulated_landing.travel(journeys),
    }
    return Organisation(name, effect, landing, find_truth(calls, cast, staff, journeys, fte, period, effect).months)


def network() -> tuple[Organisation, ...]:
    """Fifty organisations from the smallest to the largest, each hit a little differently."""
    sizes = np.geomspace(SMALLEST, LARGEST, ORGANISATIONS).round().astype(int).tolist()
    apart = np.random.default_rng(20261201).normal(0.0, APART, ORGANISATIONS)
    shocks = (1 - (1 - SHOCK) * np.exp(apart - apart.mean())).tolist()
    return tuple(
        simulated(f"organisation-{number:02}", 1000 + number, size, shock)
        for number, (size, shock) in enumerate(zip(sizes, shocks, strict=True))
    )


def inputs(name: str, baseline: int, others: pl.DataFrame | None = None) -> dict[str, pl.DataFrame]:
    method = MethodSettings(baseline_from=f"{baseline}-01", baseline_to=f"{baseline}-12")
    return input_tables(name, name, method, SOURCES, AS_OF, others=others)


def published(organisation: Organisation, folder: Path, baseline: int = 2024) -> Path:
    """Build an organisation and publish it: the folder that others may read."""
    landing = {f"landing_{name}": organisation.landing.get(name, table.empty()) for name, table in TABLES.items()}
    warehouse = folder / f"{organisation.name}.duckdb"
    # one thread: two organisations are built at a time
    with duckdb.connect(config={"threads": 1}) as connection:
        engine.build_into(connection, landing, inputs(organisation.name, baseline), model_cases.needed(*PUBLISHED))
        connection.execute(f"attach '{warehouse}' as warehouse")
        for name in PUBLISHED:
            connection.execute(f"create table warehouse.{name} as from {name}")
    return publication.publish(warehouse, folder / organisation.name, AS_OF).folder.parent


def compared(own: Path, others: Sequence[Path], baseline: int = 2024) -> dict[str, pl.DataFrame]:
    """What an organisation has published, and how it compares with what others have."""
    version = (own / "CURRENT").read_text("utf-8").strip()
    indicators = pl.read_parquet(own / version / "out_indicators.parquet")
    with duckdb.connect(config={"threads": 1}) as connection:
        engine.store(connection, "out_indicators", indicators, "TABLE")
        settings = inputs(own.name, baseline, other_figures(others, own.name))
        engine.build_into(connection, {}, settings, frozenset(COMPARED))
        return {"out_indicators": indicators} | {name: connection.table(name).pl() for name in COMPARED}


def figure(figures: Mapping[str, pl.DataFrame], measure: str, table: str = "out_indicators") -> dict[str, Any]:
    """A figure of the whole organisation and year, per full-time equivalent."""
    indicator, _, measure = measure.partition(".")
    whole = {"department": "all", "person_group": "all", "dimension_1": "all"} if table == "out_indicators" else {}
    asked = {"indicator": indicator, "measure": measure, "dimension_2": "basis", "value_2": "per_fte"} | whole
    (found,) = figures[table].filter(period_kind="year", period_end=date(2025, 12, 31), **asked).iter_rows(named=True)
    return found


@dataclass(frozen=True)
class Network:
    """The fifty, and the one that replaces more."""

    organisations: tuple[Organisation, ...]
    replacing: Organisation
    folders: Mapping[str, Path]
    figures: Mapping[str, Mapping[str, pl.DataFrame]]
    """Of each, compared with the fifty without itself."""

    def each(self, measure: str, table: str = "out_indicators") -> list[tuple[Organisation, dict[str, Any]]]:
        """One figure of each of the fifty."""
        return [(one, figure(self.figures[one.name], measure, table)) for one in self.organisations]


@pytest.fixture(scope="module", autouse=True)
def only_what_is_compared() -> Iterator[None]:
    """Of all that organisations publish, what others read and what publishing itself looks at."""
    known = {name: model for name, model in engine.load_models().items() if name in PUBLISHED}
    with patch.object(publication, "load_models", lambda: known):
        yield


@pytest.fixture(scope="module")
def fifty(tmp_path_factory) -> Network:
    folder = tmp_path_factory.mktemp("network")
    organisations, replacing = network(), simulated("replacing", 2000, LARGEST, SHOCK, FURTHER)
    everyone = (*organisations, replacing)
    with ThreadPoolExecutor(2) as pool:
        folders = list(pool.map(lambda one: published(one, folder), everyone))
        figures = list(pool.map(lambda own: compared(own, folders[:-1]), folders))
    names = [one.name for one in everyone]
    return Network(
        organisations, replacing, dict(zip(names, folders, strict=True)), dict(zip(names, figures, strict=True))
    )


ABOUT_ALL = range(45, 51)
"""How many of 50 intervals of 95 % hold what is true: fewer in four of a hundred seeds."""


@pytest.mark.parametrize(
    ("measure", "what"),
    [
        ("replacement_rate.trips", "meeting_trips"),
        ("travel_change.trips", "trips"),
        ("travel_change.km", "km"),
        ("travel_change.cost_sek", "cost_sek"),
    ],
)
def test_published_changes_rest_on_exactly_what_was_travelled(fifty, measure, what):
    for one, found in fifty.each(measure):
        amount, expected = one.made(what)
        assert (found["numerator"], found["denominator"]) == pytest.approx((amount, expected), rel=1e-9), one.name
        rate = 1 - amount / expected if what == "meeting_trips" else amount / expected - 1
        assert found["value"] == pytest.approx(rate, abs=1e-9), one.name


def test_intervals_of_the_replacement_rate_cover_what_was_simulated_in_about_95_percent(fifty):
    rates = fifty.each("replacement_rate.trips")
    assert sum(found["low"] <= one.effect <= found["high"] for one, found in rates) in ABOUT_ALL
    # nor are they wider than they need be: half of one holds the truth in 70 %, give or take three standard deviations
    halves = [
        abs(math.log((1 - found["value"]) / (1 - one.effect)))
        <= math.log((1 - found["low"]) / (1 - found["value"])) / 2
        for one, found in rates
    ]
    assert sum(halves) in range(25, 46)


def test_an_outside_shock_shows_in_what_is_observed(fifty):
    changes = fifty.each("travel_change.trips")
    for one, found in changes:
        assert math.log(1 + found["value"]) == pytest.approx(math.log(1 - one.effect), abs=4 * one.noise("trips"))
    mean = sum(math.log(1 + found["value"]) for _, found in changes) / ORGANISATIONS
    noise = math.sqrt(sum(one.noise("trips") ** 2 for one in fifty.organisations)) / ORGANISATIONS
    assert mean == pytest.approx(math.log(1 - SHOCK), abs=3 * noise)
    assert sum(found["low"] > 0 for _, found in fifty.each("replacement_rate.trips")) in ABOUT_ALL


@pytest.mark.parametrize("measure", ["replacement_rate.trips", "travel_change.trips", "travel_change.co2_kg"])
def test_an_outside_shock_is_nobodys_effect(fifty, measure):
    effects = [found for _, found in fifty.each(measure, "out_comparison")]
    assert {(found["others"], found["reason"]) for found in effects} == {(ORGANISATIONS - 1, None)}
    # each is the others of all the rest, so that what lies above their mean is what lies below it
    assert sum(math.log(1 + found["effect"]) for found in effects) == pytest.approx(0, abs=1e-9)
    assert sum(found["low"] <= 0 <= found["high"] for found in effects) in ABOUT_ALL


def test_who_really_replaces_a_further_quarter_shows_it_beside_fifty_others(fifty):
    found = figure(fifty.figures["replacing"], "replacement_rate.trips", "out_comparison")
    assert (found["others"], found["reason"]) == (ORGANISATIONS, None)
    # its own noise and that of the mean of the others
    noise = math.hypot(fifty.replacing.noise("meeting_trips"), APART / math.sqrt(ORGANISATIONS))
    assert math.log(1 + found["effect"]) == pytest.approx(math.log(1 - FURTHER), abs=3 * noise)
    assert found["low"] < -FURTHER < found["high"] < 0
    # what it observes is the shock as well
    assert found["own_change"] == pytest.approx((1 - SHOCK) * (1 - FURTHER) - 1, abs=0.05)


@pytest.mark.parametrize("others", [3, 15, 50])
def test_beside_a_team_of_three_fifteen_municipalities_or_fifty_organisations(fifty, others):
    chosen = fifty.organisations[-others:]
    figures = compared(fifty.folders["replacing"], [fifty.folders[one.name] for one in chosen])
    found = figure(figures, "replacement_rate.trips", "out_comparison")
    made = {one.name: one.made("meeting_trips") for one in (fifty.replacing, *chosen)}
    own, *rest = [amount / expected - 1 for amount, expected in made.values()]
    told = [found[name] for name in ("others_change", "effect", "low", "high")]
    assert told == pytest.approx(by_hand(own, rest), rel=1e-9)
    assert found["others"] == others


def test_each_is_placed_among_the_forty_nine_others(fifty):
    rates = {one.name: found["value"] for one, found in fifty.each("replacement_rate.trips")}
    for name, rate in rates.items():
        found = figure(fifty.figures[name], "replacement_rate.trips", "out_benchmark")
        others = sorted(value for other, value in rates.items() if other != name)
        # the middle one of 49, and the 13th from either end
        placed = [found[quartile] for quartile in ("first_quartile", "median", "third_quartile")]
        assert placed == pytest.approx([others[12], statistics.median(others), others[36]])
        assert (found["value"], found["others"]) == (pytest.approx(rate), ORGANISATIONS - 1)


SIX_YEARS = Period(date(2019, 1, 1), 84)


def driving(name: str, staff: Mapping[int, int], km: Mapping[int, float]) -> Organisation:
    """Everyone drives so far every month of a year."""
    months = [first for first in SIX_YEARS.firsts if first.year in staff]
    fte = [{"month": first, "headcount": staff[first.year], "fte": float(staff[first.year])} for first in months]
    trips = [
        {"departed_at": simulated_landing.midnight(first), "person_key": f"p{person}", "distance_km": km[first.year]}
        for first in months for person in range(staff[first.year])
    ]  # fmt: skip
    car = {"department": "Skola", "mode": "car", "fuel": "petrol", "is_own_car": True, "time_precision": "day"}
    of_file = {"file_sha256": "travel", "purpose": "meeting", "trip_class": "meeting", "row_means": "round_trip"}
    numbered = (car | of_file | {"row_number": number} | trip for number, trip in enumerate(trips, 1))
    who = {"file_sha256": "staff", "department": "Skola", "person_group": "employee"}
    return Organisation(
        name, 0.0,
        {
            "files": simulated_landing.files(SIX_YEARS),
            "staff": simulated_landing.landed("staff", "staff", (who | row for row in fte)),
            "travel_segments": simulated_landing.landed("travel_segments", "travel", numbered),
        },
    )  # fmt: skip


def test_minus_25_percent_of_co2_per_employee_against_minus_8_over_six_years(tmp_path):
    # its staff grows by a quarter: in all it emits 6 % less
    own = driving("own", {2019: 40, 2025: 50}, {2019: 100.0, 2025: 75.0})
    # three others of other sizes, which came down by 8 % together
    others = [
        driving(f"other-{number}", {2019: staff, 2025: staff}, {2019: 100.0, 2025: 92.0 * apart})
        for number, (staff, apart) in enumerate([(20, 1 / 1.1), (30, 1.0), (60, 1.1)])
    ]
    folder, *folders = [published(one, tmp_path, 2019) for one in (own, *others)]
    found = figure(compared(folder, folders, 2019), "travel_change.co2_kg", "out_comparison")
    assert (found["own_change"], found["others_change"]) == pytest.approx((-0.25, -0.08))
    rest = [0.92 / 1.1 - 1, -0.08, 0.92 * 1.1 - 1]
    assert (found["effect"], found["low"], found["high"]) == pytest.approx(by_hand(-0.25, rest)[1:])
    assert found["effect"] == pytest.approx(0.75 / 0.92 - 1)
