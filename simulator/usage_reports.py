"""The usage reports of Teams: what Microsoft counts itself, by day and by person, as the CSV it lays ready to fetch.

Names are concealed, as they are by default: ids and user names are hashes. Days are UTC and come two days late.
"""

from __future__ import annotations

import csv
import hashlib
import io
import secrets
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

import numpy as np

from simulator.calls import GROUP, SERVICE, TEAMS
from simulator.municipality import Municipality
from simulator.vendor_api import moment

LATE_DAYS = 2
BY_DAY = (
    "Report Refresh Date,Report Date,Team Chat Messages,Post Messages,Reply Messages,Private Chat Messages,Calls,"
    "Meetings,Audio Duration,Video Duration,Screen Share Duration,Meetings Organized,Meetings Attended,Report Period"
).split(",")
BY_PERSON = (
    "Report Refresh Date,User Id,User Principal Name,Last Activity Date,Is Deleted,Team Chat Message Count,"
    "Private Chat Message Count,Call Count,Meeting Count,Meetings Organized Count,Meetings Attended Count,"
    "Audio Duration,Is Licensed,Report Period"
).split(",")
_LONGEST_DAYS = 180


@dataclass
class _Counts:
    organised: int = 0
    attended: int = 0
    calls: int = 0


class UsageReports:
    """Makes reports and keeps them for whoever has the link.

    Args:
        municipality: whose.
    """

    def __init__(self, municipality: Municipality) -> None:
        self._municipality = municipality
        self._ready: dict[str, bytes] = {}
        self._days: dict[date, defaultdict[date, dict[int, _Counts]]] = {}

    def lay_ready(self, name: str, days: int, now: datetime) -> str:
        """Make a report and say what its link ends with.

        Args:
            name: ``Counts`` by day, ``UserDetail`` by person.
            days: how many, up to the newest there is.
            now: the moment it is.
        """
        refreshed = now.astimezone(UTC).date() - timedelta(days=LATE_DAYS)
        rows = self._by_day(refreshed, days) if name == "Counts" else self._by_person(refreshed, days)
        text = io.StringIO()
        csv.writer(text, lineterminator="\r\n").writerows(rows)
        ticket = secrets.token_urlsafe(20)
        self._ready[ticket] = text.getvalue().encode("utf-8-sig")
        return ticket

    def fetch(self, ticket: str) -> bytes | None:
        """What was laid ready; None for a link that is not good."""
        return self._ready.get(ticket)

    def _by_day(self, last: date, days: int) -> Iterator[Sequence[object]]:
        yield BY_DAY
        for back in range(days):
            day = last - timedelta(days=back)
            found = _sum(self._counted(last)[day].values())
            meetings = found.organised + found.attended
            shown = (found.calls, meetings, "PT0S", "PT0S", "PT0S", found.organised, found.attended)
            yield last, day, 0, 0, 0, 0, *shown, days

    def _by_person(self, last: date, days: int) -> Iterator[Sequence[object]]:
        yield BY_PERSON
        by_person: dict[int, list[_Counts]] = defaultdict(list)
        for back in range(days):
            for person, counts in self._counted(last)[last - timedelta(days=back)].items():
                by_person[person].append(counts)
        for person, parts in sorted(by_person.items()):
            found = _sum(parts)
            concealed = hashlib.sha256(self._municipality.people[person].entra_id.encode()).hexdigest().upper()
            meetings = found.organised + found.attended
            who = (concealed[:32], concealed[32:], last, "False", 0, 0)
            yield last, *who, found.calls, meetings, found.organised, found.attended, "PT0S", "Yes", days

    def _counted(self, last: date) -> defaultdict[date, dict[int, _Counts]]:
        """Day (UTC) to person to what they did in Teams, for as long as the longest report goes back."""
        if last in self._days:
            return self._days[last]
        calls, cast = self._municipality.calls, self._municipality.cast
        days: defaultdict[date, dict[int, _Counts]] = defaultdict(dict)
        since = datetime.combine(last - timedelta(days=_LONGEST_DAYS), time(), UTC).timestamp() * 1_000_000
        for call in np.flatnonzero((calls.vendor == TEAMS) & (calls.start >= since)).tolist():
            rows = [row for row in calls.sessions_of(call) if calls.who[row] != SERVICE and not calls.is_test[row]]
            if not rows:
                continue
            day, is_meeting = days[moment(int(calls.start[call])).date()], calls.kind[call] == GROUP
            people = {person for row in rows if (person := cast.identities[calls.who[row]].person) is not None}
            for person in people:
                counts = day.setdefault(person, _Counts())
                counts.attended += is_meeting
                counts.calls += not is_meeting
            organiser = cast.identities[calls.organiser[call]].person
            if is_meeting and organiser is not None:
                day.setdefault(organiser, _Counts()).organised += 1
        self._days[last] = days
        return days


def _sum(parts: Iterable[_Counts]) -> _Counts:
    found = _Counts()
    for each in parts:
        found.organised += each.organised
        found.attended += each.attended
        found.calls += each.calls
    return found
