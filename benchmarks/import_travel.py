"""A million rows of a travel agency's statement, from CSV to landed rows."""

from __future__ import annotations

import random
import subprocess
import sys
import tempfile
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from benchmarks._rows import peak_mb, say
from connectors.files.importing import import_file
from connectors.landing import Landing
from connectors.pseudonyms import Pseudonyms

ROWS = 1_000_000
LIMIT_SECONDS, LIMIT_MB = 30, 1000

HEADER = (
    "Bokningsnummer;Anställningsnr;Förvaltning;Avresedatum;Hemresedatum;Från;Till;Färdmedel;Klass;"
    "Km enkel resa;Belopp;Moms;Valuta;Syfte;Radtyp"
)


def write_file(path: Path) -> None:
    chance = random.Random(1)  # noqa: S311 - seeded, nothing secret
    places = [
        f"{start}{end}" for start in ("Norr", "Söder", "Öster", "Väster", "Upp") for end in ("ås", "by", "köping")
    ]
    modes = ["Flyg", "Tåg", "Tåg", "Buss", "Hyrbil", "Taxi"]
    classes, purposes = ["", "Ekonomi", "Business"], ["Möte", "Konferens", "Tillsyn", "Annat", ""]
    first = date(2019, 1, 1)
    with path.open("w", encoding="utf-8-sig", newline="\r\n") as file:
        file.write(HEADER + "\n")
        for row in range(ROWS):
            day = first + timedelta(days=chance.randrange(2_000))
            back = day + timedelta(days=chance.randrange(4))
            kronor, ore = chance.randrange(1, 9), chance.randrange(100)
            file.write(
                f"B{row // 2};{chance.randrange(8_000):05d};Förvaltning {chance.randrange(20)};{day};{back};"
                f"{chance.choice(places)};{chance.choice(places)};{chance.choice(modes)};{chance.choice(classes)};"
                f"{chance.randrange(20, 900)};{kronor}\u00a0{chance.randrange(1_000):03d},{ore:02d};{ore},{ore:02d};"
                f"SEK;{chance.choice(purposes)};{'Resa' if row % 5 else 'Avgift'}\n"
            )


def read_it(path: Path, folder: Path) -> None:
    pseudonyms = Pseudonyms(b"benchmarks-have-a-key-their-own!")
    landing = Landing(folder / "landing", "bench", pseudonyms.fingerprint)
    start = time.perf_counter()
    receipt = import_file(path, "travel", "travel_agency", landing, pseudonyms, datetime(2026, 1, 1, tzinfo=UTC))
    seconds = time.perf_counter() - start
    assert receipt.rows_landed == ROWS
    what = f"import {ROWS:,} travel rows from CSV ({path.stat().st_size // 1_000_000} MB)"
    say(what, seconds, "s", LIMIT_SECONDS)
    say(f"{what}: most memory", peak_mb(), "MB", LIMIT_MB)


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "resebyra.csv"
        write_file(path)
        # in a process of its own, so that writing the file is not in the peak
        subprocess.run([sys.executable, "-m", "benchmarks.import_travel", str(path)], check=True)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        read_it(Path(sys.argv[1]), Path(sys.argv[1]).parent)
    else:
        main()
