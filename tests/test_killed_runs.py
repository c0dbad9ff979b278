"""``kill -9`` of the whole command: whatever it was doing, the next run gives what an undisturbed one gives."""

from __future__ import annotations

import random
import signal
import subprocess
import time
from pathlib import Path

import polars as pl

from tests.organisation import RESFRI, served

COMMAND = ("run", "--from", "2026-07-01", "--to", "2026-09-30")


def kill_and_compare(folder: Path, kills: int, seed: int) -> float:
    """Kill the command once in each of so many equal parts of its time, run it to its end, and compare what it left.

    Returns:
        How many seconds the undisturbed run took.
    """
    with served(folder / "whole") as whole, served(folder / "killed") as killed:
        # the same key: pseudonyms have to be equal to be compared
        killed.organisation.key_file.write_bytes(whole.organisation.key_file.read_bytes())
        started = time.monotonic()
        assert whole.command(*COMMAND).returncode == 0
        length = time.monotonic() - started
        chance = random.Random(seed)
        for part in chance.sample(range(kills), kills):
            process = subprocess.Popen(
                [RESFRI, *COMMAND, "--settings", str(killed.settings.file)],
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            )  # fmt: skip
            time.sleep(max(0.3, length * (part + chance.random()) / kills))
            process.send_signal(signal.SIGKILL)
            process.wait()
        assert killed.command(*COMMAND).returncode == 0
        wanted, found = whole.landing(), killed.landing()
        for name in wanted.keys() - {"pulls"}:
            assert found[name].equals(wanted[name]), name
        # every attempt is written down; what a directory said was asked at other moments, the window was the same
        complete = (pl.col("source") == "teams") & (pl.col("status") == "complete")
        counts = ["window_from", "window_to", "pulled", "landed", "rejected", "excluded", "excluded_by"]
        assert found["pulls"].filter(complete).select(counts).equals(wanted["pulls"].filter(complete).select(counts))
        assert killed.published() == whole.published()
    return length


def test_killed_at_any_time_the_next_run_gives_what_an_undisturbed_one_gives(tmp_path: Path):
    # twenty times: make bench
    kill_and_compare(tmp_path, kills=5, seed=20)
