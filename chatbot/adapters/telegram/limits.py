"""Rates both ways: how fast a person may write, how fast the bot may send.

`Pace` counts a person's messages. `Limiter` sits between python-telegram-bot and the network: AIORateLimiter holds
requests back, and what the sender wants to note (`on_the_way`, `held`) is noted when the request really goes out, not
when it begins to wait.
"""

from __future__ import annotations

import time
from collections import OrderedDict, deque
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from telegram.error import RetryAfter
from telegram.ext import AIORateLimiter, BaseRateLimiter

# Seconds over which a person's messages are counted.
WINDOW = 60.0
# People whose times are kept; those who wrote longest ago are dropped first.
_PEOPLE = 10_000


class Pace:
    """Messages of each person in the last minute."""

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._limit = per_minute
        self._clock = clock
        self._times: OrderedDict[int, deque[float]] = OrderedDict()

    def excess(self, user: int) -> int:
        """Count a message of `user`: how many of the last minute are too many (0: none)."""
        times, now = self._times.setdefault(user, deque(maxlen=self._limit + 2)), self._clock()
        self._times.move_to_end(user)
        while len(self._times) > _PEOPLE:
            self._times.popitem(last=False)
        while times and now - times[0] > WINDOW:
            times.popleft()
        times.append(now)
        return max(0, len(times) - self._limit)


@dataclass(frozen=True)
class Watch:
    """What to do when a request goes out, and when Telegram surely did not take it."""

    on_the_way: Callable[[], Awaitable[None]]
    held: Callable[[], Awaitable[None]]


class Limiter(BaseRateLimiter[Watch]):
    """AIORateLimiter, told about each request that goes out. `per_second` 0 sends without limit (one's own server).

    The typing action is no message and does not count.
    """

    def __init__(self, per_second: int) -> None:
        group = {} if per_second else {"group_max_rate": 0.0}
        self._inner = AIORateLimiter(overall_max_rate=per_second, max_retries=3, **group)

    async def initialize(self) -> None:
        """See `BaseRateLimiter`."""
        await self._inner.initialize()

    async def shutdown(self) -> None:
        """See `BaseRateLimiter`."""
        await self._inner.shutdown()

    async def process_request(
        self,
        callback: Callable[..., Coroutine[Any, Any, Any]],
        args: Any,
        kwargs: dict[str, Any],
        endpoint: str,
        data: dict[str, Any],
        rate_limit_args: Watch | None,
    ) -> Any:
        """See `BaseRateLimiter`."""
        if endpoint == "sendChatAction":
            return await callback(*args, **kwargs)
        watched = _watched(callback, rate_limit_args) if rate_limit_args else callback
        return await self._inner.process_request(watched, args, kwargs, endpoint, data, None)


def _watched(
    callback: Callable[..., Coroutine[Any, Any, Any]], watch: Watch
) -> Callable[..., Coroutine[Any, Any, Any]]:
    async def watched(*args: Any, **kwargs: Any) -> Any:
        await watch.on_the_way()
        try:
            return await callback(*args, **kwargs)
        except RetryAfter:
            await watch.held()
            raise

    return watched
