"""Cisco Meeting Server: meetings and who was connected to them, from the call detail records its bridges post.

Documentation: "Cisco Meeting Server, Call Detail Records Guide". A bridge cannot be asked for what has been: its
records are posted to the receiver (``cms_receiver``), which spools them; a pull puts together what is in the spool and
in a folder of archived record files. Only calls of which something was heard in the window are put together, and only
those that have grown since they landed go on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from itertools import groupby
from pathlib import Path

import msgspec

from connectors.call_addresses import Home
from connectors.cisco_meeting_server.assembly import Meeting, meetings
from connectors.cisco_meeting_server.coverage import Mark, covered
from connectors.cisco_meeting_server.documents import read_documents
from connectors.cisco_meeting_server.parse import Sheet
from connectors.cisco_meeting_server.records import DOCUMENT, IGNORED, LEG_END, READ, Record, document_fingerprint
from connectors.cisco_meeting_server.settings import CiscoMeetingServerSettings
from connectors.cisco_meeting_server.shelf import Key, Shelf, marks
from connectors.cisco_meeting_server.spool import Rejection, read_rejections
from connectors.contract import REJECTED, Batch, Unparsed
from connectors.errors import ConfigurationError, RetryLater
from connectors.source import (
    LOCAL,
    Context,
    Covered,
    Finding,
    LocalSession,
    Page,
    Skipped,
    Source,
    Unchanged,
    Window,
    local_midnight,
)
from connectors.transport import Network

MEETINGS, REJECTIONS, KINDS = "meetings", "rejections", "kinds"
"""What pages hold."""
PAGE = 500
"""Meetings per page."""
SLICE_DAYS = 7
"""Days that are put together at a time."""
AHEAD = timedelta(days=7)
"""How far behind a slice the rest of its meetings is looked for."""
BACK = timedelta(days=31)
"""How far before a slice the start of its meetings is looked for; a longer call is counted from what is left of it."""
NEVER_IN = "left_before_a_meeting"
"""Rule under which legs count that ended in a menu or lobby, or were never answered."""
QUIET_DAYS = 3


def _open(name: str, settings: CiscoMeetingServerSettings, network: Network) -> LocalSession:  # noqa: ARG001
    return LocalSession(name)


def _fetch(
    session: LocalSession, settings: CiscoMeetingServerSettings, window: Window, known: Mapping[str, int]
) -> Iterator[Page | Skipped | Unchanged | Covered]:
    shelf = _shelf(session, settings)
    heard: set[Mark] = set()
    done: dict[str, int] = {}
    strange: set[str] = set()
    for part in _slices(window):
        records = _around(shelf, part, known)
        heard |= marks(records.values())
        strange |= {record.kind for record in records.values()} - READ - IGNORED
        yield from _put_together(records, part, window, known, done)
    yield from (Page(DOCUMENT, body, {}) for body in shelf.unreadable)
    rejections = [each for each in read_rejections(_spool(session, settings)) if window.start <= each.at < window.end]
    if rejections:
        yield Page(REJECTIONS, msgspec.json.encode(rejections), {})
    if strange:
        yield Page(KINDS, msgspec.json.encode(sorted(strange)), {})
    known_part = covered(heard, window)
    if known_part is None:
        raise RetryLater(
            f"{session.name}: no record of {window.start:%Y-%m-%d} to {window.end:%Y-%m-%d} UTC or later has come: "
            "check that the receiver runs and that each bridge has its address among its CDR receivers; the next run "
            "tries again"
        )
    yield known_part


def _put_together(
    records: Mapping[Key, Record], part: Window, window: Window, known: Mapping[str, int], done: dict[str, int]
) -> Iterator[Page | Skipped | Unchanged]:
    """The meetings of a slice that are over and have not been handed on by an earlier slice."""
    now = max(window.end, *(record.at for record in records.values())) if records else window.end
    found, alone = meetings(records.values(), known)
    ready = [
        meeting
        for meeting in found
        if _touches(meeting, part) and meeting.is_over(now) and done.get(meeting.meeting_id) != meeting.version
    ]
    done.update((meeting.meeting_id, meeting.version) for meeting in ready)
    groups = [meeting for meeting in ready if not meeting.is_one_to_one]
    fresh = [meeting for meeting in groups if known.get(meeting.meeting_id, -1) < meeting.version]
    if len(fresh) < len(groups):
        yield Unchanged(len(groups) - len(fresh))
    for at in range(0, len(fresh), PAGE):
        yield Page(MEETINGS, msgspec.json.encode(fresh[at : at + PAGE]), {})
    begun = [meeting for meeting in ready if meeting.is_one_to_one and part.start <= meeting.first < part.end]
    for day, calls in groupby(
        sorted(begun, key=lambda call: call.first), lambda call: call.first.astimezone(LOCAL).date()
    ):
        is_whole = window.start <= local_midnight(day)
        yield Page(MEETINGS, msgspec.json.encode(list(calls)), {"day": day.isoformat()} if is_whole else {})
    outside = sum(1 for leg in alone if any(r.kind == LEG_END and part.start <= r.at < part.end for r in leg))
    if outside:
        yield Skipped(NEVER_IN, outside)


def _around(shelf: Shelf, part: Window, known: Mapping[str, int]) -> dict[Key, Record]:
    """All records of the meetings that touch a slice: earlier days are added until each has its start."""
    last = part.end + AHEAD
    first = part.start - timedelta(days=1)
    while True:
        records = shelf.records(first.astimezone(UTC).date(), last.astimezone(UTC).date())
        touching = [meeting for meeting in meetings(records.values(), known)[0] if _touches(meeting, part)]
        is_enough = all(meeting.has_starts() for meeting in touching) or not shelf.reaches_before(first.date())
        if is_enough or first <= part.start - BACK:
            return records
        first = max(part.start - BACK, first - 2 * (part.start - first))


def _touches(meeting: Meeting, part: Window) -> bool:
    return meeting.first < part.end and meeting.last >= part.start


def _slices(window: Window) -> Iterator[Window]:
    parts = [part for _, part in window.by_local_day()]
    for at in range(0, len(parts), SLICE_DAYS):
        chosen = parts[at : at + SLICE_DAYS]
        yield Window(chosen[0].start, chosen[-1].end)


def _spool(session: LocalSession, settings: CiscoMeetingServerSettings) -> Path:
    if settings.spool_folder is None:
        raise ConfigurationError(f"{session.name}: name the folder in which the receiver keeps records (spool_folder)")
    return settings.spool_folder


def _shelf(session: LocalSession, settings: CiscoMeetingServerSettings) -> Shelf:
    archive = settings.archive_folder
    if archive is not None and not archive.is_dir():
        raise ConfigurationError(f"{session.name}: there is no folder {archive}: check archive_folder in settings")
    return Shelf(_spool(session, settings), archive)


def _parse(page: Page, settings: CiscoMeetingServerSettings, context: Context) -> Batch:
    if page.what == DOCUMENT:
        return _refused(page.body, context)
    if page.what == REJECTIONS:
        rows = [msgspec.structs.asdict(each) for each in msgspec.json.decode(page.body, type=list[Rejection])]
        return _rejected(rows)
    if page.what == KINDS:
        return Batch({}, unknown_values={("record type", kind): 1 for kind in msgspec.json.decode(page.body)})
    rooms = (settings.room_domains, settings.room_addresses)
    home = Home.of(settings.home_domains, *rooms, context.pseudonyms)
    return Sheet(home, knows_rooms=any(rooms), context=context).read(page)


def _refused(body: bytes, context: Context) -> Batch:
    """An archived document that is not understood, or one from quarantine.

    One that is understood by now does not land from here, since its records belong to meetings with others: the archive
    is read again anyway, and the receiver takes its own out of quarantine when it starts.
    """
    refusals = [refusal for document in read_documents(body) for refusal in document.refusals]
    if not refusals:
        return Batch({}, pulled=1, excluded={"waits_for_the_receiver": 1})
    fingerprint = document_fingerprint(body, context.pseudonyms)
    first = refusals[0]
    row: dict[str, object] = {
        "what": DOCUMENT,
        "reason": first.reason,
        "field": first.field,
        "fingerprint": fingerprint,
    }
    batch = _rejected([row])
    return Batch(batch.frames, pulled=1, unparsed=(Unparsed(DOCUMENT, fingerprint, body),))


def _rejected(rows: list[dict[str, object]]) -> Batch:
    frame = REJECTED.frame({name: value for name, value in row.items() if name != "at"} for row in rows)
    return Batch({REJECTED.name: frame.drop("org_id", "source", "seen_at")}, pulled=len(rows))


def _check(session: LocalSession, settings: CiscoMeetingServerSettings, now: datetime) -> Iterator[Finding]:
    try:
        shelf = _shelf(session, settings)
    except ConfigurationError as error:
        yield Finding("folders", is_good=False, message=str(error))
        return
    records = shelf.records(now.date(), now.date())
    if not records:
        message = "nothing was ever received: run 'resfri receiver' and name its address in each bridge"
        yield Finding("records", is_good=False, message=message)
        return
    newest = max(record.at for record in records.values())
    days = (now - newest).days
    message = f"the newest record is of {newest:%Y-%m-%d %H:%M} UTC, {days} days ago"
    hint = "" if days < QUIET_DAYS else ": if people have met since, look whether the receiver runs"
    yield Finding("records", is_good=days < QUIET_DAYS, message=message + hint)


SOURCE = Source(
    type_name="cisco_meeting_server",
    kind="meetings",
    settings=CiscoMeetingServerSettings,
    open_session=_open,
    fetch=_fetch,
    parse=_parse,
    check=_check,
)
