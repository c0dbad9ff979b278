"""The files of a follow-up beside travel and staff: survey answers, courses, and what digital meetings cost, as CSV."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np

from simulator.exports import UTF_8, WINDOWS, ExportFile, kronor, write_csv
from simulator.municipality import Municipality
from simulator.people import DEPARTMENTS, Person

_QUESTIONS = ("Nöjdhet med digitala möten", "Digitala möten fungerar bra", "Mötet ersatte en resa")
_SCALE = ("Instämmer inte alls", "Instämmer knappast", "Varken eller", "Instämmer delvis", "Instämmer helt", "Vet ej")
_LIKELY = ((0.04, 0.08, 0.15, 0.38, 0.30, 0.05), (0.06, 0.12, 0.22, 0.35, 0.20, 0.05))
"""How the answers to the first two questions are spread."""
_REPLACED = (0.18, 0.26)
"""Share of the answers that say the last digital meeting replaced a journey, in each half."""
_ANSWERING = 0.55
_LICENCE_ORE, _TELEPHONY_ORE, _ROOM_ORE = 11_900, 2_400, 38_000
"""A month of a person's licence, of telephony for a person, and of a room's video system."""


@dataclass(frozen=True)
class FollowUp:
    """What was written."""

    survey: tuple[ExportFile, ...]
    training: tuple[ExportFile, ...]
    meeting_costs: tuple[ExportFile, ...]


def write_follow_up(municipality: Municipality, folder: Path) -> FollowUp:
    """Write one survey in each half of the time, a list of course participants and the costs of every month.

    Args:
        municipality: whose.
        folder: made if it does not exist.
    """
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng([municipality.seed, 5])
    period, half = municipality.period, municipality.period.months // 2
    surveys = []
    for number, month in enumerate((half // 2, half + half // 2)):
        first = period.month(month)
        columns = ("Omgång", "Förvaltning", "Fråga", "Svar")
        rows = _answers(rng, municipality, month, number, f"{first:%Y-%m}")
        path = write_csv(folder / f"enkat-{first:%Y-%m}.csv", UTF_8, columns, rows)
        surveys.append(ExportFile("survey_answers", path, first, _last_day(municipality, month)))
    path = write_csv(
        folder / "kursdeltagare.csv", WINDOWS, ("Kursdatum", "Förvaltning", "Roll", "Anställningsnr"),
        _course(rng, municipality, half),
    )  # fmt: skip
    course = ExportFile("training_participants", path, period.month(half - 2), _last_day(municipality, half - 1))
    path = write_csv(folder / "moteskostnader.csv", UTF_8, ("Månad", "Kostnadsslag", "Belopp"), _costs(municipality))
    costs = ExportFile("meeting_costs", path, period.first, _last_day(municipality, period.months - 1))
    return FollowUp(tuple(surveys), (course,), (costs,))


def _last_day(municipality: Municipality, month: int) -> date:
    return municipality.period.month(month + 1) - timedelta(days=1)


def _employed(municipality: Municipality, month: int) -> list[Person]:
    return [person for person in municipality.people if person.group == "employee" and person.is_at_work(month)]


def _answers(
    rng: np.random.Generator, municipality: Municipality, month: int, half: int, round_: str
) -> Iterator[Sequence[object]]:
    for person in _employed(municipality, month):
        if rng.random() >= _ANSWERING:
            continue
        for question, likely in zip(_QUESTIONS[:2], _LIKELY, strict=True):
            yield round_, person.department, question, _SCALE[rng.choice(len(_SCALE), p=likely)]
        yield round_, person.department, _QUESTIONS[2], "Ja" if rng.random() < _REPLACED[half] else "Nej"


def _course(rng: np.random.Generator, municipality: Municipality, half: int) -> Iterator[Sequence[object]]:
    """The larger departments send their people to a course in the two months before the second half."""
    trained = {department.name for department in DEPARTMENTS[::2]}
    for person in _employed(municipality, half - 2):
        if person.department in trained and rng.random() < 0.4:
            day = municipality.period.month(half - 2) + timedelta(days=int(rng.integers(0, 55)))
            role = "Chef" if rng.random() < 0.15 else "Medarbetare"
            yield day, person.department, role, person.employee_no


def _costs(municipality: Municipality) -> Iterator[Sequence[object]]:
    for month, first in enumerate(municipality.period.firsts):
        people = len(_employed(municipality, month))
        for kind, ore in (
            ("Licenser", people * _LICENCE_ORE),
            ("Telefoni", people * _TELEPHONY_ORE),
            ("Videosystem", len(municipality.rooms) * _ROOM_ORE),
        ):
            yield f"{first:%Y-%m}", kind, kronor(ore)
