"""Cancels bookings that a calendar no longer lists: somebody deleted them there, and they are not deleted here."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import polars as pl

from connectors.contract import ROOM_BOOKINGS, Batch
from connectors.landing import Landing
from connectors.pseudonyms import Pseudonyms
from connectors.source import Listed


def cancel_gone(
    landing: Landing, source: str, listed: Iterable[Listed], pseudonyms: Pseudonyms, seen_at: datetime
) -> None:
    """Mark the landed bookings of a source that start in a window read to its end and were not listed in it.

    Nothing is said of rooms that were not read. A booking that is listed again later counts again.

    Args:
        landing: where the bookings are.
        source: as settings name it.
        listed: what was read, by room.
        pseudonyms: of the organisation.
        seen_at: aware.
    """
    by_room = {pseudonyms.of("room", each.room): each for each in listed}
    if not by_room:
        return
    bookings = landing.read(ROOM_BOOKINGS.name, source).filter(pl.col("is_cancelled").fill_null(value=False).not_())
    parts = []
    for (room_key,), rows in bookings.group_by("room_key"):
        read = by_room.get(str(room_key))
        if read is not None:
            starts = pl.col("starts_at").is_between(read.window.start, read.window.end, closed="left")
            parts.append(rows.filter(starts & pl.col("booking_id").is_in(list(read.booking_ids)).not_()))
    gone = pl.concat(parts) if parts else bookings.clear()
    if gone.height:
        marked = gone.drop("org_id", "source", "seen_at").with_columns(
            is_cancelled=pl.lit(value=True), cancelled_basis=pl.lit("gone")
        )
        landing.write(source, Batch({ROOM_BOOKINGS.name: marked}), seen_at)
