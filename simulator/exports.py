"""The files a municipality exports by hand: travel agency, rail account, mileage claims, staff and sites, as CSV."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

from simulator.geography import SITES
from simulator.journeys import Extra, Journey
from simulator.municipality import Municipality
from simulator.people import DEPARTMENTS

AGENCY_COLUMNS = (
    "Bokningsnummer",
    "Anställningsnr",
    "Förvaltning",
    "Avresedatum",
    "Hemresedatum",
    "Från",
    "Till",
    "Färdmedel",
    "Klass",
    "Km enkel resa",
    "Belopp",
    "Moms",
    "Valuta",
    "Syfte",
    "Radtyp",
)
RAIL_COLUMNS = (
    "Bokningsnummer",
    "Anställningsnr",
    "Förvaltning",
    "Resdatum",
    "Avgångstid",
    "Ankomsttid",
    "Från",
    "Till",
    "Klass",
    "Km",
    "Pris",
    "Moms",
    "Syfte",
    "Typ",
)
MILEAGE_COLUMNS = (
    "Anställningsnr",
    "Förvaltning",
    "Datum",
    "Från",
    "Till",
    "Antal mil",
    "Drivmedel",
    "Ersättning kr",
    "Ändamål",
)
STAFF_COLUMNS = ("Månad", "Förvaltning", "Grupp", "Antal personer", "Årsarbetskrafter")
SITE_COLUMNS = ("Plats", "Kommun", "Latitud", "Longitud")
UTF_8, WINDOWS = "utf-8-sig", "cp1252"
"""How the agency, the railway and everyone else, and how payroll writes files."""

_MODES = {"flight": "Flyg", "bus": "Buss", "rental": "Hyrbil", "taxi": "Taxi"}
_GROUPS = {"employee": "Anställd", "elected": "Förtroendevald"}
_NARROW = "\N{NO-BREAK SPACE}"

Rows = Iterable[Sequence[object]]


class ExportFile(NamedTuple):
    """A file, the profile that reads it, and the days it covers."""

    profile: str
    path: Path
    first_day: date
    last_day: date


@dataclass(frozen=True)
class Exports:
    """Everything that was written."""

    travel: tuple[ExportFile, ...]
    staff: tuple[ExportFile, ...]
    sites: tuple[ExportFile, ...]


def write_exports(municipality: Municipality, folder: Path) -> Exports:
    """Write an agency, a rail and a mileage file a month, one staff file a calendar year, and one file of sites.

    Journeys in the own car are claimed as mileage, those by rail were bought on a rail account with a ticket each way,
    and all others were booked at the agency, as were all hotels. Everything paid for a journey stands in the files of
    the month it began in.

    Args:
        municipality: whose.
        folder: made if it does not exist.
    """
    folder.mkdir(parents=True, exist_ok=True)
    period = municipality.period
    by_month: dict[date, list[Journey]] = defaultdict(list)
    for journey in municipality.journeys:
        by_month[journey.departs.replace(day=1)].append(journey)
    travel = []
    for index, first in enumerate(period.firsts):
        last = period.month(index + 1) - timedelta(days=1)
        claimed = [journey for journey in by_month[first] if journey.mode == "own_car"]
        booked = [journey for journey in by_month[first] if journey.mode != "own_car"]
        by_rail = [journey for journey in booked if journey.mode == "rail"]
        path = write_csv(folder / f"resebyra-{first:%Y-%m}.csv", UTF_8, AGENCY_COLUMNS, _agency_rows(booked))
        travel.append(ExportFile("travel_agency", path, first, last))
        path = write_csv(folder / f"tagkonto-{first:%Y-%m}.csv", UTF_8, RAIL_COLUMNS, _rail_rows(municipality, by_rail))
        travel.append(ExportFile("rail_account", path, first, last))
        path = write_csv(folder / f"milersattning-{first:%Y-%m}.csv", WINDOWS, MILEAGE_COLUMNS, map(_claim, claimed))
        travel.append(ExportFile("mileage_claims", path, first, last))
    staff = []
    for year in sorted({first.year for first in period.firsts}):
        months = [index for index, first in enumerate(period.firsts) if first.year == year]
        path = write_csv(folder / f"personal-{year}.csv", UTF_8, STAFF_COLUMNS, _staff_rows(municipality, months))
        last = period.month(months[-1] + 1) - timedelta(days=1)
        staff.append(ExportFile("staff", path, period.month(months[0]), last))
    path = write_csv(folder / "platser.csv", UTF_8, SITE_COLUMNS, _site_rows(municipality))
    last = period.month(period.months) - timedelta(days=1)
    return Exports(tuple(travel), tuple(staff), (ExportFile("sites", path, period.first, last),))


def write_csv(path: Path, encoding: str, columns: Sequence[str], rows: Rows) -> Path:
    """Write a file with semicolons, as spreadsheets here do, and say where it is."""
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(columns)
        writer.writerows(rows)
    return path


def kronor(ore: int) -> str:
    """An amount in öre as Swedish kronor: ``-1 234,50``, with a no-break space."""
    whole, rest = divmod(abs(ore), 100)
    return f"{'-' if ore < 0 else ''}{whole:,},{rest:02}".replace(",", _NARROW, f"{whole:,}".count(","))


def _agency_rows(journeys: Iterable[Journey]) -> Rows:
    for journey in journeys:
        if journey.mode != "rail":
            yield _agency_row(journey, None)
        for extra in journey.extras:
            if journey.mode != "rail" or extra.kind == "Hotell":
                yield _agency_row(journey, extra)


def _agency_row(journey: Journey, extra: Extra | None) -> Sequence[object]:
    amount, vat = (extra.amount_ore, extra.vat_ore) if extra else (journey.amount_ore, journey.vat_ore)
    return (
        journey.booking,
        journey.person.employee_no,
        journey.person.department,
        journey.departs,
        journey.returns,
        "" if extra else journey.origin,
        "" if extra else journey.destination,
        "" if extra else _MODES[journey.mode],
        "" if extra else journey.cabin,
        "" if extra else journey.km_one_way,
        kronor(amount),
        kronor(vat),
        "SEK",
        journey.purpose,
        extra.kind if extra else "Resa",
    )


def _rail_rows(municipality: Municipality, journeys: Iterable[Journey]) -> Rows:
    """A ticket each way at half the price, and what was paid beside."""
    for journey in journeys:
        booking = municipality.tickets[journey.booking]
        traveller = journey.person.employee_no if booking.names_traveller else ""
        before = (journey.booking, traveller, journey.person.department)
        spent, tax = 0, 0
        for ticket, share in ((booking.out, 2), (booking.back, 1)):
            amount, vat = (journey.amount_ore - spent) // share, (journey.vat_ore - tax) // share
            spent, tax = spent + amount, tax + vat
            times = f"{ticket.departs:%H:%M}", f"{ticket.arrives:%H:%M}"
            way = (*times, ticket.origin, ticket.destination, "2 klass", journey.km_one_way)
            yield *before, ticket.departs.date(), *way, kronor(amount), kronor(vat), journey.purpose, "Biljett"
        for extra in journey.extras:
            if extra.kind != "Hotell":
                paid = kronor(extra.amount_ore), kronor(extra.vat_ore)
                yield *before, journey.departs, *[""] * 6, *paid, journey.purpose, extra.kind


def _claim(journey: Journey) -> Sequence[object]:
    mil = f"{2 * journey.km_one_way / 10:.1f}".replace(".", ",")
    return (
        journey.person.employee_no,
        journey.person.department,
        journey.departs,
        journey.origin,
        journey.destination,
        mil,
        journey.fuel,
        f"{journey.cost_ore // 100},{journey.cost_ore % 100:02}",
        journey.purpose,
    )


def _staff_rows(municipality: Municipality, months: Iterable[int]) -> Rows:
    for month in months:
        for row, department in enumerate(DEPARTMENTS):
            present = [it for it in municipality.people if it.department == department.name and it.is_at_work(month)]
            for group, word in _GROUPS.items():
                count = sum(person.group == group for person in present)
                if count:
                    fte = f"{municipality.fte[row, month]:.2f}".replace(".", ",") if group == "employee" else ""
                    yield f"{municipality.period.month(month):%Y-%m}", department.name, word, count, fte


def _site_rows(municipality: Municipality) -> Rows:
    for site in SITES:
        yield (
            site.name,
            municipality.name.removesuffix(" kommun"),
            *(f"{degrees:.2f}".replace(".", ",") for degrees in (site.latitude, site.longitude)),
        )
