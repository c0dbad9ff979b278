"""A million records of four bridges, posts sent twice, and a receiver that is killed forty times."""

from __future__ import annotations

import tempfile
from pathlib import Path

from benchmarks._rows import say
from tests.receiver_endurance import endure

RECORDS, KILLS = 1_000_000, 40


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        found = endure(Path(name), RECORDS, KILLS, seed=1)
    what = f"{RECORDS:,} records of 4 bridges, {found.kills} kills, {found.repeated:,} posts twice"
    say(f"{what}: records a second", len(found.answered) / found.seconds, "a second")
    lost = len(found.answered - set(found.stored))
    say("records answered 200 that are not on disk", lost, "records", 0)
    say("records on disk more than once", sum(times > 1 for times in found.stored.values()), "records", 0)
    say("records on disk that were never answered", len(set(found.stored) - found.answered), "records", 0)


if __name__ == "__main__":
    main()
