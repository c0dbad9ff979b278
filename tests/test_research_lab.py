"""The research laboratory's mission log: a file of its shape, and the public log itself where it is present."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest

from connectors.errors import ConfigurationError
from connectors.files.importing import import_file
from connectors.files.receipts import Receipt
from connectors.landing import Landing
from connectors.pseudonyms import Pseudonyms

PSEUDONYMS = Pseudonyms(b"a-research-laboratory's-own-key!")
PUBLIC_LOG = Path(__file__).parents[1] / ".." / "shared" / "reference" / "samples" / "travel_research_lab"

PLACES = """
#place_id distance country
0         0        FR
1         3        FR
2         110      FR
3         455      CH
4         1480     SE
"""

# hours away, mode and kg per km differ; places 0–4 are known and 9 is not
MISSIONS = """
#mission_id user_id place_id date       duration mode   co2
0           7       2        2019-01-14 10       train  0.01
1           7       3        2019-01-21 24       plane  0.15
2           8       3        2019-01-28 25       train  0.01
3           8       4        2019-02-04 72       plane  0.15
4           9       1        2019-02-05 2        public 0.08
5           9       2        2019-02-11 0        car    0.2
6           7       9        2019-02-12 12       car    0.2
7           7       2        2019-02-18 -48      train  0.01
8           8       4        2019-03-04 5040     plane  0.15
9           8       2        2019-03-05 9        other  0.01
10          9       2        2019-03-06 9        rocket 0.01
11          9       0        2019-03-07 9        car    0.2
"""


def tsv(columns: str) -> bytes:
    return "\n".join("\t".join(line.split()) for line in columns.strip().splitlines()).encode()


@pytest.fixture
def landing(tmp_path) -> Landing:
    return Landing(tmp_path / "landing", "lab", PSEUDONYMS.fingerprint)


def import_log(folder: Path, landing: Landing) -> Receipt:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    return import_file(folder / "missions.tsv", "travel", "research_lab", landing, PSEUDONYMS, now)


@pytest.fixture
def log(tmp_path) -> Path:
    (tmp_path / "places.tsv").write_bytes(tsv(PLACES))
    # 18 ordinary missions make it a log of 30
    ordinary = "\n".join(f"{n} {n % 5} 2 2019-04-{n - 11:02d} 11 train 0.01" for n in range(12, 30))
    (tmp_path / "missions.tsv").write_bytes(tsv(MISSIONS + ordinary))
    return tmp_path


def test_a_log_lands_whole(log, landing):
    receipt = import_log(log, landing)
    assert (receipt.rows_read, receipt.rows_landed, receipt.rows_rejected, receipt.rows_excluded) == (30, 30, 0, 0)
    assert receipt.amounts == {}
    assert receipt.unknown_values == {("mode", "rocket"): 1}
    assert receipt.notes == {
        "trips by an unknown mode": 2,
        "trips without distance": 1,
        "returns before departure": 1,
        "absences of more than 90 days": 1,
    }


def test_what_the_rows_of_a_log_mean(log, landing):
    import_log(log, landing)
    rows = landing.read("travel_segments").sort("row_number").head(12)
    away = rows.select((pl.col("returned_at") - pl.col("departed_at")).dt.total_days()).to_series().to_list()
    known = ["rail", "flight", "rail", "flight", "public_transport", "car", "car", "rail", "flight"]
    assert rows["mode"].to_list() == [*known, "unknown", "unknown", "car"]
    assert rows["distance_km"].to_list() == [220, 910, 910, 2960, 6, 220, None, 220, 2960, 220, 220, 0]
    # a mission of 24 hours is one day; the last minute decides which day is the last
    assert away == [0, 0, 1, 2, 0, 0, 0, -3, 209, 0, 0, 0]
    assert rows["co2_kg_reported"].round(6).to_list() == [2.2, 136.5, 9.1, 444, 0.48, 44, None, 2.2, 444, 2.2, 2.2, 0]
    assert rows["row_means"].unique().to_list() == ["round_trip"]
    assert rows["trip_class"].unique().to_list() == ["unknown"]
    assert rows["amount"].null_count() == rows["currency"].null_count() == 12
    assert rows["person_key"].n_unique() == 3
    assert rows["person_key"][0] not in (PSEUDONYMS.of("employee_no", "7"), PSEUDONYMS.of("other", "7"))


def test_months_begun_or_unfinished_are_not_covered(log, landing):
    covers = import_log(log, landing).covers
    assert (covers.first, covers.last, covers.basis) == (date(2019, 1, 14), date(2019, 4, 18), "inferred")


def test_another_distance_table_makes_it_another_import(log, landing):
    first = import_log(log, landing)
    assert import_log(log, landing).status == "unchanged"
    (log / "places.tsv").write_bytes(tsv(PLACES.replace("110 ", "120 ")))
    second = import_log(log, landing)
    assert second.replaces_sha256 == first.file_sha256
    assert landing.read("travel_segments").filter(pl.col("row_number") == 1)["distance_km"].item() == 240


@pytest.mark.parametrize(
    ("places", "message"),
    [
        (None, "places.tsv cannot be read"),
        (PLACES.replace("distance", "metres"), "places.tsv is not a file .* no column distance"),
        (PLACES + "4 1500 SE\n", "places.tsv: a value of place_id occurs twice"),
    ],
)
def test_a_faulty_distance_table_stops_the_import(log, landing, places, message):
    (log / "places.tsv").unlink()
    if places:
        (log / "places.tsv").write_bytes(tsv(places))
    with pytest.raises(ConfigurationError, match=message):
        import_log(log, landing)
    assert landing.files().is_empty()


@pytest.mark.skipif(not PUBLIC_LOG.is_dir(), reason="the public mission log is not here (../shared/reference)")
def test_the_public_log(landing):
    receipt = import_log(PUBLIC_LOG, landing)
    assert (receipt.rows_read, receipt.rows_landed) == (5615, 5615)
    assert (receipt.covers.first, receipt.covers.last) == (date(2013, 3, 8), date(2020, 11, 8))
    assert receipt.unknown_values == {}

    rows = landing.read("travel_segments")
    assert dict(rows.group_by("mode").len().iter_rows()) == {
        "car": 526,
        "rail": 1442,
        "flight": 1210,
        "public_transport": 45,
        "unknown": 2392,
    }
    assert rows["person_key"].n_unique() <= 512

    missions = pl.read_csv(PUBLIC_LOG / "missions.tsv", separator="\t")
    places = pl.read_csv(PUBLIC_LOG / "places.tsv", separator="\t").rename({"#place_id": "place_id"})
    own_sum = missions.join(places, on="place_id").select((2 * pl.col("distance") * pl.col("co2")).sum()).item()
    assert rows["co2_kg_reported"].sum() == pytest.approx(own_sum, rel=1e-9)
