"""Puts call records of Cisco Meeting Servers together: which belong to one meeting, and who stayed in it how long.

A leg is tied to a call by the updates it sends and may move on to another; calls on several bridges with one correlator
are one meeting. The version of a meeting is the number of its records: it grows with every record that comes, whatever
the order and from however many bridges and sessions, where the highest ``correlatorIndex`` of one session would say
nothing of another's.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec

from connectors.cisco_meeting_server.records import CALL_END, CALL_START, LEG_END, LEG_START, LEG_UPDATE, READ, Record

QUIET = timedelta(days=1)
"""A call of which nothing has been heard for so long is over, or lands as far as it has come."""


class Meeting(msgspec.Struct, frozen=True):
    """All records of one meeting."""

    meeting_id: str
    calls: tuple[str, ...]
    records: tuple[Record, ...]

    @property
    def version(self) -> int:
        """How many records there are."""
        return len(self.records)

    @property
    def first(self) -> datetime:
        """When it was first heard of."""
        return min(record.at for record in self.records)

    @property
    def last(self) -> datetime:
        """When it was last heard of."""
        return max(record.at for record in self.records)

    @property
    def is_one_to_one(self) -> bool:
        """Whether the bridge only connected two parties to one another."""
        return {record.call_type for record in self.records if record.kind == CALL_START} == {"forwarding"}

    @property
    def call_ends(self) -> Mapping[str, datetime]:
        """When its calls ended, as far as that was told."""
        return {record.call: record.at for record in self.records if record.kind == CALL_END and record.call}

    def has_starts(self) -> bool:
        """Whether the start of every call and leg is here."""
        begun = {record.call for record in self.records if record.kind == CALL_START}
        legs = {record.leg for record in self.records if record.leg}
        return begun.issuperset(self.calls) and legs <= {r.leg for r in self.records if r.kind == LEG_START}

    def is_over(self, now: datetime) -> bool:
        """Whether it can land; without the start of a call its correlator, and so its id, is not known yet."""
        begun = {record.call for record in self.records if record.kind == CALL_START}
        is_told = begun.issuperset(self.calls) and len(self.call_ends) == len(self.calls)
        return is_told or self.last <= now - QUIET


def meetings(records: Iterable[Record], landed: Container[str]) -> tuple[list[Meeting], list[list[Record]]]:
    """Sort records into meetings.

    Args:
        records: each once.
        landed: ids under which meetings have landed; a meeting keeps its id also if its correlator comes late.

    Returns:
        Meetings by id, and the records of each leg that was in none.
    """
    by_call: dict[str, list[Record]] = defaultdict(list)
    by_leg: dict[str, list[Record]] = defaultdict(list)
    for record in records:
        if record.leg:
            by_leg[record.leg].append(record)
        elif record.call and record.kind in READ:
            by_call[record.call].append(record)
    calls_of = {leg: {record.call for record in own if record.call} for leg, own in by_leg.items()}
    correlators = {r.call: r.correlator for own in by_call.values() for r in own if r.correlator}
    calls_in: dict[str, set[str]] = defaultdict(set)
    for call in {*by_call, *(call for calls in calls_of.values() for call in calls)}:
        calls_in[correlators.get(call) or call].add(call)
    legs_in: dict[str, set[str]] = defaultdict(set)
    for leg, calls in calls_of.items():
        for call in calls:
            legs_in[correlators.get(call) or call].add(leg)
    found = []
    for key, calls in calls_in.items():
        own = [record for call in calls for record in by_call.get(call, ())]
        own += [record for leg in legs_in[key] for record in by_leg[leg]]
        own.sort(key=lambda record: (record.session, record.index))
        names = [key, *sorted(calls)]
        found.append(Meeting(next((name for name in names if name in landed), key), tuple(sorted(calls)), tuple(own)))
    alone = [own for leg, own in sorted(by_leg.items()) if not calls_of[leg]]
    return sorted(found, key=lambda meeting: meeting.meeting_id), alone


@dataclass
class Stay:
    """A leg's time in one call."""

    call: str
    joined_at: datetime
    left_at: datetime | None = None
    is_last: bool = False
    """The leg ended here and did not move on."""


@dataclass
class Leg:
    """One leg: its beginning and end as they were told, and where it stayed."""

    id: str
    start: Record | None
    end: Record | None
    stays: list[Stay]
    is_sharing: bool = False
    """It, or a leg of the same client beside it, showed a presentation."""

    @property
    def is_human(self) -> bool:
        """Whether somebody takes part: no recorder, streamer, link between bridges or text chat."""
        start = self.start
        return start is None or not (
            start.is_machine or start.sub_type == "distributionLink" or start.lync_type == "instantMessaging"
        )

    @property
    def is_presentation(self) -> bool:
        """Whether it carries only the presentation of a client that has another leg."""
        return self.start is not None and self.start.lync_type == "applicationSharing"

    @property
    def group(self) -> str | None:
        """What the legs of one client have in common."""
        return next((each.group for each in (self.start, self.end) if each and each.group), None)


def legs_of(meeting: Meeting) -> list[Leg]:
    """The legs that took part in a meeting, each client once, with their stays in it."""
    by_leg: dict[str, list[Record]] = defaultdict(list)
    for record in meeting.records:
        if record.leg:
            by_leg[record.leg].append(record)
    legs = [_leg(leg, own, meeting) for leg, own in sorted(by_leg.items())]
    present = [leg for leg in legs if leg.is_human and leg.stays]
    mains = {leg.group: leg for leg in reversed(present) if leg.group and not leg.is_presentation}
    counted = []
    for leg in present:
        main = mains.get(leg.group or "") if leg.is_presentation else None
        if main is not None:
            main.is_sharing = True
        else:
            leg.is_sharing = leg.is_sharing or leg.is_presentation
            counted.append(leg)
    return counted


def _leg(leg: str, records: list[Record], meeting: Meeting) -> Leg:
    start = next((record for record in records if record.kind == LEG_START), None)
    end = next((record for record in records if record.kind == LEG_END), None)
    stays = [stay for stay in _stays(records) if stay.call in meeting.calls]
    if end is not None and end.active_seconds == 0:
        stays = []  # never let in from the lobby
    for stay in stays:
        if stay.left_at is None:
            stay.left_at = meeting.call_ends.get(stay.call)
    return Leg(leg, start, end, stays, is_sharing=bool(end and end.shared))


def _stays(records: Iterable[Record]) -> list[Stay]:
    """Where a leg was from when to when; not while it waited in a lobby or listened to a menu."""
    stays: list[Stay] = []
    current: Stay | None = None
    call: str | None = None
    for record in records:
        inside: str | None = None
        if record.kind == LEG_START:
            call = record.call
        elif record.kind == LEG_UPDATE:
            call = None if record.in_ivr else record.call or call
            is_in = current is not None or record.is_connected or record.call is not None
            inside = call if is_in and not record.in_lobby else None
        if current is not None and current.call != inside:
            current.left_at, current.is_last = record.at, record.kind == LEG_END
            # let in and sent to the lobby in the same second is how waiting begins
            if current.left_at == current.joined_at and not current.is_last:
                stays.pop()
            current = None
        if inside is not None and current is None:
            current = Stay(inside, record.at)
            stays.append(current)
    return stays
