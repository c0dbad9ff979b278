"""What all sources in Microsoft Graph share: the session, lists by page, many questions in one."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import msgspec
import requests

from connectors.errors import RetryLater, VendorChanged
from connectors.microsoft.account import MicrosoftAccount, MicrosoftCredentials
from connectors.session import Limit, VendorSession, json_of
from connectors.transport import ATTEMPTS, LONGEST_WAIT_SECONDS, RETRIED, Network, seconds_until

BATCH = "POST /$batch"
BATCH_SIZE = 20
"""Most questions in one batch; each counts against the limits."""


class _List(msgspec.Struct):
    value: list[msgspec.Raw]
    next_link: str | None = msgspec.field(default=None, name="@odata.nextLink")


class _Member(msgspec.Struct):
    id: str
    status: int
    headers: dict[str, str] = {}
    body: msgspec.Raw = msgspec.Raw(b"null")


class _Members(msgspec.Struct):
    responses: list[_Member]


class _Error(msgspec.Struct):
    class Inner(msgspec.Struct):
        code: str | None = None

    error: Inner


def graph_session(
    name: str,
    account: MicrosoftAccount,
    network: Network,
    limits: Mapping[str, Sequence[Limit]],
    permissions: Mapping[str, str],
) -> VendorSession:
    """A session with Graph.

    Args:
        name: the source, for messages.
        account: the app registration.
        network: proxy, certificate authorities, timeout.
        limits: as in :class:`VendorSession`.
        permissions: route to the application permission it needs.
    """
    return VendorSession(
        name,
        f"{account.base_url.rstrip('/')}/v1.0",
        MicrosoftCredentials(name, account, network),
        network,
        limits=limits,
        permissions={
            route: f"the application permission {permission} at {account.registration} → API permissions → Add a "
            "permission → Microsoft Graph → Application permissions, then Grant admin consent"
            for route, permission in permissions.items()
        },
    )


def list_pages(
    session: VendorSession, route: str, url: str, params: Mapping[str, str] | None, **options: Any
) -> Iterator[list[msgspec.Raw]]:
    """The things on each page of a list, unread. Raises as :meth:`VendorSession.pages`."""

    def next_link(answer: requests.Response) -> str | None:
        return _list(session, route, answer).next_link

    for answer in session.pages(route, url, params, next_link, **options):
        yield _list(session, route, answer).value


def ask_batched(
    session: VendorSession, route: str, urls: Sequence[str], parallel: int, limit: str = ""
) -> Iterator[list[msgspec.Raw | None]]:
    """Ask many questions, twenty at once.

    Args:
        session: with Graph.
        route: how messages name a question.
        urls: paths below the version root.
        parallel: batches under way at the same time.
        limit: label of the limit that applies beside the general one.

    Returns:
        The answers of each batch, in the order of the questions; None where nothing is there any more.

    Raises:
        RetryLater: some questions got no answer after several tries.
        ConfigurationError: a permission is missing.
        VendorChanged: an answer is not understood.
    """
    chunks = [urls[first : first + BATCH_SIZE] for first in range(0, len(urls), BATCH_SIZE)]
    with ThreadPoolExecutor(parallel) as pool:
        yield from pool.map(lambda chunk: _ask_batch(session, route, chunk, limit), chunks)


def _ask_batch(session: VendorSession, route: str, urls: Sequence[str], limit: str) -> list[msgspec.Raw | None]:
    waiting = {str(number): url for number, url in enumerate(urls)}
    answers: dict[str, msgspec.Raw | None] = {}
    for attempt in range(1, ATTEMPTS + 1):
        members = _send_batch(session, waiting, limit)
        refused = {}
        for number in list(waiting):
            member = members.get(number)
            if member is None:
                raise VendorChanged(f"{session.name}: {BATCH} left questions unanswered; look for a newer resfri")
            if member.status in RETRIED:
                refused[number] = member
                continue
            answers[number] = _body(session, route, member)
            del waiting[number]
        if not waiting:
            return [answers[str(number)] for number in range(len(urls))]
        if attempt < ATTEMPTS:
            _pause(session, route, refused, attempt)
    raise RetryLater(
        f"{session.name}: {route} was refused {ATTEMPTS} times in a batch "
        f"(status {next(iter(refused.values())).status}); the next run tries again"
    )


def _send_batch(session: VendorSession, questions: Mapping[str, str], limit: str) -> dict[str, _Member]:
    requests_ = [{"id": number, "method": "GET", "url": url} for number, url in questions.items()]
    answer = session.post(BATCH, "/$batch", {"requests": requests_}, limit=limit, weight=len(requests_))
    json_of(session.name, BATCH, answer)
    try:
        members = msgspec.json.decode(answer.content, type=_Members).responses
    except msgspec.ValidationError:
        raise _changed(session, BATCH) from None
    return {member.id: member for member in members}


def _body(session: VendorSession, route: str, member: _Member) -> msgspec.Raw | None:
    if 200 <= member.status < 300:
        return member.body
    if member.status in (404, 410):
        return None
    try:
        code = msgspec.json.decode(member.body, type=_Error).error.code
    except msgspec.DecodeError:
        code = None
    raise session.refusal(route, member.status, code)


def _pause(session: VendorSession, route: str, refused: Mapping[str, _Member], attempt: int) -> None:
    """Wait as long as the most patient of the refusals asks."""
    session.meter.count(throttled=sum(member.status == 429 for member in refused.values()))
    asked = [
        seconds_until(text)
        for member in refused.values()
        for name, text in member.headers.items()
        if name.lower() == "retry-after"
    ]
    wait = max((seconds for seconds in asked if seconds is not None), default=0.5 * 2**attempt)
    if wait > LONGEST_WAIT_SECONDS:
        raise RetryLater(
            f"{session.name}: {route}: the vendor asks for a pause of {round(wait / 60)} minutes; "
            "the next run tries again"
        )
    time.sleep(wait)


def _list(session: VendorSession, route: str, answer: requests.Response) -> _List:
    json_of(session.name, route, answer)
    try:
        return msgspec.json.decode(answer.content, type=_List)
    except msgspec.ValidationError:
        raise _changed(session, route) from None


def _changed(session: VendorSession, route: str) -> VendorChanged:
    return VendorChanged(
        f"{session.name}: the answer to {route} no longer has the documented shape; look for a newer resfri, or "
        "report it with this line"
    )


def token_obtained(session: VendorSession) -> str:
    """Sign in. Raises as the credentials do."""
    session.sign_in()
    return "the app registration signs in"
