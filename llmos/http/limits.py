"""How many requests a client may send: a bucket of tokens for each, in memory, the number of buckets bounded."""

import ipaddress
import math
import time
from collections import OrderedDict
from collections.abc import Callable

from fastapi import Request

from llmos.backend.problem import HttpError

MAX_CLIENTS = 10_000  # when there are more, the one not seen for longest starts anew
IPV6_NETWORK = 64  # bits that one subscriber has to themselves


class Limiter:
    """A full bucket holds a minute's requests, and fills again within a minute."""

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        """0 is no limit."""
        self._per_minute = per_minute
        self._clock = clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def check(self, client: str) -> None:
        """Count a request. Raises HttpError 429 when there were too many, which are not counted."""
        if self._per_minute and (wait := self._take(client)):
            seconds = math.ceil(wait)
            raise HttpError(
                429,
                f"More than {self._per_minute} requests a minute; wait {seconds} s and try again.",
                {"Retry-After": str(seconds)},
            )

    def __len__(self) -> int:
        return len(self._buckets)

    def _take(self, client: str) -> float:
        """Take a token, or say in how many seconds there will be one."""
        now, rate = self._clock(), self._per_minute / 60
        held, at = self._buckets.pop(client, (float(self._per_minute), now))
        held = min(self._per_minute, held + (now - at) * rate)
        left = held - 1 if held >= 1 else held
        self._buckets[client] = (left, now)
        if len(self._buckets) > MAX_CLIENTS:
            self._buckets.popitem(last=False)
        return 0.0 if held >= 1 else (1 - held) / rate


def client_of(request: Request, *, by_token: bool) -> str:
    """Who asks: the token where the site checks one, else the address. A token nobody checked could be made up."""
    if by_token:
        return request.headers.get("authorization", "")
    host = request.client.host if request.client else ""
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return host
    if isinstance(address, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((address, IPV6_NETWORK), strict=False))
    return host
