"""Proposes a profile for an unknown file: a start for the person who knows it, never a decision.

Whatever is assumed and not read is said in the notes, so that nobody has to find out later.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from connectors.errors import ConfigurationError
from connectors.files.column_guesses import columns_of, decimal_of, spelled
from connectors.files.headers import heading_spelling
from connectors.files.profiles import FIELDS, REQUIRED, FileKind, Profile, profile_of
from connectors.files.survey_guesses import identifier, questions_of
from connectors.files.synonyms import Meaning, Synonyms, synonyms
from connectors.files.table_files import TextTable

_WORDS = ("code", "word", "flag", "score", "currency")
_NOT_TRIPS = ("fee", "hotel", "refund", "cancellation", "fuel", "allowance", "private", "other")
_MEETING = {"field": "purpose", "meeting": ["meeting", "conference", "training"], "service": ["inspection", "service"]}
_NO_LAST_DAY = ("9999-12-31", "2099-12-31")
_TRIP = "trip"
"""In the synonyms: a trip of whatever kind the file's shape says."""


def propose(table: TextTable, kind: FileKind) -> tuple[Profile, list[str]]:
    """A profile for a file, and what was assumed.

    Args:
        table: the file as texts, read with the headings of ``synonyms``.
        kind: what the file holds.

    Raises:
        ConfigurationError: a column that this kind of file needs was not found.
    """
    words = synonyms(kind)
    columns = columns_of(table, kind, words)
    content: dict[str, Any] = {
        "name": _name(table.name),
        "kind": kind,
        "description": f"Proposed for {kind} files like the one inspected: check every line",
        "decimal": decimal_of(table, kind, columns),
        "covers": _covers(kind, columns),
    }
    notes: list[str] = []
    if kind == "travel":
        content |= _travel(table, columns, words, notes)
    elif kind == "survey":
        content |= _survey(table, columns, words, notes)
    elif kind == "meeting_costs":
        content |= {"constants": {"currency": "SEK"}} if "currency" not in columns else {}
        content["allocation"] = _seen_allocation(table, columns, words)
        notes.append("how a kind of cost is shared between telephone, web and video is assumed: see [allocation]")
    elif "valid_to" in columns:
        content["empty_cells"] = [day for day in _NO_LAST_DAY if day in spelled(table.frame[columns["valid_to"]])]
    known = {**_values(table, kind, columns, words), **content.pop("values", {})}
    missing = [name for name in REQUIRED[kind] if name not in {*columns, *content.get("constants", {})}]
    if missing:
        raise ConfigurationError(
            f"{table.name}: no column looks like {', '.join(missing)} (found: {', '.join(columns) or 'none'}); "
            f"check that it is a {kind} file with a header, or write a profile that names the columns"
        )
    return profile_of(table.name, {**content, "columns": columns, "values": known}), notes


def _covers(kind: FileKind, columns: Mapping[str, str]) -> str:
    if kind in ("sites", "departments"):
        return "register"
    return "calendar_months" if "month" in columns else "rows"


def _name(file: str) -> str:
    plain = Path(file).stem.lower().translate(str.maketrans("åäöé", "aaoe"))
    return re.sub(r"[^a-z0-9]+", "_", plain).strip("_") or "proposed"


def _about(table: TextTable) -> str:
    """The file's name, titles and headings in one text, to look for words in."""
    return heading_spelling(
        " ".join([table.name, *(cell for title in table.titles for cell in title), *table.headings])
    )


def _values(
    table: TextTable, kind: FileKind, columns: Mapping[str, str], words: Synonyms
) -> dict[str, dict[str, Meaning]]:
    """Of the spellings that are known, those that the file has."""
    found = {}
    for name, heading in columns.items():
        known = words.values.get(name, {})
        if FIELDS[kind][name] in _WORDS and known:
            seen = {spelling: known[spelling] for spelling in spelled(table.frame[heading]) if spelling in known}
            found[name] = seen
    return {name: seen for name, seen in found.items() if seen}


# -- travel -------------------------------------------------------------------------------------------------------


def _travel(table: TextTable, columns: dict[str, str], words: Synonyms, notes: list[str]) -> dict[str, object]:
    """What travel files need beside columns; adds columns that are read twice."""
    shape = _shape(table, columns, words)
    constants: dict[str, Meaning] = {"time_zone": "Europe/Stockholm"}
    constants |= {name: meaning for name, meaning in shape.items() if name not in columns}
    constants |= _money_constants(columns, notes)
    meanings = _meanings(table, columns, words, shape["row_means"])
    if set(meanings.values()) - {shape["row_means"]} or "row_means" in columns:
        columns.setdefault("row_means", columns.get("mode", ""))
        constants.pop("row_means", None)
    notes.extend(
        f"no column says {name}: every row is taken for {constants[name]}; correct [constants] if not"
        for name in ("mode", "row_means")
        if name in constants
    )
    if "mode" in columns and set(spelled(table.frame[columns["mode"]])) & set(words.values["vehicle_class"]):
        columns["vehicle_class"] = columns["mode"]
    content: dict[str, object] = {"constants": constants, "distance": _distance(columns, notes)}
    private = [word for word, meaning in meanings.items() if meaning == "private"]
    if private:
        content["exclude"] = [{"rule": "private", "column": columns["row_means"], "values": private}]
    if "person" in columns:
        content["person"] = {"kind": _person_kind(columns["person"])}
    if "purpose" in columns:
        content["trip_class"] = [_MEETING]
    return {**content, "values": {"row_means": meanings} if "row_means" in columns else {}}


def _shape(table: TextTable, columns: Mapping[str, str], words: Synonyms) -> Mapping[str, Meaning]:
    """What the first shape that fits says; a column that says the mode is believed before any shape."""
    about = _about(table)
    return next(
        shape.constants
        for shape in words.shapes
        if set(shape.fields) <= set(columns)
        and (not shape.words or any(word in about for word in shape.words))
        and not {"mode"} & set(columns) & set(shape.constants)
    )


def _meanings(table: TextTable, columns: Mapping[str, str], words: Synonyms, trip: Meaning) -> dict[str, Meaning]:
    """What a row means by its type, else by its product: hotels, fees and refunds as they are, else a trip."""
    heading = columns.get("row_means") or columns.get("mode")
    found: dict[str, Meaning] = {}
    for spelling in spelled(table.frame[heading]) if heading else []:
        meaning = words.values["row_means"].get(spelling)
        by_type = "row_means" in columns and columns.get("row_means") != columns.get("mode")
        if meaning is not None and (by_type or meaning in _NOT_TRIPS):
            found[spelling] = trip if meaning == _TRIP else meaning
        elif spelling in words.values["mode"]:
            found[spelling] = trip
    return found


def _money_constants(columns: Mapping[str, str], notes: list[str]) -> dict[str, Meaning]:
    found: dict[str, Meaning] = {}
    if "kwh" in heading_spelling(columns.get("quantity", "")):
        found["quantity_unit"] = "kwh"
    if "amount" not in columns:
        return found
    heading = heading_spelling(columns["amount"])
    if "currency" not in columns:
        found["currency"] = "SEK"
        if not re.search(r"\b(kr|sek)\b", heading):
            notes.append("no column says the currency: amounts are taken for SEK; correct [constants] if not")
    if re.search(r"exkl|excl|\bex\b|nett?o?\b", heading):
        found["is_net"] = True
    elif re.search(r"inkl|incl|brutto|gross", heading):
        found["is_net"] = False
    return found


def _distance(columns: Mapping[str, str], notes: list[str]) -> dict[str, object]:
    heading = heading_spelling(columns.get("distance", columns.get("odometer_end", "")))
    unit = "mil" if re.search(r"\bmil\b", heading) else "km"
    is_one_way = bool(re.search(r"enkel|one way|one-way", heading))
    if "distance" in columns and not re.search(r"\b(mil|km|kilomet\w+)\b", heading):
        notes.append("the heading of the distance has no unit: kilometres are assumed; correct [distance] if not")
    return {"unit": unit, "times_on_round_trip": 2 if is_one_way else 1}


def _person_kind(heading: str) -> str:
    text = heading_spelling(heading)
    if "mail" in text or "e-post" in text or "epost" in text:
        return "mail"
    return "employee_no" if text.startswith(("anst", "employee", "personnel")) else "other"


# -- surveys and costs --------------------------------------------------------------------------------------------


def _survey(table: TextTable, columns: dict[str, str], words: Synonyms, notes: list[str]) -> dict[str, object]:
    content: dict[str, object] = {}
    if "round" not in columns:
        year = re.search(r"(?<!\d)20\d\d(?!\d)", _about(table))
        content["constants"] = {"round": year.group() if year else "unknown"}
        notes.append(f"no column says the round: {year.group() if year else 'unknown'} is assumed; correct [constants]")
    if "question" in columns and {"answer", "answers"} & set(columns):
        asked = spelled(table.frame[columns["question"]])
        content["values"] = {"question": {text: identifier(text) for text in asked}}
        if "answer" in columns:
            content["questions"] = questions_of(table, dict.fromkeys(asked, columns["answer"]), words, columns)
        return content
    for name in ("question", "answer", "answers", "mean", "share_positive"):
        columns.pop(name, None)
    taken = set(columns.values())
    asked_in = {heading: heading for heading in table.headings if heading not in taken}
    content["questions"] = questions_of(table, asked_in, words, {})
    content["values"] = {"answer": dict(words.values["answer"])}
    notes.append("from which number an answer is positive is assumed: see [questions]")
    return content


def _seen_allocation(table: TextTable, columns: Mapping[str, str], words: Synonyms) -> dict[str, Mapping[str, float]]:
    if "cost_type" not in columns:
        return {}
    known = words.values["cost_type"]
    seen = {known[spelling] for spelling in spelled(table.frame[columns["cost_type"]]) if spelling in known}
    return {name: shares for name, shares in words.allocation.items() if name in seen}
