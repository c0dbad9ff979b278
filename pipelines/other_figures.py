"""Other organisations' published figures, to compare with: of the whole organisation and undivided, nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from connectors.errors import ConfigurationError
from models.inputs import OTHERS
from reports.published import CURRENT


def other_figures(folders: Sequence[Path], own: str) -> pl.DataFrame:
    """Read the current version of each published folder.

    Args:
        folders: published folders, each with the file that names its current version.
        own: the organisation that is compared; its own figures are left out should its folder be among them.

    Raises:
        ConfigurationError: a folder holds no published figures.
    """
    found = [pl.DataFrame(schema=OTHERS)]
    for folder in folders:
        try:
            version = (folder / CURRENT).read_text("utf-8").strip()
            figures = pl.scan_parquet(folder / version / "out_indicators.parquet")
            chosen = figures.filter(
                pl.col("department") == "all",
                pl.col("person_group") == "all",
                pl.col("dimension_1") == "all",
                pl.col("organisation") != own,
                pl.col("value").is_not_null(),
            )
            found.append(chosen.select(*OTHERS).collect().cast(dict(OTHERS)))  # type: ignore[arg-type]
        except (OSError, pl.exceptions.PolarsError):
            raise ConfigurationError(
                f"compared_with: {folder.name} holds no published figures: name the folder that has the file {CURRENT}"
            ) from None
    return pl.concat(found).unique(maintain_order=True)
