"""Two computations agree: the models' figures, and the same ones reckoned here in plain Polars from what landed.

Twenty small organisations of thirty people, two years of meetings and journeys there and back with unknown parts, months
without files and months without staff data. Whole organisation; quarters, years and twelve months; equal to 1e-9, also
where disclosure control keeps a figure from being shown, and NULL exactly where coverage, staff or known share say so.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import cache

import numpy as np
import polars as pl
import pytest
from scipy import stats

from tests.model_cases import build, covered, landing_table

PEOPLE = {f"p{number:02d}": ("Skola", "Vård", "Kansli")[number % 3] for number in range(30)}
SITES = ("Norrby", "Söderby", "Granne")
MONTHS = [date(year, month, 1) for year in (2024, 2025) for month in range(1, 13)]
LANDED = ("people", "staff", "meetings", "participations", "travel_segments", "rooms")
FIGURES = (
    "core_level_figures", "core_share_figures", "core_change_figures", "core_reach_figures", "core_meeting_figures",
    "core_ratio_figures",
)  # fmt: skip
Known = tuple[float, int, int]
"""A sum, the rows it is of, and the rows whose amount is known."""


# --- an organisation ---------------------------------------------------------------------------------------------------


def organisation(seed: int) -> tuple[dict[str, pl.DataFrame], dict[str, set[date]]]:
    """What landed, and the months each kind of data is known for."""
    rng = np.random.default_rng([2026, seed])
    pick: Callable[[list[object]], object] = lambda values: values[rng.integers(len(values))]  # noqa: E731
    names = list(PEOPLE)

    segments: list[dict[str, object]] = []
    for month in MONTHS:
        for _ in range(rng.poisson(36 if month.year == 2024 else 27)):
            mode = str(rng.choice(["rail", "car", "bus", "flight"], p=[0.4, 0.35, 0.15, 0.1]))
            one_way = int(rng.integers(250, 1600) if mode == "flight" else rng.integers(5, 260))
            left = datetime.combine(month, time()) + timedelta(days=int(rng.integers(0, 28)))
            stay = int(rng.choice([0, 1, 3, -3, 120], p=[0.6, 0.25, 0.1, 0.03, 0.02]))
            segments.append(
                {
                    "departed_at": left,
                    "returned_at": None if rng.random() < 0.05 else left + timedelta(days=stay),
                    "person_key": pick(names),
                    "mode": mode,
                    "distance_km": None if rng.random() < (0.3 if seed % 5 == 4 else 0.05) else float(2 * one_way),
                    "cost_sek": None if rng.random() < 0.1 else f"{int(rng.integers(100, 900_000)) / 100:.2f}",
                    "trip_class": pick(["meeting", "service", "unknown"]),
                }
            )

    meetings: list[dict[str, object]] = []
    joins: list[dict[str, object]] = []
    for month in MONTHS:
        # a minute more than the first of the month by Swedish winter time, an hour and more by summer time
        first = datetime(month.year, month.month, 1, tzinfo=UTC) - timedelta(minutes=59)
        for number in range(rng.poisson(14 if month.year == 2024 else 26)):
            key = f"{month:%Y%m}-{number}"
            began = first + timedelta(minutes=int(rng.integers(28 * 1440)))
            # hours of a twentieth, so that they are whole decimals
            minutes = None if rng.random() < (0.3 if seed % 5 == 3 else 0.05) else 3 * int(rng.integers(1, 40))
            ended = None if minutes is None else began + timedelta(minutes=minutes)
            outsiders = int(rng.integers(0, 3)) if rng.random() < 0.4 else 0
            present = list(rng.choice(names, int(rng.integers(1, 6)), replace=False))
            ours = rng.random() < 0.85
            meetings.append(
                {
                    "meeting_id": key,
                    "kind": "broadcast" if rng.random() < 0.05 else "scheduled",
                    "started_at": began,
                    "ended_at": ended,
                    "organiser_key": present[0] if ours else "x0",
                    "organiser_party": "internal" if ours else "external",
                    "has_video": pick([True, False, None]),
                    "has_telephone": pick([True, False]),
                    "has_room_system": False,
                }
            )
            for who in [*present, *(f"x{n}" for n in range(outsiders))]:
                outside = who.startswith("x")
                joins.append(
                    {
                        "meeting_id": key,
                        "person_key": who,
                        "party": "external" if outside else "internal",
                        "party_org_key": pick(["skogas", "vikby", "lund", None]) if outside else None,
                        "endpoint": pick(["app", "browser", "phone"]),
                        "joined_at": began,
                        "left_at": None if rng.random() < 0.1 else began + timedelta(minutes=3 * int(rng.integers(1, 20))),
                        "outcome": str(
                            rng.choice(["ok", "dropped", "poor_quality", "setup_failed", "unknown"],
                                       p=[0.6, 0.1, 0.1, 0.1, 0.1] if seed % 5 else [0.4, 0.1, 0.1, 0.1, 0.3])
                        ),
                    }
                )  # fmt: skip
            if rng.random() < 0.3:
                joins.append(
                    {"meeting_id": key, "endpoint": "room", "room_key": pick(["r0", "r1", "r2"]), "joined_at": began, "left_at": ended,
                     "outcome": "ok"}
                )  # fmt: skip

    no_staff = {pick(MONTHS)} if seed % 4 == 3 else set()  # type: ignore[arg-type]
    staff = [
        {"department": name, "month": month, "headcount": 10,
         "fte": None if month in no_staff and name == "Skola" else 8 + 0.25 * int(rng.integers(0, 8))}
        for name in ("Skola", "Vård", "Kansli") for month in MONTHS
    ]  # fmt: skip
    gaps = {
        kind: {MONTHS[int(n)] for n in rng.integers(1, 24, size=int(rng.integers(1, 3)))} if seed % 3 == 2 else set()
        for kind in ("travel", "meetings")
    }
    known = {kind: set(MONTHS) - missing for kind, missing in gaps.items()}
    given: dict[str, list[dict[str, object]]] = {
        "people": [
            {"person_key": name, "department": PEOPLE[name], "site": SITES[number % 7 % 3]}
            for number, name in enumerate(names)
        ],
        "staff": staff, "meetings": meetings, "participations": joins, "travel_segments": segments,
        "rooms": [{"room_key": f"r{n}", "observed_on": date(2024, 1, 1), "has_video": n < 4} for n in range(5)],
    }  # fmt: skip
    landed = {name: landing_table(name, given[name]) for name in LANDED}
    return landed | covered(spans(known["travel"]), spans(known["meetings"])), known


def spans(months: set[date]) -> str:
    """Whole months as the spans ``from … to`` that cover them."""
    return ", ".join(f"{month} … {last_day(month)}" for month in sorted(months))


def last_day(month: date) -> date:
    return date(month.year + month.month // 12, month.month % 12 + 1, 1) - timedelta(days=1)


# --- the second computation --------------------------------------------------------------------------------------------

KILOGRAMS = {  # co2, co2e, kWh per kilometre
    "rail": (0.007, 0.007, 0.065), "bus": (0.027, 0.027, 0.175), "car": (0.1326, 0.152, 0.6),
    "short flight": (0.13394, 0.133, 0.6), "long flight": (0.07467, 0.133, 0.4),
}  # fmt: skip


def journeys(landed: dict[str, pl.DataFrame]) -> pl.DataFrame:
    """One row per journey: month, what it was, and its amounts."""
    one_way = pl.col("distance_km") / 2
    stay = (pl.col("returned_at") - pl.col("departed_at")).dt.total_days()
    kind = (
        pl.when(pl.col("mode") != "flight").then(pl.col("mode"))
        .when(one_way < 500).then(pl.lit("short flight")).otherwise(pl.lit("long flight"))
    )  # fmt: skip
    factors = pl.DataFrame(
        [(name, *each) for name, each in KILOGRAMS.items()], schema=["kind", "co2", "co2e", "kwh"], orient="row"
    )
    return (
        landed["travel_segments"]
        .with_columns(kind=kind)
        .join(factors, on="kind")
        .select(
            "mode", "trip_class", "cost_sek",
            month=pl.col("departed_at").dt.date().dt.truncate("1mo"),
            length=pl.when(one_way >= 100).then(pl.lit("long")).when(one_way < 100).then(pl.lit("short")),
            one=pl.lit(1.0),
            days=pl.when(stay.is_between(0, 89)).then(stay + 1),
            km="distance_km",
            co2_kg=pl.col("distance_km") * pl.col("co2"),
            co2e_kg=pl.col("distance_km") * pl.col("co2e"),
            energy_kwh=pl.col("distance_km") * pl.col("kwh"),
        )
    )  # fmt: skip


def digital_meetings(landed: dict[str, pl.DataFrame]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Digital meetings, and every connection to one with what the meeting was."""
    joins = landed["participations"]
    is_ours = (pl.col("party") == "internal") & (pl.col("endpoint") != "room")
    counted = (
        joins.join(landed["people"].select("person_key", "site"), on="person_key", how="left")
        .group_by("meeting_id")
        .agg(
            present=pl.len(),
            rooms=(pl.col("endpoint") == "room").sum(),
            ours=is_ours.sum(),
            sites=pl.col("site").drop_nulls().n_unique(),
            outside=pl.col("party_org_key").drop_nulls().n_unique(),
        )
    )
    meetings = (
        landed["meetings"]
        .join(counted, on="meeting_id")
        .with_columns(
            month=pl.col("started_at").dt.convert_time_zone("Europe/Stockholm").dt.date().dt.truncate("1mo"),
            minutes=(pl.col("ended_at") - pl.col("started_at")).dt.total_seconds() / 60,
            modality=pl.when(pl.col("rooms") > 0).then(pl.lit("video"))
            .when(~pl.col("has_video") & pl.col("has_telephone")).then(pl.lit("phone"))
            .otherwise(pl.lit("web")),
            spanning=(pl.col("sites") >= 2) | (pl.col("outside") >= 1),
        )
        .filter(
            pl.col("kind") != "broadcast",
            pl.col("present") >= pl.when(pl.col("modality") == "phone").then(3).otherwise(2),
        )
        .with_columns(one=pl.lit(1.0), organised=pl.col("organiser_party") == "internal")
    )  # fmt: skip
    described = meetings.select("meeting_id", "month", "modality", "spanning", "ended_at", "ours", "platform")
    connections = joins.join(described, on="meeting_id").with_columns(
        one=pl.lit(1.0),
        is_ours=is_ours,
        hours=(pl.coalesce("left_at", "ended_at") - pl.col("joined_at")).dt.total_seconds() / 3600,
    )
    return meetings, connections


def monthly(frame: pl.DataFrame, column: str = "one") -> dict[date, Known]:
    """By month the sum of a column, its rows, and the rows that have it."""
    amount = pl.col(column).cast(pl.Float64)
    found = frame.group_by("month").agg(
        amount.sum().alias("sum"), pl.len().alias("rows"), amount.count().alias("known")
    )
    return {row["month"]: (row["sum"], row["rows"], row["known"]) for row in found.to_dicts()}


def total(by_month: dict[date, Known], months: list[date]) -> Known:
    parts = [by_month.get(month, (0.0, 0, 0)) for month in months]
    return sum(part[0] for part in parts), sum(part[1] for part in parts), sum(part[2] for part in parts)


def known_share(*sums: Known) -> float:
    return min(known / rows if rows else 1.0 for _, rows, known in sums)


def periods() -> Iterator[tuple[str, date, list[date]]]:
    """Kind, last day and months; of twelve months also those that began before anything was known."""
    every = [date(2023, month, 1) for month in range(1, 13)] + MONTHS
    for place in range(12, len(every)):
        month = every[place]
        if month.month % 3 == 0:
            yield "quarter", last_day(month), every[place - 2 : place + 1]
            yield "rolling_12", last_day(month), every[place - 11 : place + 1]
        if month.month == 12:
            yield "year", last_day(month), every[place - 11 : place + 1]


Key = tuple[str, str, str, date, str, str, str]
Figure = tuple[float | None, str | None, float | None, float | None]
"""Value, reason, low and high."""


class Reckoning:
    """Every figure of an organisation, and why there is none."""

    def __init__(self, landed: dict[str, pl.DataFrame], known: dict[str, set[date]]) -> None:
        self.known = known
        self.figures: dict[Key, Figure] = {}
        self.trips = journeys(landed)
        self.replaceable = self.trips.filter(pl.col("trip_class") != "service")
        self.meetings, self.connections = digital_meetings(landed)
        self.organised = self.meetings.filter("organised")
        self.attended = self.connections.filter("is_ours")
        self.rooms = landed["rooms"].filter("has_video").height
        fte = landed["staff"].group_by("month").agg(pl.col("fte").sum(), known=pl.col("fte").is_not_null().all())
        self.fte: dict[date, float] = {row["month"]: row["fte"] for row in fte.to_dicts() if row["known"]}

    def put(self, name: str, period: tuple[str, date], value: float | None, reason: str | None, dimension: str = "all",
            of: str = "all", basis: str = "all", low: float | None = None, high: float | None = None) -> None:  # fmt: skip
        indicator, _, measure = name.partition(".")
        self.figures[indicator, measure, *period, dimension, of, basis] = (value, reason, low, high)

    def is_known(self, months: list[date], *kinds: str) -> bool:
        return all(month in self.known[kind] for month in months for kind in kinds)

    def reckon(self) -> dict[Key, Figure]:
        trips, replaceable, organised, attended = self.trips, self.replaceable, self.organised, self.attended
        for name, frame, column, scale in (
            ("trips_per_fte.trips", trips, "one", 1.0),
            ("travel_days_per_fte.days", trips, "days", 1.0),
            ("travel_cost_per_fte.cost_sek", trips.drop_nulls("cost_sek"), "cost_sek", 1.0),
            ("travel_cost_per_fte.cost_sek_doubled", trips.drop_nulls("cost_sek"), "cost_sek", 2.0),
            ("travel_co2_per_fte.co2_kg", trips, "co2_kg", 1.0),
            ("travel_co2_per_fte.co2e_kg", trips, "co2e_kg", 1.0),
            ("travel_energy_mwh.energy_mwh", trips, "energy_kwh", 0.001),
        ):
            self.level(name, frame, column, "travel", scale)
        for mode in ("rail", "car", "bus", "flight"):
            of_mode = trips.filter(pl.col("mode") == mode)
            self.level("trips_per_fte.trips", of_mode, "one", "travel", dimension="mode", of=mode)
            self.level("travel_co2_per_fte.co2_kg", of_mode, "co2_kg", "travel", dimension="mode", of=mode)
            self.level("travel_energy_mwh.energy_mwh", of_mode, "energy_kwh", "travel", 0.001, "mode", mode)
        for length in ("short", "long"):
            of_length = trips.filter(pl.col("length") == length)
            self.level("trips_per_fte.trips", of_length, "one", "travel", dimension="length", of=length)
        self.level("digital_meetings_per_fte.organised", organised, "one", "meetings")
        self.level("digital_meetings_per_fte.attended", attended, "one", "meetings")
        for modality in ("phone", "web", "video"):
            is_so = pl.col("modality") == modality
            for measure, frame in (("organised", organised), ("attended", attended)):
                self.level(
                    f"digital_meetings_per_fte.{measure}",
                    frame.filter(is_so),
                    "one",
                    "meetings",
                    dimension="modality",
                    of=modality,
                )
        self.level("meeting_length.hours_per_fte", attended, "hours", "meetings")
        in_rooms = self.connections.filter(pl.col("endpoint") == "room").unique(["meeting_id"])
        self.level("room_use.occasions", in_rooms, "one", "meetings")

        for measure, frame in (
            ("meetings", organised), ("persons", attended), ("meetings_spanning", organised.filter("spanning")),
            ("persons_spanning", attended.filter("spanning")),
        ):  # fmt: skip
            self.share(f"digital_share.{measure}", frame, [frame, replaceable], "meetings", "travel")
        timed = organised.drop_nulls("minutes")
        short = timed.filter(pl.col("minutes") <= 15)
        self.share("meeting_length.share_short", short, [timed], "meetings", known_of=(organised, "minutes"))
        self.share("external_reach.share", organised.filter(pl.col("outside") >= 1), [organised], "meetings")
        connections = self.connections.filter(pl.col("party") != "external")
        for dimension, of in (
            ("all", "all"),
            ("endpoint", "app"),
            ("endpoint", "browser"),
            ("endpoint", "phone"),
            ("platform", "teams"),
        ):
            here = connections if dimension == "all" else connections.filter(pl.col(dimension) == of)
            outcome = here.with_columns(outcome=pl.when(pl.col("outcome") != "unknown").then(1))
            self.share(
                "technical_trouble.share",
                here.filter(pl.col("outcome").is_in(["poor_quality", "dropped", "setup_failed"])),
                [here.filter(pl.col("outcome") != "unknown")],
                "meetings", known_of=(outcome, "outcome"), dimension=dimension, of=of,
            )  # fmt: skip

        for measure, column in (("trips", "one"), ("km", "km"), ("co2_kg", "co2_kg"), ("co2e_kg", "co2e_kg"),
                                ("energy_kwh", "energy_kwh"), ("cost_sek", "cost_sek")):  # fmt: skip
            self.change(
                f"travel_change.{measure}", trips.drop_nulls("cost_sek") if measure == "cost_sek" else trips, column
            )
        self.replacement(replaceable)
        for length in ("short", "long"):
            self.replacement(replaceable.filter(pl.col("length") == length), "length", length)
        for mode in ("rail", "car"):
            self.replacement(replaceable.filter(pl.col("mode") == mode), "mode", mode)
        for period in periods():
            self.not_sums(*period)
        return self.figures

    def level(self, name: str, frame: pl.DataFrame, column: str, kind: str, scale: float = 1.0, dimension: str = "all",
              of: str = "all") -> None:  # fmt: skip
        """A sum, per mean full-time equivalents unless it is a total."""
        by_month = monthly(frame, column)
        for period_kind, end, months in periods():
            found = total(by_month, months)
            per = 1.0
            has_staff = True
            if "_per_fte" in name:
                has_staff = all(month in self.fte for month in months)
                per = sum(self.fte[month] for month in months) / len(months) if has_staff else math.nan
            reason = (
                "source_missing" if not self.is_known(months, kind)
                else "incomplete" if known_share(found) < 0.8
                else None if has_staff else "no_staff"
            )  # fmt: skip
            self.put(name, (period_kind, end), found[0] * scale / per if has_staff else None, reason, dimension, of)

    def share(self, name: str, part: pl.DataFrame, whole: list[pl.DataFrame], *kinds: str,
              known_of: tuple[pl.DataFrame, str] | None = None, dimension: str = "all", of: str = "all") -> None:  # fmt: skip
        """A part of a whole, where enough of the whole is known."""
        parts, wholes = monthly(part), [monthly(frame) for frame in whole]
        basis = monthly(*known_of) if known_of else {}
        for period_kind, end, months in periods():
            denominator = sum(total(by_month, months)[0] for by_month in wholes)
            value = total(parts, months)[0] / denominator if denominator else None
            reason = (
                "source_missing" if not self.is_known(months, *kinds)
                else "incomplete" if known_share(total(basis, months)) < 0.8
                else None if denominator else "nothing_counted"
            )  # fmt: skip
            self.put(name, (period_kind, end), value, reason, dimension, of)

    def pairs(self, months: list[date], basis: str, *kinds: str) -> list[tuple[date, date, float, float]]:
        """Months known on both sides, the baseline's month, and the full-time equivalents of both."""
        found = []
        for month in months:
            before = date(2024, month.month, 1)
            if not self.is_known([month, before], *kinds):
                continue
            if basis == "total":
                found.append((month, before, 1.0, 1.0))
            elif month in self.fte and before in self.fte:
                found.append((month, before, self.fte[month], self.fte[before]))
        return found

    def compared(self) -> Iterator[tuple[tuple[str, date], list[date], str]]:
        for period_kind, end, months in periods():
            if months[0] > MONTHS[11]:
                for basis in ("per_fte", "total"):
                    yield (period_kind, end), months, basis

    def change(self, name: str, frame: pl.DataFrame, column: str) -> None:
        by_month = monthly(frame, column)
        for period, months, basis in self.compared():
            pairs = self.pairs(months, basis, "travel")
            expected = sum(f1 / f0 * total(by_month, [past])[0] for _, past, f1, f0 in pairs)
            made = total(by_month, [month for month, *_ in pairs])
            past = known_share(total(by_month, [past for _, past, *_ in pairs]))
            shares = known_share(made), past
            reason = (
                "source_missing" if not self.pairs(months, "total", "travel")
                else "no_staff" if not pairs
                else "no_baseline" if expected == 0
                else "not_comparable" if min(shares) < 0.8 or abs(shares[0] - shares[1]) > 0.05
                else None
            )  # fmt: skip
            self.put(name, period, made[0] / expected - 1 if expected else None, reason, basis=basis)

    def replacement(self, frame: pl.DataFrame, dimension: str = "all", of: str = "all") -> None:
        by_month = monthly(frame)
        for period, months, basis in self.compared():
            if dimension != "all" and period[0] == "quarter":
                continue
            pairs = self.pairs(months, basis, "travel")
            year = self.pairs(MONTHS[12:], basis, "travel")
            reason = (
                "source_missing" if not self.pairs(months, "total", "travel")
                else "no_staff" if not pairs
                else None
            )  # fmt: skip
            rate = low = high = None
            if pairs:
                rows = [
                    (total(by_month, [past])[0], total(by_month, [month])[0], f1, f0) for month, past, f1, f0 in pairs
                ]
                expected = sum(f1 / f0 * y0 for y0, _, f1, f0 in rows)
                made = sum(y1 for _, y1, *_ in rows)
                if expected == 0:
                    reason = "no_baseline"
                elif expected < 5:
                    reason = "too_few_trips"
                else:
                    rate = 1 - made / expected
                    # a quarter cannot tell how much months vary: the year does
                    of_year = [
                        (total(by_month, [past])[0], total(by_month, [month])[0], f1, f0)
                        for month, past, f1, f0 in year
                    ]
                    spread, when = (rows, pairs) if len(rows) >= 6 else (of_year, year)
                    spread = spread if len(spread) >= 6 else []
                    if spread and made:
                        variance = sum((f1 / f0) ** 2 * y0 for y0, _, f1, f0 in rows)
                        se = math.sqrt(
                            dispersion(spread, [month for month, *_ in when]) * (1 / made + variance / expected**2)
                        )
                        half = float(stats.t.ppf(0.975, len(spread) - 1)) * se
                        low, high = 1 - made / expected * math.exp(half), 1 - made / expected * math.exp(-half)
                    elif spread:
                        low, high = 1 - 3.69 * dispersion(spread, [month for month, *_ in when]) / expected, 1.0
            self.put("replacement_rate.trips", period, rate, reason, dimension, of, basis, low, high)

    def not_sums(self, period_kind: str, end: date, months: list[date]) -> None:
        period, here = (period_kind, end), pl.col("month").is_in(months)
        missing = None if self.is_known(months, "meetings") else "source_missing"

        lengths = self.organised.filter(here)["minutes"]
        known = lengths.count() / len(lengths) if len(lengths) else 1.0
        median = lengths.median()
        self.put("meeting_length.median_min", period, median, missing or ("incomplete" if known < 0.8 else None))  # type: ignore[arg-type]

        attendances = self.attended.filter(here).group_by("person_key").len()["len"].sort(descending=True)
        self.put("reach.share_active", period, len(attendances) / len(PEOPLE), missing)
        tenth = float(attendances.head(3).sum()) / attendances.sum() if len(attendances) else None
        self.put("reach.share_top_tenth", period, tenth, missing)

        outside = self.connections.filter(here, pl.col("party") == "external", pl.col("ours") >= 1)["party_org_key"]
        self.put("external_reach.organisations", period, float(outside.drop_nulls().n_unique()), missing)
        used = self.connections.filter(here, pl.col("endpoint") == "room")["room_key"].n_unique()
        self.put("room_use.unused_rooms", period, float(self.rooms - used), missing)

        if months[0] > MONTHS[11]:
            pairs = self.pairs(months, "per_fte", "travel", "meetings")
            ratio = None
            if pairs:
                trips, met = monthly(self.replaceable), monthly(self.organised.filter("spanning"))
                now, past = [each[0] for each in pairs], [each[1] for each in pairs]
                fte, past_fte = sum(each[2] for each in pairs), sum(each[3] for each in pairs)
                new = total(met, now)[0] / fte - total(met, past)[0] / past_fte
                gone = total(trips, past)[0] / past_fte - total(trips, now)[0] / fte
                ratio = gone / new
            self.put("replacement_ratio.trips_per_meeting", period, ratio, None if pairs else "any")


def dispersion(rows: list[tuple[float, float, float, float]], months: list[date]) -> float:
    """How much more the months vary than counts by chance: X²/(n−1), at least 1, and how far one takes after another."""
    ratio = sum(y1 for _, y1, *_ in rows) / sum(f1 / f0 * y0 for y0, _, f1, f0 in rows)
    pearson, residuals, n = 0.0, [], len(rows)
    for y0, y1, f1, f0 in rows:
        mean_1, mean_0 = ratio * f1 * (y0 + y1) / (f0 + ratio * f1), f0 * (y0 + y1) / (f0 + ratio * f1)
        if y0 + y1:
            pearson += (y1 - mean_1) ** 2 / mean_1 + (y0 - mean_0) ** 2 / mean_0
        residuals.append((y1 - mean_1) / math.sqrt(mean_1 * mean_0 / (y0 + y1)) if y0 + y1 else 0.0)
    follows = sum(
        residuals[place] * residuals[place - 1]
        for place in range(1, n)
        if last_day(months[place - 1]) + timedelta(days=1) == months[place]
    )
    squares = sum(residual**2 for residual in residuals)
    r = min(max((follows / squares + 1 / n) / (1 - 4 / n) if squares else 0.0, 0.02), 0.6)
    return max(1.0, pearson / (n - 1)) * (1 + r) / (1 - r)


# --- both --------------------------------------------------------------------------------------------------------------


@cache
def both(seed: int) -> tuple[dict[Key, Figure], dict[Key, Figure]]:
    """The figures of the models and of the second computation."""
    landed, known = organisation(seed)
    con = build(dict(landed), only=FIGURES, k=5)
    query = " union all ".join(
        "select indicator, measure, period_kind, period_end, dimension_1, value_1, value_2, value, reason, low, high "
        f"from {table} where department = 'all' and person_group = 'all'"
        for table in FIGURES
    )
    rows = con.execute(query).fetchall()
    found = {row[:7]: row[7:] for row in rows}
    assert len(found) == len(rows)
    con.close()
    return found, Reckoning(landed, known).reckon()


STOPPED = (
    "source_missing",
    "no_staff",
    "incomplete",
    "nothing_counted",
    "not_comparable",
    "no_baseline",
    "too_few_trips",
)
"""Reasons the second computation knows; disclosure control is the models' alone."""


def same(one: float | None, other: float | None) -> bool:
    if one is None or other is None:
        return one is other
    return math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-9)


@pytest.mark.parametrize("seed", range(20))
def test_the_models_and_plain_polars_agree(seed):
    found, expected = both(seed)
    wrong = []
    for key, (value, reason, low, high) in expected.items():
        assert key in found, key
        its_value, its_reason, its_low, its_high = found[key]
        if reason == "any":
            agrees = its_reason is not None
        elif reason in STOPPED:
            # what is missing is missing; what few people are behind may be hidden first
            agrees = its_reason == reason or (its_reason == "too_few_people" and reason != "source_missing")
        else:
            agrees = (
                its_reason in (None, "too_few_people")
                and same(its_value, value)
                and same(its_low, low)
                and same(its_high, high)
            )
        if not agrees:
            wrong.append((key, (value, reason, low, high), found[key]))
    assert not wrong, f"{len(wrong)} of {len(expected)} differ, such as {wrong[:5]}"


def test_enough_is_compared():
    """Of every measure values are compared, and every reason occurs."""
    published: set[tuple[str, str]] = set()
    reasons: set[str | None] = set()
    for seed in range(20):
        found, expected = both(seed)
        for key, (_, reason, *_) in expected.items():
            reasons.add(reason)
            if reason is None and found[key][1] is None:
                published.add(key[:2])
    assert {"source_missing", "no_staff", "incomplete", "not_comparable"} <= reasons
    named = {key[:2] for key in both(0)[1]}
    # of thirty people a tenth is three, too few to show
    assert named - published <= {("reach", "share_top_tenth"), ("reach", "share_active")}
