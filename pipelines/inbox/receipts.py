"""Writes the receipt that lies beside a handed-in file: what was understood, what was not, why, and what to do next.

In Swedish, for the person who handed the file in. Unknown spellings are that person's own data and stand nowhere else.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path

from connectors.files.profiles import FileKind, Profile
from connectors.files.receipts import Receipt

RECEIPT = ".kvitto.txt"
SHOWN_WORDS = 50

KINDS: Mapping[FileKind, str] = {
    "travel": "resor",
    "staff": "personal",
    "departments": "förvaltningar",
    "sites": "arbetsplatser",
    "survey": "enkätsvar",
    "training": "utbildning",
    "meeting_costs": "möteskostnader",
    "meeting_totals": "mötestotaler",
    "travel_totals": "resetotaler",
    "meetings": "möten",
}
ALONE = "Rätta det som står ovan och lägg in filen igen. Den gamla filen kan du ersätta eller ta bort."
_EXPORT = "Exportera filen på nytt ur systemet den kommer från, som CSV eller XLSX, och lägg in den igen."
_SAY_WHICH = (
    "Ska filen ersätta den tidigare: döp om den så att namnet slutar med (ersätter), till exempel "
    "resor (ersätter).csv. Ska den läggas till: låt namnet sluta med (lägg till). Nästa läsning gör som du säger."
)
_PERIOD = "Skriv perioden sist i filens namn, till exempel resor-2025-03.csv, resor-2025-Q1.csv eller resor-2025.csv."
_PROFILE = "Kontrollera att det är rätt export. Är den det: be den som sköter resfri om en profil för filen."

_REFUSALS: tuple[tuple[str, str, str], ...] = (
    (
        r"header holds what looks like a personal identity number",
        "Rubrikraden innehåller något som ser ut som ett personnummer. Ingenting av filen har sparats.",
        "Exportera filen på nytt med en rubrikrad och utan personnummer.",
    ),
    (
        r"(column \d+)(?: \((?P<heading>.+)\))? holds what looks like a personal identity number \(row (?P<row>\d+)\)",
        (
            "Filen innehåller något som ser ut som ett personnummer ({column}, rad {row} under rubrikraden). "
            "Ingenting av filen har sparats."
        ),
        "Ta bort kolumnen eller använd anställningsnummer, och lägg in filen igen.",
    ),
    (r"workbook with macros", "Arbetsboken innehåller makron.", "Spara den som XLSX utan makron."),
    (r"is locked with a password", "Filen är låst med lösenord.", "Spara den utan lösenord och lägg in den igen."),
    (
        r"cannot be opened as a workbook",
        "Arbetsboken går inte att öppna: den är skadad eller låst med lösenord.",
        "Spara den på nytt som XLSX utan lösenord.",
    ),
    (r"is damaged", "Filen är skadad.", _EXPORT),
    (r"larger than (?P<limit>\d+) MB", "Filen är större än {limit} MB.", "Dela den, till exempel per år."),
    (r"unpacks to more than can be read", "Filen är för stor att läsas.", "Dela den, till exempel per år."),
    (r"no visible sheet with rows", "Arbetsboken har inget synligt blad med rader.", _EXPORT),
    (r"has no rows|is empty", "Filen är tom.", _EXPORT),
    (
        r"not a table|no list of records|not a text file or a workbook|is not a workbook",
        "Filen är ingen tabell (en CSV-fil eller en arbetsbok), utan något annat.",
        _EXPORT,
    ),
    (r"line (?P<line>\d+) has more values", "Rad {line} har fler värden än rubrikraden har kolumner.", _EXPORT),
    (
        r"quotation mark is not closed near line (?P<line>\d+)",
        "Ett citattecken avslutas inte nära rad {line}.",
        _EXPORT,
    ),
    (r"it has no column (?P<columns>[^;]+);", "Filen saknar kolumner som behövs: {columns}.", _PROFILE),
    (r"not one of (?P<rows>\d+) rows can be read", "Ingen av filens {rows} rader går att läsa.", _PROFILE),
    (
        r"already imported with profile (?P<profile>\w+)",
        "Filen är redan inläst med profilen {profile}. En gång till skulle räkna den dubbelt.",
        "Ta bort den här kopian.",
    ),
    (
        r"covers (?P<first>\S+) – (?P<last>[\d-]+), and so do (?P<files>\d+) files",
        "Filen gäller {first} – {last}, och {files} inlästa filer gäller dagar i samma tid. En fil ersätter bara en.",
        (
            "Lägg in de rättade filerna en för en, med samma perioder som de gamla. Ska filen i stället läggas till de "
            "andra: låt namnet sluta med (lägg till)."
        ),
    ),
    (
        r"covers (?P<first>\S+) – (?P<last>[\d-]+), and a file .+ covers (?P<from>\S+) – (?P<to>[\d-]+)",
        (
            "Filen gäller {first} – {last}, men en inläst fil gäller {from} – {to}. De gäller delvis samma dagar, och "
            "resfri gissar inte vilken som är rätt."
        ),
        _SAY_WHICH,
    ),
    (
        r"no row lies between (?P<first>\S+) and (?P<last>[\d-]+)",
        "Filens namn säger {first} – {last}, men ingen rad är från den tiden.",
        "Rätta perioden i filens namn.",
    ),
    (
        r"rows do not tell what period|has no dated rows",
        "Filens rader säger inte vilken period den gäller.",
        _PERIOD,
    ),
    (
        r"(?P<file>[^/\\]+) cannot be read \(",
        "En fil som behövs går inte att läsa: {file}.",
        "Lägg den i samma mapp, eller stäng den om den är öppen.",
    ),
    (
        r"value of (?P<column>.+) occurs twice",
        "I filen som slås upp bredvid förekommer ett värde i {column} två gånger.",
        _EXPORT,
    ),
    (
        r"profile \S+(?: cannot be read)?:|profile's file is named|profile \S+ is for",
        "Profilen (.toml-filen) i mappen går inte att använda.",
        "Be den som sköter resfri att rätta profilen: ",
    ),
)
_REASONS = {
    "unreadable": "går inte att läsa",
    "missing": "saknas",
    "negative": "är under noll",
    "unknown_value": "har ett ord som profilen inte känner",
    "repeated": "förekommer mer än en gång",
    "out_of_range": "ligger utanför det möjliga",
    "leads_further": "är ett namn som filen i sin tur leder till ett annat",
    "clock_change": "ligger i timmen då klockan ställs om",
}
_NOTES = {
    "trips by an unknown mode": "resor med okänt färdmedel",
    "trips without distance": "resor utan sträcka",
    "trips without traveller": "resor utan resenär",
    "returns before departure": "hemresor före avresan",
    "absences of more than 90 days": "resor som varar mer än 90 dagar",
    "amounts in another currency or none": "belopp i annan valuta eller utan valuta",
    "places left out because they look like an address": "platser som utelämnats för att de liknar en adress",
    "rows without an end": "rader utan sluttid",
    "ends before the beginning, left out": "sluttider före början, utelämnade",
    "ends in the hour that the clock change makes uncertain": "sluttider i timmen då klockan ställs om",
    "meetings of which nobody says the media": "möten där det inte framgår om de hade bild eller bara ljud",
    "meetings of more than 24 hours; one id may stand for a series": "möten som varar mer än ett dygn",
}
_RULES = {
    "title_row": "rubriktext ovanför tabellen",
    "total_row": "summarader",
    "repeated_header": "upprepade rubrikrader",
    "private": "privata",
    "test_call": "testsamtal",
}


def landed_text(receipt: Receipt, profile: Profile, twin: str | None) -> str:
    """The receipt of a file that was read; ``twin`` is another file in the inbox with the same content."""
    said = f"Period: {receipt.covers.first} – {receipt.covers.last} "
    said += "(enligt filens namn)" if receipt.covers.basis == "declared" else "(enligt filens rader)"
    parts = (receipt.rows_read, receipt.rows_landed, receipt.rows_rejected, receipt.rows_excluded)
    lines = [
        "RESULTAT: Filen är inläst.",
        "",
        f"Innehåll: {KINDS[receipt.kind]}, profil {receipt.profile}",  # type: ignore[index]
        said,
        f"Rader: {_sum(*parts)}",
    ]
    for currency, of in receipt.amounts.items():
        unit = "okänd valuta" if currency == "?" else currency
        lines.append(f"Belopp i {unit}: {_sum(of.read, of.landed, of.rejected, of.excluded)}")
    if receipt.replaces_sha256:
        lines.append(f"Ersätter den fil som hade kontrollnummer {receipt.replaces_sha256[:12]}.")
    if twin:
        lines.append(f"Samma innehåll finns i {twin}. Det räknas en gång.")
    lines += _details(receipt, profile)
    lines += ["", "ATT GÖRA", _next_step(receipt), "", f"Kontrollnummer: {receipt.file_sha256}"]
    return _framed(receipt.file, lines)


def asked_text(name: str, why: str, todo: str, *, is_earlier_counted: bool = False) -> str:
    """The receipt of a file that was not read: why not, and what to do.

    Args:
        name: of the file.
        why: one reason.
        todo: what the person does next.
        is_earlier_counted: whether an earlier file of that name was read.
    """
    outcome = "RESULTAT: Filen är inte inläst. Ingenting av den räknas."
    if is_earlier_counted:
        outcome += " Det som lästes in tidigare under samma namn gäller fortfarande."
    return _framed(name, [outcome, "", "VARFÖR", why, "", "ATT GÖRA", todo])


def replaced_text(name: str, sha: str, by: str) -> str:
    """The receipt of a file whose place a later one has taken."""
    lines = [
        "RESULTAT: Filen är ersatt och räknas inte längre.",
        "",
        f"Ersatt av: {by}",
        "",
        "ATT GÖRA",
        "Ingenting. Ska den här filen gälla igen: döp om den så att namnet slutar med (ersätter).",
        "",
        f"Kontrollnummer: {sha}",
    ]
    return _framed(name, lines)


def in_swedish(name: str, message: str) -> tuple[str, str]:
    """(why, what to do) for a message of the import; one that is not known is given as it is."""
    bare = message.removeprefix(name)
    for pattern, why, todo in _REFUSALS:
        found = re.search(pattern, bare)
        if found:
            said = {key: value or "" for key, value in found.groupdict().items()}
            if "heading" in said:
                position = f"kolumn {found[1].removeprefix('column ')}"
                said["column"] = f"{position}, {said['heading']}" if said["heading"] else position
            return why.format_map(said), todo + (message if todo.endswith(": ") else "")
    return f"resfri säger: {message}", ALONE


def write_receipt(file: Path, text: str) -> None:
    """Put the receipt beside its file, whole; one that says the same already is left alone.

    With a byte order mark and Windows line ends, so that Notepad shows it right.

    Raises:
        OSError: the folder cannot be written.
    """
    content = text.replace("\n", "\r\n").encode("utf-8-sig")
    path = receipt_of(file)
    if path.is_file() and path.read_bytes() == content:
        return
    temporary = path.with_name(f".{path.name}.tmp")
    temporary.write_bytes(content)
    os.replace(temporary, path)  # noqa: PTH105 - the name says what happens to the one before


def receipt_of(file: Path) -> Path:
    """Where a file's receipt lies."""
    return file.with_name(file.name + RECEIPT)


def _details(receipt: Receipt, profile: Profile) -> list[str]:
    lines: list[str] = []
    if receipt.reasons:
        lines += ["", "RADER SOM INTE FÖRSTODS"]
        lines += [
            f"- {_column(profile, name)} {_REASONS.get(reason, reason)}: {count} rader"
            for (reason, name), count in receipt.reasons.items()
        ]
        more = " …" if receipt.rows_rejected > len(receipt.rejected_rows) else ""
        lines.append(f"De första: rad {', '.join(map(str, receipt.rejected_rows))}{more} (rad 1 är under rubrikraden)")
    if receipt.unknown_values:
        lines += ["", "ORD SOM INTE ÄR KÄNDA"]
        words = list(receipt.unknown_values.items())
        lines += [f"- {_column(profile, name)}: ”{word}”, {count} rader" for (name, word), count in words[:SHOWN_WORDS]]
        if len(words) > SHOWN_WORDS:
            lines.append(f"- och {len(words) - SHOWN_WORDS} ord till")
    if receipt.excluded_by:
        lines += ["", "UTELÄMNAT MED AVSIKT"]
        lines += [f"- {_RULES.get(rule, rule)}: {count} rader" for rule, count in receipt.excluded_by.items()]
    if receipt.notes:
        lines += ["", "ANMÄRKNINGAR"]
        lines += [f"- {_NOTES.get(note, note)}: {count}" for note, count in receipt.notes.items()]
    return lines


def _next_step(receipt: Receipt) -> str:
    if receipt.rows_rejected:
        return (
            "Rätta raderna i systemet de kommer från och lägg in en ny fil för samma period: den ersätter den här. "
            "Gör du ingenting räknas de rader som förstods."
        )
    if receipt.unknown_values:
        return "Visa orden ovan för den som sköter resfri, så att profilen lär sig dem."
    return "Ingenting."


def _column(profile: Profile, name: str) -> str:
    """What the person knows a field as: the heading of its column, and the field where several are read from it."""
    headings = profile.headings(name)
    shared = [each for each in profile.columns if set(profile.headings(each)) & set(headings)]
    return (" eller ".join(headings) or name) + (f" ({name})" if len(shared) > 1 else "")


def _sum(read: object, landed: object, rejected: object, excluded: object) -> str:
    return f"{read} = {landed} förstådda + {rejected} inte förstådda + {excluded} utelämnade"


def _framed(name: str, lines: list[str]) -> str:
    return "\n".join(["KVITTO FRÅN RESFRI", f"Fil: {name}", "", *lines, ""])
