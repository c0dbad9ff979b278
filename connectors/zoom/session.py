"""A session with Zoom: the region of the account, documented limits, the budget of the day, and what refusals mean.

Documentation: developers.zoom.us, "Rate limits" and "Errors".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import requests

from connectors.errors import ConfigurationError, ConnectorError, RetryLater, SkippedRecord, VendorChanged
from connectors.session import Limit, VendorSession, error_code
from connectors.transport import Network
from connectors.zoom.account import REGISTRATION, Plan, ZoomAccount, ZoomCredentials
from connectors.zoom.routes import CLASSIC_SCOPES, SCOPES

HEAVY, MEDIUM, INTENSIVE = "heavy", "medium", "resource_intensive"
LIMITS: Mapping[Plan, Mapping[str, tuple[Limit, ...]]] = {
    "pro": {HEAVY: (Limit(1, 0.1),), MEDIUM: (Limit(2, 0.1),), INTENSIVE: (Limit(1, 6),)},
    "business": {HEAVY: (Limit(4, 0.1),), MEDIUM: (Limit(6, 0.1),), INTENSIVE: (Limit(1, 3),)},
}
"""Per account and label of the route; the vendor counts the requests of all its apps together. Documented by the second
(10, 20; 40, 60) and by the minute (10; 20), and kept evenly: whole seconds at once would arrive bunched and be refused.
"""

_NOT_THERE = frozenset(("3001", "3161"))
_PLAN_LACKS = frozenset(("200", "2300"))
_SCOPE_LACKS = frozenset(("4700", "4711"))


class PlanLacks(ConfigurationError):  # noqa: N818 - named by what happened
    """The account's plan does not have the route; another route may do."""


class StaleToken(RetryLater):
    """The token of the next page is older than the vendor keeps it; the list must be read from its start."""


class ZoomSession(VendorSession):
    """A session with Zoom that adopts the account's region and keeps to the day's budget."""

    def __init__(
        self,
        name: str,
        account: ZoomAccount,
        network: Network,
        *,
        is_limited: bool = True,
    ) -> None:
        self._zoom = ZoomCredentials(name, account, network)
        self.account, self._is_limited = account, is_limited
        limits = LIMITS[account.plan] if is_limited else {}
        super().__init__(name, account.base_url, self._zoom, network, limits=limits)

    def sign_in(self) -> None:
        """Get a token and take the address that comes with it. Raises as the credentials do."""
        super().sign_in()
        self.base_url = regional(self.name, self.account.base_url, self._zoom.token().api_url)

    def may(self, route: str) -> bool:
        """Whether the token has the scope of a route, new or old; True where the vendor does not say."""
        granted = self._zoom.token().scope.split()
        return not granted or SCOPES[route] in granted or CLASSIC_SCOPES[SCOPES[route].partition(":")[0]] in granted

    def how_to_grant(self, scope: str) -> str:
        """What to do about a missing scope."""
        return f"grant the scope {scope} at {REGISTRATION} → Scopes → Add Scopes"

    @property
    def left(self) -> int:
        """Requests that this source may still make today."""
        return max(0, self.account.allowance - self.meter.earlier_today - self.meter.requests)

    def get(self, route: str, url: str, params: Mapping[str, str] | None = None, **options: Any) -> requests.Response:
        """Ask for something, within the day's budget. Arguments and errors as :meth:`VendorSession.get`.

        Raises:
            PlanLacks: the account's plan does not have the route.
            StaleToken: the page's token has expired.
            RetryLater: the day's budget is used up.
        """
        if self._is_limited and not self.left:
            raise self._used_up(route)
        # Zoom answers some refusals with 300, which is no refusal to anyone else
        accept = (*options.pop("accept", ()), 300, 400)
        answer = super().get(route, url, params, accept=accept, **options)
        if answer.status_code not in (300, 400):
            return answer
        code = error_code(answer)
        if code == "300" and "next_page_token=" in url:
            raise StaleToken(f"{self.name}: {route}: the token of a page has expired; the next run tries again")
        raise self.refusal(route, answer.status_code, code, options.get("gone"))

    def refusal(self, route: str, status: int, code: str | None, gone: str | None = None) -> ConnectorError:
        """What a refusal means, by Zoom's own codes first."""
        said = f"{self.name}: {route} was answered {status}" + (f" ({code})" if code else "")
        if code in _SCOPE_LACKS or status == 403:
            return ConfigurationError(f"{said}: {self.how_to_grant(SCOPES[route])}")
        if gone is not None and code in {*_NOT_THERE, "300"}:
            return SkippedRecord(said, gone)
        if code in _PLAN_LACKS:
            return PlanLacks(
                f"{said}: the account's plan does not have this, or has it switched off: check plan in settings, and "
                "ask the account's owner about reports and dashboard"
            )
        if status == 429:
            return RetryLater(
                f"{said} several times: the account's apps share the limit, which opens again within a minute, or at "
                "00:00 GMT if it is the daily one; the next run tries again"
            )
        return super().refusal(route, status, code, gone)

    def changed(self, route: str) -> VendorChanged:
        """The error for an answer that is JSON and not what it should be."""
        return VendorChanged(
            f"{self.name}: the answer to {route} no longer has the documented shape; look for a newer resfri, or "
            "report it with this line"
        )

    def _used_up(self, route: str) -> RetryLater:
        account = self.account
        return RetryLater(
            f"{self.name}: {route} was not asked: this source's {account.allowance} of the account's {account.daily} "
            f"daily requests are used up, {account.daily - account.allowance} are left for its other apps; the next "
            "run after 00:00 GMT goes on, or raise daily_budget_share in settings"
        )


def regional(name: str, base_url: str, api_url: str | None) -> str:
    """Where to ask: the account's region if the token names one.

    Args:
        name: the source, for messages.
        base_url: the configured one.
        api_url: what came with the token.

    Raises:
        VendorChanged: the token names a host that is neither Zoom's nor the configured one.
    """
    configured = urlsplit(base_url)
    told = urlsplit(api_url or base_url)
    if told.netloc == configured.netloc:
        return base_url.rstrip("/")
    if told.scheme != "https" or not _is_zoom(told.hostname):
        raise VendorChanged(
            f"{name}: {configured.hostname} gave, with the token, a link to another host than Zoom's; it was not "
            "followed. If the vendor has moved, change base_url in settings"
        )
    # whoever set an address of their own, such as a gateway, means it
    return f"https://{told.netloc}{configured.path.rstrip('/')}" if _is_zoom(configured.hostname) else base_url


def _is_zoom(host: str | None) -> bool:
    return host is not None and (host == "zoom.us" or host.endswith(".zoom.us"))
