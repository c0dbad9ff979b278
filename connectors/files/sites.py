"""Reads registers of sites: where the organisation works."""

from __future__ import annotations

from datetime import date

import polars as pl

from connectors.contract import SITES
from connectors.files.mapped_rows import Understood, is_understood, plain_outcome, read_fields, reject
from connectors.files.profiles import Profile
from connectors.files.table_files import TextTable

ALWAYS = date(1970, 1, 1)
"""``valid_from`` of a register that does not say since when: as far back as any data."""

LOCALITY_DECIMALS = 2
"""Of a degree: about a kilometre, the locality and not the door."""


def read_sites(table: TextTable, profile: Profile, valid_from: date | None) -> Understood:
    """Read a register of sites into rows of ``sites``.

    Raises:
        ConfigurationError: the file lacks a column the profile needs.
    """
    fields = read_fields(table, profile)
    frame = reject(fields.frame, "missing", "site", pl.col("site").is_null())
    frame = reject(frame, "out_of_range", "latitude", ~pl.col("latitude").is_between(-90, 90))
    frame = reject(frame, "out_of_range", "longitude", ~pl.col("longitude").is_between(-180, 180))
    one_missing = pl.col("latitude").is_null() != pl.col("longitude").is_null()
    frame = reject(frame, "missing", "longitude", one_missing)
    frame = reject(frame, "repeated", "site", is_understood().sum().over("site") > 1)
    rows = frame.filter(is_understood())
    return Understood(
        table=SITES.name,
        rows=rows.select(
            "site",
            "municipality",
            pl.col("latitude", "longitude").round(LOCALITY_DECIMALS),
            pl.lit(valid_from or ALWAYS).alias("valid_from"),
        ),
        outcome=plain_outcome(frame, pl.lit(None)),
        days=pl.Series("site", [], dtype=pl.Date),
        unknown_values=fields.unknown_values,
    )
