"""Read robots.txt. In: its bytes and our User-Agent. Out: `Rules` that say what may be fetched and how fast."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Rules:
    """What a host allows. `crawl_delay` is in seconds, 0 when it asks for none."""

    parsed: Any = None
    agent: str = ""
    crawl_delay: float = 0.0
    unreachable: bool = False

    def allowed(self, url: str) -> bool:
        """Whether the URL may be fetched."""
        if self.parsed is None:
            return not self.unreachable
        return bool(self.parsed.can_fetch(url, self.agent))


def read_rules(body: bytes, user_agent: str) -> Rules:
    """The rules for us; the name that robots.txt matches is our User-Agent up to the slash."""
    from protego import Protego

    agent = user_agent.split("/")[0].strip()
    parsed = Protego.parse(body.decode("utf-8-sig", errors="replace"))
    return Rules(parsed, agent, float(parsed.crawl_delay(agent) or 0.0))


def everything() -> Rules:
    """The rules of a host without robots.txt (4xx): all is allowed (RFC 9309 section 2.3.1.3)."""
    return Rules()


def nothing() -> Rules:
    """The rules of a host whose robots.txt fails (5xx): nothing is allowed until it answers (section 2.3.1.4)."""
    return Rules(unreachable=True)
