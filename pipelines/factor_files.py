"""Reads an organisation's own emission factors from a file of year-versioned rows, such as the agencies' template list.

The list of Naturvårdsverket and SMED could not be read while this was written, so its layout is assumed: one row for
each mode, fuel, class and year, with a value, its unit and its source. What is assumed is in docs/factors.md; a file
laid out otherwise is copied into these columns. Each year of a file is a set of its own, ``<file>-<year>``, so that
both sides of a comparison have the same factors.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from connectors.contract import CABINS, FUELS, MODES
from connectors.errors import ConfigurationError
from connectors.files.headers import heading_spelling
from connectors.files.table_files import ROW_NUMBER, read_table
from connectors.files.texts import read_bytes
from models import engine

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "mode": ("färdmedel", "transportslag", "färdsätt", "mode"),
    "fuel": ("drivmedel", "bränsle", "fuel"),
    "cabin": ("klass", "kabin", "cabin", "class"),
    "from_km": ("från km", "från km enkel resa", "from km"),
    "below_km": ("till km", "under km", "till km enkel resa", "below km"),
    "year": ("år", "year", "gäller år"),
    "value": ("värde", "faktor", "emissionsfaktor", "value", "factor"),
    "unit": ("enhet", "unit"),
    "boundary": ("systemgräns", "omfattning", "boundary"),
    "source": ("källa", "source", "referens"),
}
"""Field to the headings it is found by."""
NEEDED = ("mode", "year", "value", "unit", "source")
WORDS: Mapping[str, Mapping[str, str]] = {
    "mode": {
        "flyg": "flight",
        "tåg": "rail",
        "buss": "bus",
        "bil": "car",
        "personbil": "car",
        "taxi": "taxi",
        "färja": "ferry",
        "kollektivtrafik": "public_transport",
        "arbetsmaskin": "machine",
        "arbetsmaskiner": "machine",
        "cykel": "bicycle",
    },
    "fuel": {
        "bensin": "petrol",
        "diesel": "diesel",
        "el": "electric",
        "laddhybrid": "plug_in_hybrid",
        "elhybrid": "hybrid",
        "hvo": "hvo",
        "hvo100": "hvo",
        "biogas": "biogas",
        "etanol": "e85",
        "blandat": "fossil_mix",
        "okänt": "unknown",
        "alla": "any",
    },
    "cabin": {
        "ekonomi": "economy",
        "premium": "premium_economy",
        "business": "business",
        "första": "first",
        "alla": "any",
    },
    "boundary": {
        "avgasrör": "tailpipe",
        "direkt": "tailpipe",
        "ttw": "tailpipe",
        "livscykel": "well_to_wheel",
        "wtw": "well_to_wheel",
    },
}
"""Swedish words beside the contract's own."""
_UNIT = re.compile(r"(k?g)\s*(co2e?)\s*/\s*(pkm|personkm|vkm|fordonskm|km|kr|sek|liter|litre|l|kwh)")
_PER = {"pkm": "pkm", "personkm": "pkm", "vkm": "vkm", "fordonskm": "vkm", "km": "vkm", "kr": "SEK", "sek": "SEK"}
_PER |= {"liter": "litre", "litre": "litre", "l": "litre", "kwh": "kWh"}
_SUFFIX = {"SEK": "-per-krona", "litre": "-per-litre", "kWh": "-per-kwh"}
_FARTHEST = 1e9


def factors_of(files: Sequence[Path], chosen: str) -> pl.DataFrame:
    """All factor sets there are: the project's own, and those of some files.

    Raises:
        ConfigurationError: there is no set of the chosen name. And as :func:`read_factor_file`.
    """
    own = engine.reference_tables()["ref_emission_factors"]
    factors = pl.concat([own, *(read_factor_file(path).cast(dict(own.schema)) for path in files)])  # type: ignore[arg-type]
    sets = factors["factor_set"].unique().sort().to_list()
    if chosen not in sets:
        raise ConfigurationError(f"method.factor_set: there is no {chosen}; there are {', '.join(sets)}")
    return factors


def read_factor_file(path: Path) -> pl.DataFrame:
    """The rows of a file in the columns of ``models/reference/emission_factors.csv``.

    Raises:
        ConfigurationError: the file is no table, lacks a column, or has a row that is not understood; the message names
            the row, since a factor left out silently would be kilograms left out silently.
    """
    if not re.fullmatch(r"[a-z0-9][a-z0-9_-]*", path.stem):
        raise ConfigurationError(f"factor file {path.name}: name it with a–z, 0–9, _ and - only; it names the set")
    table = read_table(path.name, read_bytes(path), [name for names in COLUMNS.values() for name in names])
    found = {
        field: heading
        for field, names in COLUMNS.items()
        for heading in table.headings
        if heading_spelling(heading) in {heading_spelling(name) for name in names}
    }
    absent = [field for field in NEEDED if field not in found]
    if absent:
        wanted = "; ".join(f"{field}: {', '.join(COLUMNS[field][:2])}" for field in absent)
        raise ConfigurationError(
            f"factor file {path.name}: no column for {wanted}: name the columns so (docs/factors.md)"
        )
    rows = [
        _factor(path, {field: str(row[heading] or "").strip() for field, heading in found.items()}, row[ROW_NUMBER])
        for row in table.frame.iter_rows(named=True)
    ]
    factors = pl.DataFrame(rows)
    _refuse_overlaps(path, factors)
    return factors


def _factor(path: Path, cells: Mapping[str, str], number: int) -> dict[str, Any]:
    def refuse(field: str, why: str) -> ConfigurationError:
        return ConfigurationError(f"factor file {path.name}, row {number}: {field} {why}: correct it (docs/factors.md)")

    def word(field: str, known: tuple[str, ...], default: str) -> str:
        text = cells.get(field, "").casefold()
        meaning = WORDS[field].get(text, text) or default
        if meaning not in known:
            raise refuse(field, f"is not one of {', '.join(known)}")
        return meaning

    def figure(field: str, default: float | None = None) -> float:
        text = re.sub(r"\s", "", cells.get(field, "")).replace(",", ".")
        if not text and default is not None:
            return default
        try:
            return float(text)
        except ValueError:
            raise refuse(field, "is no number") from None

    unit = _UNIT.fullmatch(cells["unit"].casefold())
    if unit is None:
        raise refuse("unit", "is not written like g CO2/pkm, kg CO2e/vkm, kg CO2/kr or kg CO2/liter")
    weight, gas, per = unit.groups()
    mode, year = word("mode", MODES, ""), int(figure("year"))
    fuel, cabin = word("fuel", (*FUELS, "any"), "any"), word("cabin", (*CABINS, "any"), "any")
    default_boundary = "tailpipe" if gas == "co2" else "well_to_wheel"
    from_km = figure("from_km", 0.0)
    return {
        "factor_set": f"{path.stem}-{year}",
        "factor_id": "-".join((gas, mode, fuel, cabin, f"{from_km:g}")) + _SUFFIX.get(_PER[per], ""),
        "mode": mode,
        "fuel": fuel,
        "cabin": cabin,
        "from_km": from_km,
        "below_km": figure("below_km", _FARTHEST),
        "gas": gas,
        "boundary": word("boundary", ("tailpipe", "well_to_wheel"), default_boundary),
        "kg_per_unit": figure("value") / (1000 if weight == "g" else 1),
        "unit": _PER[per],
        "distance_basis": "given",
        "high_altitude_factor": 1.0,
        "valid_year": year,
        "status": "sourced",
        "source": cells["source"],
    }


def _refuse_overlaps(path: Path, factors: pl.DataFrame) -> None:
    by = ["factor_set", "gas", "mode", "fuel", "cabin", "unit"]
    before = pl.col("below_km").shift(1).over(by, order_by="from_km")
    overlapping = factors.filter((pl.col("from_km") < before).fill_null(value=False))
    if overlapping.height:
        first = overlapping.row(0, named=True)
        raise ConfigurationError(
            f"factor file {path.name}: {first['mode']} {first['fuel']} {first['cabin']} of {first['valid_year']} has "
            "two factors for the same distances: leave one, or write from and to which distance each holds"
        )
    mixed = factors.group_by("factor_set", "gas").agg(pl.col("boundary").n_unique().alias("n")).filter(pl.col("n") > 1)
    if mixed.height:
        raise ConfigurationError(
            f"factor file {path.name}: {mixed['factor_set'][0]} has {mixed['gas'][0]} of two system boundaries, which "
            "may not be added: make a file for each"
        )
