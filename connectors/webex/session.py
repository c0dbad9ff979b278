"""What all sources in Webex share: the session, lists by page, and what the doctor says of the token."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

import msgspec
import requests

from connectors.errors import VendorChanged
from connectors.session import Limit, VendorSession, json_of
from connectors.source import Finding
from connectors.transport import Network
from connectors.webex.account import WebexAccount, WebexCredentials, refresh_token_renewed_at, tracking_id
from connectors.webex.tokens import WHERE_FROM

REFUSALS = frozenset(range(400, 600))
TOKEN_LASTS = timedelta(days=90)
TOKEN_IS_OLD = timedelta(days=60)


class _List(msgspec.Struct):
    items: list[msgspec.Raw]


class WebexSession(VendorSession):
    """A session with Webex, whose messages name the vendor's mark of a request.

    Args:
        name: the source, for messages.
        account: the app.
        network: proxy, certificate authorities, timeout.
        scopes: route to the scope it needs.
    """

    def __init__(self, name: str, account: WebexAccount, network: Network, scopes: Mapping[str, str]) -> None:
        self._webex = WebexCredentials(name, account, network)
        per_second = account.requests_per_second
        limit = Limit(int(per_second), 1) if per_second >= 1 else Limit(1, 1 / per_second)
        super().__init__(
            name,
            account.base_url,
            self._webex,
            network,
            limits={"": (limit,)} if account.limits == "documented" else {},
            permissions={
                route: f"the scope {scope} at {WHERE_FROM} → Scopes, then authorise the app again (a service app in "
                "Control Hub → Apps → Service Apps) and put its new refresh token into token_file"
                for route, scope in scopes.items()
            },
        )

    def get(
        self,
        route: str,
        url: str,
        params: Mapping[str, str] | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        limit: str = "",
        accept: Iterable[int] = (),
        gone: str | None = None,
    ) -> requests.Response:
        """Ask for something, as in :class:`VendorSession`."""
        for attempt in (1, 2):
            answer = super().get(route, url, params, headers=headers, limit=limit, accept=REFUSALS)
            if answer.status_code != 401 or attempt == 2:
                break
            self._webex.renew()
        if answer.ok or answer.status_code in accept:
            return answer
        raise self.refusal(route, answer.status_code, tracking_id(answer), gone)


def list_pages(
    session: VendorSession, route: str, path: str, params: Mapping[str, str], **options: Any
) -> Iterator[list[msgspec.Raw]]:
    """The things on each page of a list, unread. Raises as :meth:`VendorSession.pages`."""

    def next_link(answer: requests.Response) -> str | None:
        link = answer.links.get("next", {}).get("url")
        return with_lost(urljoin(answer.url, link), params) if link else None

    for answer in session.pages(route, path, params, next_link, **options):
        json_of(session.name, route, answer)
        try:
            yield msgspec.json.decode(answer.content, type=_List).items
        except msgspec.ValidationError:
            raise changed(session, route) from None


def with_lost(link: str, asked: Mapping[str, str]) -> str:
    """A link to the next page with the parameters that the vendor left out of it, and would then answer without."""
    parts = urlsplit(link)
    given = {name for name, _ in parse_qsl(parts.query, keep_blank_values=True)}
    lost = urlencode({name: value for name, value in asked.items() if name not in given})
    return parts._replace(query="&".join(filter(None, (parts.query, lost)))).geturl()


def changed(session: VendorSession, route: str) -> VendorChanged:
    """An answer is not understood."""
    return VendorChanged(
        f"{session.name}: the answer to {route} no longer has the documented shape; look for a newer resfri, or "
        "report it with this line"
    )


def token_obtained(session: VendorSession, account: WebexAccount, now: datetime) -> str | Finding:
    """Sign in, and say how long the refresh token had lain unused. Raises as the credentials do."""
    age = now - refresh_token_renewed_at(session.name, account)
    session.sign_in()
    days = max(0, age.days)
    if age < TOKEN_IS_OLD:
        return f"the app signs in; its refresh token was last renewed {days} days ago and lasts {TOKEN_LASTS.days}"
    return Finding(
        "token",
        is_good=False,
        message=f"the app signs in, but its refresh token had not been renewed for {days} days, and dies after "
        f"{TOKEN_LASTS.days}: check that the nightly runs of this source run",
    )
