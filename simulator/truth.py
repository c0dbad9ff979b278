"""What really happened, counted record by record without any of the system's own code.

Straightforward and slow on purpose: the SQL models are compared with it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from simulator.calendar import Period, local_date
from simulator.calls import GROUP, PEER, SERVICE, SHARE, VENDORS, VIDEO, Calls, Cast, Identity, iterate
from simulator.journeys import Floats, Journey
from simulator.people import Person

_MINUTE = 60_000_000


@dataclass
class PlatformTruth:
    """One month's digital meetings on one platform."""

    meetings: int = 0
    attended: int = 0
    distinct_people: int = 0
    person_minutes: float = 0.0


@dataclass
class MonthTruth:
    """One month by the Swedish date of the start.

    Meetings: web and video from 2 distinct people or rooms, telephone from 3. A person who dials in from the number
    in the directory is that person.
    """

    month: str
    digital_meetings: int = 0
    """Group meetings that count, each once, whoever called them."""
    digital_phone: int = 0
    digital_web: int = 0
    digital_video: int = 0
    organised_internally: int = 0
    """Of them, called by someone of the municipality."""
    spanning_organised_internally: int = 0
    """Of them, with people from at least two sites or from outside."""
    attended: int = 0
    """Pairs of a digital meeting and one of the municipality's people in it."""
    distinct_people: int = 0
    """The municipality's people in at least one digital meeting."""
    person_minutes: float = 0.0
    """Minutes of the municipality's people in digital meetings; overlapping connections count once."""
    by_platform: dict[str, PlatformTruth] = field(default_factory=dict)
    """The same by the platform the meetings took place on."""
    peer_to_peer_calls: int = 0
    """Calls between two, answered or not; test calls are none."""
    fte: float = 0.0
    trips: int = 0
    meeting_trips: int = 0
    km: int = 0
    cost_sek: float = 0.0
    travel_days: int = 0
    trips_by_mode: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Truth:
    """The known effect and the true figures of every month."""

    effect: float
    first_month_after: str
    """The effect works from this month on."""
    months: tuple[MonthTruth, ...]

    def to_json(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return asdict(self)


def find_truth(
    calls: Calls,
    cast: Cast,
    people: Sequence[Person],
    journeys: Iterable[Journey],
    fte: Floats,
    period: Period,
    effect: float,
) -> Truth:
    """Count everything."""
    months = {f"{first:%Y-%m}": MonthTruth(f"{first:%Y-%m}") for first in period.firsts}
    for column, month in enumerate(months.values()):
        month.fte = round(float(fte[:, column].sum()), 2)
    _count_meetings(calls, cast, people, months)
    for call in iterate(calls, PEER):
        if not any(calls.is_test[row] for row in calls.sessions_of(call)):
            months[_month(calls, call)].peer_to_peer_calls += 1
    _count_journeys(journeys, months)
    after = f"{period.month(period.months // 2):%Y-%m}"
    return Truth(effect, after, tuple(months.values()))


def _month(calls: Calls, call: int) -> str:
    return f"{local_date(int(calls.start[call])):%Y-%m}"


def _participant(identity: Identity) -> str:
    return identity.id if identity.person is None else f"person {identity.person}"


def _count_meetings(calls: Calls, cast: Cast, people: Sequence[Person], months: dict[str, MonthTruth]) -> None:
    seen: dict[str, set[int]] = defaultdict(set)
    seen_on: dict[tuple[str, str], set[int]] = defaultdict(set)
    for call in iterate(calls, GROUP):
        rows = [row for row in calls.sessions_of(call) if calls.who[row] != SERVICE and not calls.is_test[row]]
        present = [cast.identities[calls.who[row]] for row in rows]
        modality = _modality(present, [int(calls.media[row]) for row in rows])
        if len({_participant(identity) for identity in present}) < (3 if modality == "phone" else 2):
            continue
        month = months[_month(calls, call)]
        month.digital_meetings += 1
        setattr(month, f"digital_{modality}", getattr(month, f"digital_{modality}") + 1)
        ours = {identity.person for identity in present if identity.person is not None}
        month.attended += len(ours)
        seen[month.month] |= ours
        platform = VENDORS[calls.vendor[call]]
        there = month.by_platform.setdefault(platform, PlatformTruth())
        there.meetings += 1
        there.attended += len(ours)
        seen_on[month.month, platform] |= ours
        organiser = cast.identities[calls.organiser[call]]
        if organiser.person is not None:
            month.organised_internally += 1
            sites = {people[person].site for person in ours}
            if len(sites) >= 2 or any(identity.kind == "outside" for identity in present):
                month.spanning_organised_internally += 1
        for person in ours:
            spans = [
                (int(calls.session_start[row]), int(calls.session_end[row]))
                for row, identity in zip(rows, present, strict=True)
                if identity.person == person
            ]
            month.person_minutes += _union(spans) / _MINUTE
            there.person_minutes += _union(spans) / _MINUTE
    for name, persons in seen.items():
        months[name].distinct_people = len(persons)
    for (name, platform), persons in seen_on.items():
        months[name].by_platform[platform].distinct_people = len(persons)


def _modality(present: Sequence[Identity], media: Sequence[int]) -> str:
    if any(identity.kind == "room" for identity in present):
        return "video"
    if any(identity.kind == "phone" for identity in present) and not any(used & (VIDEO | SHARE) for used in media):
        return "phone"
    return "web"


def _union(spans: list[tuple[int, int]]) -> int:
    """Microseconds covered by at least one span."""
    covered, until = 0, 0
    for start, end in sorted(spans):
        covered += max(0, end - max(start, until))
        until = max(until, end)
    return covered


def _count_journeys(journeys: Iterable[Journey], months: dict[str, MonthTruth]) -> None:
    for journey in journeys:
        month = months[f"{journey.departs:%Y-%m}"]
        month.trips += 1
        month.meeting_trips += journey.is_for_a_meeting
        month.km += 2 * journey.km_one_way
        month.cost_sek = round(month.cost_sek + journey.cost_ore / 100, 2)
        month.travel_days += (journey.returns - journey.departs).days + 1
        month.trips_by_mode[journey.mode] = month.trips_by_mode.get(journey.mode, 0) + 1
