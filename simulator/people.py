"""Who works in the municipality, whom they meet outside it, and the rooms they meet in. All of it is invented."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

import numpy as np

from simulator.calendar import Period
from simulator.geography import SITES

DOMAIN = "exempelby.example"
"""A top-level domain reserved for examples: no such address can exist."""
ROOM_DOMAIN = f"video.{DOMAIN}"
"""Where only video systems are registered."""

_ELECTED_SHARE = 0.05
_MIN_PEOPLE = 24


@dataclass(frozen=True)
class Department:
    """A department; ``share`` of all people unless ``people`` fixes their number."""

    name: str
    share: float = 0.0
    people: int = 0
    elected_share: float = 0.0
    """Share of the elected representatives who belong to it."""
    travels: float = 1.0
    """Journeys per full-time equivalent, relative to the others."""


DEPARTMENTS = (
    Department("Barn- och utbildningsförvaltningen", 0.34, elected_share=0.25, travels=0.7),
    Department("Socialförvaltningen", 0.28, elected_share=0.2, travels=0.8),
    Department("Samhällsbyggnadsförvaltningen", 0.14, elected_share=0.2, travels=1.7),
    Department("Kommunledningskontoret", 0.09, elected_share=0.35, travels=2.1),
    Department("Kultur- och fritidsförvaltningen", 0.06, travels=1.1),
    Department("Arbetsmarknadsenheten", 0.05, travels=1.0),
    Department("Serviceförvaltningen", 0.04, travels=0.5),
    Department("Räddningstjänsten", people=7, travels=1.5),
    Department("Överförmyndarenheten", people=3, travels=1.0),
)

_GIVEN = (
    "Agneta Ahmed Alva Amir Anders Anna Arvid Astrid Axel Birgitta Britt Carina Cecilia Dag Daniel Ebba Elias Elin "
    "Elsa Emil Erik Eva Fatima Filip Frida Gunilla Gustav Hanna Hassan Helena Henrik Ida Ingrid Jakob Johan Josefin "
    "Karin Kerstin Lars Leila Lena Lina Linus Magnus Maja Malin Maria Mats Mikael Mona Nadia Nils Olof Omar Oskar Per "
    "Petra Rebecka Rickard Sara Signe Sofia Stefan Susanne Tove Tuva Ulla Vera Viktor Yusuf Åke Åsa Örjan"
).split()
_SURNAMES = (
    "Abrahamsson Ahlberg Almgren Andersson Axelsson Berglund Bergström Björk Blomqvist Borg Carlsson Dahl Danielsson "
    "Edlund Ek Eklöv Engström Eriksson Falk Forsberg Fransson Gunnarsson Gustafsson Hagman Hallberg Hansson Hedlund "
    "Hermansson Holm Håkansson Isaksson Jansson Johansson Jonsson Karimi Karlsson Kvist Larsson Lind Lindgren "
    "Lindqvist Ljung Lundgren Lundqvist Magnusson Mattsson Mohammadi Nilsson Norberg Nordin Nyström Olofsson Olsson "
    "Palm Persson Pettersson Rosén Sandberg Sjöberg Sjögren Ström Sundberg Svensson Söderlund Tesfaye Wallin Westman "
    "Wikström Åberg Åkesson Åström Öberg Öhman"
).split()
_PLAIN = str.maketrans("åäöéÅÄÖ", "aaoeAAO")
_OUTSIDE = (
    ("Region Exempelsund", "regionexempelsund.example", 12),
    ("Grannby kommun", "grannby.example", 10),
    ("Länsstyrelsen i Exempelsund", "lansstyrelsen-exempelsund.example", 8),
    ("Exempelsunds universitet", "exempelsunds-universitet.example", 6),
    ("Kontorsbyrån AB", "kontorsbyran.example", 5),
    ("Bygg och Rör i Exempelby AB", "bygg-och-ror.example", 5),
    ("Myndigheten för exempel", "exempelmyndigheten.example", 6),
    ("Ideella Exempelföreningen", "exempelforeningen.example", 3),
)
_ROOM_NAMES = (
    "Asken Björken Eken Granen Hasseln Linden Lönnen Rönnen Tallen Videt Alen Almen Enen Sälgen Oxeln Avenboken "
    "Häggen Slånet Olvonet Kaprifolen"
).split()


@dataclass(frozen=True)
class Person:
    """Someone with an account in the municipality."""

    entra_id: str
    given_name: str
    surname: str
    display_name: str
    upn: str
    mail: str
    """Differs from ``upn`` for those who changed their name."""
    employee_no: str
    mobile: str
    """E.164; in a range of no subscribers (+46 740, once for pagers)."""
    department: str
    site: str
    group: Literal["employee", "elected"]
    degree: float
    """Part of full time; 0 for elected representatives."""
    first_month: int
    """Index of the first month at work."""
    after_month: int
    """Index of the first month no longer at work."""
    activity: float
    """How often they meet digitally, relative to others."""

    @property
    def mobile_as_written(self) -> str:
        """The number as the directory has it."""
        digits = "0" + self.mobile.removeprefix("+46")
        return f"{digits[:3]}-{digits[3:6]} {digits[6:8]} {digits[8:]}"

    @property
    def zoom_id(self) -> str:
        """The id of their account at Zoom."""
        return urlsafe_b64encode(UUID(self.entra_id).bytes).decode().rstrip("=")

    @property
    def webex_id(self) -> str:
        """The id of their account at Webex."""
        return urlsafe_b64encode(f"ciscospark://us/PEOPLE/{self.entra_id}".encode()).decode().rstrip("=")

    @property
    def webex_sip_address(self) -> str:
        """What they are called by at Webex."""
        return f"{self.upn.partition('@')[0]}@exempelby.calls.webex.example"

    @property
    def machine(self) -> str:
        """The name of their computer."""
        return f"LAP{self.employee_no.removeprefix('EX')}"

    @property
    def ip_address(self) -> str:
        """The address of their computer in the municipality's network."""
        digits = self.employee_no.removeprefix("EX")
        return "10." + ".".join(f"1{digits[place : place + 2]}" for place in (0, 2, 4))

    def is_at_work(self, month: int) -> bool:
        """Whether they are employed or elected in a month, by index."""
        return self.first_month <= month < self.after_month


@dataclass(frozen=True)
class Room:
    """A meeting room with a mailbox; ``has_video`` if a room system hangs on its wall."""

    entra_id: str
    name: str
    mail: str
    site: str
    capacity: int
    has_video: bool

    @property
    def sip_address(self) -> str:
        """What its video system is called by, where it is registered with the municipality itself."""
        return f"{self.mail.partition('@')[0]}@{ROOM_DOMAIN}"

    @property
    def webex_address(self) -> str:
        """What its video system is called by, where it is registered with Webex."""
        return f"{self.mail.partition('@')[0]}@exempelby.rooms.webex.com"


@dataclass(frozen=True)
class OutsidePerson:
    """Someone of another organisation, with an account in that organisation's tenant."""

    entra_id: str
    display_name: str
    upn: str
    organisation: str
    tenant_id: str


def uuids(rng: np.random.Generator, count: int) -> list[str]:
    """Random version 4 UUIDs."""
    noise = rng.bytes(16 * count)
    return [str(UUID(bytes=noise[16 * row : 16 * row + 16], version=4)) for row in range(count)]


def headcounts(people: int) -> list[int]:
    """People per department, in the order of ``DEPARTMENTS``: they add up to ``people``, and none is empty."""
    if people < _MIN_PEOPLE:
        raise ValueError(f"the municipality needs at least {_MIN_PEOPLE} people to have its departments, not {people}")
    left = people - sum(department.people for department in DEPARTMENTS)
    counts = [department.people or max(1, round(department.share * left)) for department in DEPARTMENTS]
    counts[0] += people - sum(counts)
    return counts


def _address(given: str, surname: str, taken: dict[str, int]) -> str:
    local = f"{given}.{surname}".translate(_PLAIN).lower()
    taken[local] = taken.get(local, 0) + 1
    return local if taken[local] == 1 else f"{local}{taken[local]}"


def employ(rng: np.random.Generator, people: int, period: Period) -> list[Person]:
    """Invent everyone who works or is elected at some time in the period, department by department.

    About 4 % join during the second half and 1.5 % leave, so that trips have to be seen per full-time equivalent.
    """
    elected_left = [round(_ELECTED_SHARE * people * department.elected_share) for department in DEPARTMENTS]
    weights = np.array([site.pull for site in SITES])
    ids, taken = uuids(rng, people), dict[str, int]()
    numbers = rng.choice(900_000, size=people, replace=False) + 100_000
    mobiles = rng.choice(900_000, size=people, replace=False) + 100_000
    staff: list[Person] = []
    for index, count in enumerate(headcounts(people)):
        home = SITES[0].name if DEPARTMENTS[index].people else None
        for place in range(count):
            row = len(staff)
            given, surname = str(rng.choice(_GIVEN)), str(rng.choice(_SURNAMES))
            local = _address(given, surname, taken)
            born = str(rng.choice(_SURNAMES)).translate(_PLAIN).lower()
            is_renamed = rng.random() < 0.04
            is_elected = place < min(elected_left[index], count // 2)
            joins, leaves = rng.random() < 0.04, rng.random() < 0.015
            is_steady = is_elected or bool(DEPARTMENTS[index].people)
            half = period.months // 2
            first = min(half + int(rng.integers(0, 3)), period.months - 1) if joins and not is_steady else 0
            after = half + int(rng.integers(0, half + 1)) if leaves and not is_steady else period.months
            staff.append(
                Person(
                    entra_id=ids[row],
                    given_name=given,
                    surname=surname,
                    display_name=f"{given} {surname}",
                    upn=f"{local}@{DOMAIN}",
                    mail=f"{local.split('.')[0]}.{born}{row}@{DOMAIN}" if is_renamed else f"{local}@{DOMAIN}",
                    employee_no=f"EX{numbers[row]}",
                    mobile=f"+46740{mobiles[row]}",
                    department=DEPARTMENTS[index].name,
                    site=home or SITES[int(rng.choice(len(SITES), p=weights / weights.sum()))].name,
                    group="elected" if is_elected else "employee",
                    degree=0.0 if is_elected else float(rng.choice((1.0, 0.8, 0.75, 0.5), p=(0.7, 0.12, 0.1, 0.08))),
                    first_month=first,
                    after_month=max(after, first + 1),
                    activity=float(rng.lognormal(0.0, 0.7)) * (0.4 if is_elected else 1.0),
                )
            )
    return staff


def furnish(rng: np.random.Generator) -> list[Room]:
    """Invent the rooms: about half have a video system, at least one per larger site."""
    rooms = []
    for row, (name, entra_id) in enumerate(zip(_ROOM_NAMES, uuids(rng, len(_ROOM_NAMES)), strict=True)):
        site = SITES[0] if row % 2 == 0 else SITES[1 + (row // 2) % (len(SITES) - 1)]
        mail = f"rum-{name.translate(_PLAIN).lower()}-{site.name.translate(_PLAIN).lower()}@{DOMAIN}"
        rooms.append(Room(entra_id, f"{name} ({site.name})", mail, site.name, int(rng.integers(3, 25)), row % 4 < 2))
    return rooms


def acquaint(rng: np.random.Generator) -> list[OutsidePerson]:
    """Invent the outside organisations and their people, organisation by organisation."""
    outside, taken = [], dict[str, int]()
    for (organisation, domain, count), tenant in zip(_OUTSIDE, uuids(rng, len(_OUTSIDE)), strict=True):
        for entra_id in uuids(rng, count):
            given, surname = str(rng.choice(_GIVEN)), str(rng.choice(_SURNAMES))
            upn = f"{_address(given, surname, taken)}@{domain}"
            outside.append(OutsidePerson(entra_id, f"{given} {surname}", upn, organisation, tenant))
    return outside
