"""How long every model takes over a large organisation: 10,000,000 participations and 200,000 trips of three years.

``python -m benchmarks.rebuild 10`` takes a tenth of the meetings and trips, of as many people.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import numpy as np
import polars as pl

from benchmarks._rows import peak_mb, say
from connectors.contract import TABLES
from models import engine
from models.choices import ExpectedSource
from models.inputs import input_tables
from models.method import MethodSettings

MEETINGS, PER_MEETING, TRIPS, PEOPLE, DEPARTMENTS = 2_000_000, 5, 200_000, 8_000, 20
FIRST, MONTHS = date(2023, 1, 1), 36
LIMIT_SECONDS, LIMIT_MB = 60, 4000
SEEN = datetime(2026, 1, 10, tzinfo=UTC)
SITES = ["Kisa", "Tranås", "Rimforsa", "Vimmerby", "Linköping"]


def write_landing(folder: Path, part: int) -> None:
    """Landing tables as connectors leave them, a part for each month."""
    held, made = MEETINGS // part, TRIPS // part
    rng = np.random.default_rng(1)
    common = {"org_id": pl.lit("bench"), "seen_at": pl.lit(SEEN)}
    days = MONTHS * 365 // 12
    start = np.datetime64(FIRST) + rng.integers(0, days, held).astype("timedelta64[D]")
    begun = start.astype("datetime64[us]") + rng.integers(7 * 60, 16 * 60, held).astype("timedelta64[m]")
    minutes = rng.integers(5, 120, held)
    ended = begun + minutes.astype("timedelta64[m]")
    organisers = rng.integers(0, PEOPLE, held)
    meetings = pl.DataFrame(
        {
            "meeting_id": pl.int_range(held, eager=True).cast(pl.String),
            "started_at": begun, "ended_at": ended,
            "organiser_key": pl.Series(organisers).cast(pl.String),
            "has_video": rng.random(held) < 0.9,
        }
    ).with_columns(
        source=pl.lit("teams"), version=1, platform=pl.lit("teams"), kind=pl.lit("scheduled"),
        organiser_party=pl.lit("internal"), has_telephone=pl.lit(False), has_room_system=pl.lit(False),
    )  # fmt: skip
    rows = held * PER_MEETING
    which = np.repeat(np.arange(held), PER_MEETING)
    people = rng.integers(0, PEOPLE, rows)
    # most meet at their own site: as many steps of sites away as fall on the same one
    at_home = rng.random(held) < 0.8
    people = np.where(
        np.repeat(at_home, PER_MEETING),
        people // len(SITES) * len(SITES) + np.repeat(organisers % len(SITES), PER_MEETING),
        people,
    )
    people[::PER_MEETING] = organisers
    external = rng.random(rows) < 0.05
    joins = pl.DataFrame(
        {
            "meeting_id": pl.Series(which).cast(pl.String),
            "participation_id": pl.Series(np.tile(np.arange(PER_MEETING), held)).cast(pl.String),
            "person_key": pl.Series(people).cast(pl.String),
            "joined_at": np.repeat(begun, PER_MEETING), "left_at": np.repeat(ended, PER_MEETING),
            "external": external,
        }
    ).with_columns(
        source=pl.lit("teams"), version=1, endpoint=pl.lit("app"), outcome=pl.lit("ok"),
        party=pl.when("external").then(pl.lit("external")).otherwise(pl.lit("internal")),
        party_org_key=pl.when("external").then(pl.col("person_key").str.head(2)),
        person_key=pl.when("external").then("e" + pl.col("person_key")).otherwise("person_key"),
    )  # fmt: skip
    month = pl.Series(begun).dt.strftime("%Y-%m")
    _write(folder, "meetings", meetings.with_columns(**common, m=month), "started_at")
    _write(folder, "participations", joins.with_columns(**common, m=month.gather(which)), "joined_at")
    modes = rng.choice(["rail", "car", "flight", "bus"], made, p=[0.45, 0.4, 0.05, 0.1])
    left = np.datetime64(FIRST) + rng.integers(0, days, made).astype("timedelta64[D]")
    trips = pl.DataFrame(
        {
            "row_number": np.arange(made), "person_key": pl.Series(rng.integers(0, PEOPLE, made)).cast(pl.String),
            "departed_at": left.astype("datetime64[us]"),
            "returned_at": (left + rng.integers(0, 3, made).astype("timedelta64[D]")).astype("datetime64[us]"),
            "mode": modes, "distance_km": rng.uniform(40, 1200, made), "cost_sek": rng.uniform(100, 4000, made),
            "origin_place": rng.choice(SITES, made),
            "destination_place": rng.choice(["Stockholm", "Lund", *SITES], made),
        }
    ).with_columns(
        source=pl.lit("travel"), file_sha256=pl.lit("travel"), purpose=pl.lit("meeting"), trip_class=pl.lit("unknown"),
        row_means=pl.lit("round_trip"), time_precision=pl.lit("day"), m=pl.lit("2023-01"), **common,
    )  # fmt: skip
    _write(folder, "travel_segments", trips, "row_number")
    known = pl.DataFrame({"person_key": pl.int_range(PEOPLE, eager=True).cast(pl.String)}).with_columns(
        source=pl.lit("directory"), observed_on=FIRST, person_group=pl.lit("employee"), is_active=pl.lit(True),
        department="Förvaltning " + (pl.col("person_key").cast(pl.Int64) % DEPARTMENTS).cast(pl.String),
        site=(pl.col("person_key").cast(pl.Int64) % len(SITES)).replace_strict(
            dict(enumerate(SITES)), return_dtype=pl.String
        ),
        m=pl.lit("2023-01"),
        **common,
    )  # fmt: skip
    _write(folder, "people", known, "person_key")
    months = [date(FIRST.year + n // 12, 1 + n % 12, 1) for n in range(MONTHS)]
    staff = pl.DataFrame({"month": months}).join(
        pl.DataFrame({"department": [f"Förvaltning {n}" for n in range(DEPARTMENTS)]}), how="cross"
    )
    share = PEOPLE // DEPARTMENTS
    staff = staff.with_columns(
        source=pl.lit("staff"), file_sha256=pl.lit("staff"), person_group=pl.lit("employee"), headcount=share,
        fte=pl.lit(share * 0.9), m=pl.lit("2023-01"), **common,
    )  # fmt: skip
    _write(folder, "staff", staff, "month")
    files = pl.DataFrame({"source": ["travel", "staff"], "kind": ["travel", "staff"]}).with_columns(
        file_sha256="source", profile=pl.lit("p"), covers_from=FIRST, covers_to=date(2025, 12, 31),
        covers_basis=pl.lit("declared"), rows_read=0, rows_landed=0, rows_rejected=0, rows_excluded=0,
        m=pl.lit("2023-01"), **common,
    )  # fmt: skip
    _write(folder, "files", files, "source")
    pulls = pl.DataFrame({"source": ["teams"]}).with_columns(
        window_from=datetime(2022, 12, 31, 20, tzinfo=UTC), window_to=datetime(2026, 1, 5, tzinfo=UTC),
        status=pl.lit("complete"), pulled=0, landed=0, rejected=0, excluded=0, requests=0, m=pl.lit("2023-01"),
        **common,
    )  # fmt: skip
    _write(folder, "pulls", pulls, "source")


def _write(folder: Path, table: str, rows: pl.DataFrame, order: str) -> None:
    schema = TABLES[table].schema
    zoned = [
        pl.col(name).dt.replace_time_zone("UTC")
        for name, dtype in schema.items()
        if isinstance(dtype, pl.Datetime) and dtype.time_zone and rows.schema.get(name) == pl.Datetime("us")
    ]
    filled = rows.with_columns(
        *zoned, *[pl.lit(None, dtype).alias(name) for name, dtype in schema.items() if name not in rows.columns]
    )
    for (month,), part in filled.sort(order).group_by("m", maintain_order=True):
        place = folder / table / "source=bench" / f"month={month}"
        place.mkdir(parents=True)
        part.select(pl.col(name).cast(dtype) for name, dtype in schema.items()).write_parquet(place / "part.parquet")


def build(folder: Path, part: int) -> None:
    expected = [
        ExpectedSource(source=source, kind=kind)  # type: ignore[arg-type]
        for source, kind in (("teams", "meetings"), ("travel", "travel"), ("staff", "staff"))
    ]
    method = MethodSettings(baseline_from="2023-01", baseline_to="2023-12")
    inputs = input_tables("bench", "Bench", method, expected, date(2026, 1, 20))
    slowest: dict[str, float] = {}
    plain = engine.create

    def timed(connection: duckdb.DuckDBPyConnection, model: engine.Model, select: str) -> int:
        begun = time.perf_counter()
        count = plain(connection, model, select)
        slowest[model.name] = time.perf_counter() - begun
        return count

    engine.create = timed
    start = time.perf_counter()
    engine.build(folder, folder / "warehouse.duckdb", inputs, {name: table.schema for name, table in TABLES.items()})
    seconds = time.perf_counter() - start
    what = f"rebuild over {MEETINGS // part * PER_MEETING:,} participations and {TRIPS // part:,} trips"
    say(what, seconds, "s", LIMIT_SECONDS if part == 1 else None)
    say(f"{what}: most memory", peak_mb(), "MB", LIMIT_MB)
    for name, taken in sorted(slowest.items(), key=lambda item: -item[1])[:8]:
        say(f"  of it {name}", taken, "s")


def main(part: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        write_landing(Path(name), part)
        os.sync()  # else the disk is still busy with the landing tables while they are read
        # in a process of its own, so that making the data is not in the peak
        subprocess.run([sys.executable, "-m", "benchmarks.rebuild", str(part), name], check=True)


if __name__ == "__main__":
    part, *folder = sys.argv[1:] or ["1"]
    if folder:
        build(Path(*folder), int(part))
    else:
        main(int(part))
