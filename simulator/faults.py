"""What goes wrong at the vendor: faults to switch on, and the documented limits of how much may be asked."""

from __future__ import annotations

import math
import time
from collections import Counter, defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

Limits = Literal["simulator", "documented"]


@dataclass(frozen=True)
class Faults:
    """Everything is off by default; switch by giving the service another one.

    At Zoom and Webex work those that concern the throttle, 503s, broken bodies, permissions (scopes there) and tokens.
    Faults that come "next" count each vendor's requests from the moment they are switched on; give a large number for
    "from now on". Members of a ``$batch`` are requests too, but 503s and broken bodies hit the batch as a whole.

    Attributes:
        only: the label of the only route the request faults hit, e.g. ``callRecord``; None is every route.
        throttle_every: every n-th request is refused with 429; 0 is none.
        retry_after_seconds: what those refusals ask for; None leaves the header out.
        unavailable: the next so many requests are answered 503.
        truncated: the next so many answers stop in the middle of their JSON.
        not_json: the next so many answers are plain text with status 200.
        html: the next so many answers are a sign-in page in HTML with status 200.
        next_link: links to the next page lead to another host, or back to the page they stand on.
        duplicate_page: every page of a list comes twice.
        unlisted: ids of call records that the list leaves out.
        gone: ids of call records that are listed but not found (404).
        without_last: ids of call records revised once more, now without the participant who came last.
        earlier: ids of call records revised once more, now with a start seven minutes earlier.
        denied_permissions: application permissions that were not granted, e.g. ``CallRecords.Read.All``.
        token_lifetime: seconds a token really works; the token endpoint always promises the usual hour.
        token_uses: Graph requests a token is good for (a batch is one); None is no limit.
    """

    only: str | None = None
    throttle_every: int = 0
    retry_after_seconds: int | None = 1
    unavailable: int = 0
    truncated: int = 0
    not_json: int = 0
    html: int = 0
    next_link: Literal["off_host", "looping"] | None = None
    duplicate_page: bool = False
    unlisted: frozenset[str] = frozenset()
    gone: frozenset[str] = frozenset()
    without_last: frozenset[str] = frozenset()
    earlier: frozenset[str] = frozenset()
    denied_permissions: frozenset[str] = frozenset()
    token_lifetime: float = 3600.0
    token_uses: int | None = None


class RequestFaults:
    """Counts down the faults that hit single requests."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults
        self._seen = 0
        self._left = Counter({kind: getattr(faults, kind) for kind in ("unavailable", "truncated", "not_json", "html")})

    def strikes(self, kind: str, label: str) -> bool:
        """Whether a fault of this kind hits the request; if so, it is used up."""
        if self._left[kind] < 1 or self._faults.only not in (None, label):
            return False
        self._left[kind] -= 1
        return True

    def throttles(self, label: str) -> bool:
        """Whether this is the n-th request."""
        if not self._faults.throttle_every or self._faults.only not in (None, label):
            return False
        self._seen += 1
        return self._seen % self._faults.throttle_every == 0


@dataclass(frozen=True)
class Limit:
    """At most so many units in any so many seconds."""

    units: int
    seconds: float


CALL_RECORDS = Limit(1_500, 20)
ONE_RECORD = Limit(10, 20)
ONE_RECORDS_PAGES = Limit(50, 300)
DIRECTORY = Limit(8_000, 10)
"""Resource units of a large tenant; a request costs one or two."""
PLACES = Limit(10_000, 600)
MAILBOX = Limit(10_000, 600)


class RateLimits:
    """The documented rates. A refused request counts as well."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._spent: dict[str, deque[float]] = defaultdict(deque)

    def wait_for(self, key: str, limit: Limit, cost: int = 1) -> int:
        """Spend, and give the whole seconds to wait before trying again; 0 if the request may pass."""
        now, spent = self._clock(), self._spent[key]
        while spent and spent[0] <= now - limit.seconds:
            spent.popleft()
        spent.extend([now] * cost)
        if len(spent) <= limit.units:
            return 0
        return max(1, math.ceil(spent[len(spent) - limit.units - 1] + limit.seconds - now))
