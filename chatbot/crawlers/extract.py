"""Find the body, title, date and authors of a page. In: a page's HTML and URL. Out: a `Page`.

Several extractors propose a body (named containers, newspaper4k, text density, JSON-LD, script data, ``og:`` tags);
the choice goes by evidence: how much running prose, how much else, whether the page's own description is in it and
how far the others agree. Knows nothing of fetching, keeping or boilerplate phrases (see `clean`).
"""

from __future__ import annotations

import functools
import importlib
import logging
import math
import warnings
from dataclasses import dataclass
from datetime import datetime
from types import ModuleType

from chatbot.crawlers import meta
from chatbot.crawlers.blocks import HtmlElement, parse
from chatbot.crawlers.clean import clean
from chatbot.crawlers.density import body_lines, densest, named, without_menus
from chatbot.crawlers.prose import is_prose, lead_share, prose_length, token_f1, tokens
from chatbot.crawlers.structured import declared, script_bodies

log = logging.getLogger(__name__)

# How much an extractor is believed when it agrees with another; measured on the shapes of tests/crawlers/shapes.py.
TRUST = {"named": 1.0, "landmark": 0.8, "newspaper": 1.0, "density": 0.8, "json-ld": 0.8, "script": 0.6, "meta": 0.0}
# Extractors that read a container by the same walk: their agreeing on its edges proves nothing.
_WALKED = {"named", "landmark", "density"}
# What being named the body by the publisher is worth: a container called articleBody may hold less prose than another.
NAMED_BONUS = 2.0
# Candidates beyond this many (by prose) are not compared: comparing is quadratic.
MAX_CANDIDATES = 12


@dataclass(frozen=True, slots=True)
class Page:
    """What a page says. `body` as extracted, `text` after boilerplate is cut; `method` names the extractor."""

    title: str
    body: str
    text: str
    authors: tuple[str, ...] = ()
    published: datetime | None = None
    site: str = ""
    section: str = ""
    lang: str = ""
    canonical: str = ""
    method: str = ""


@dataclass(frozen=True, slots=True)
class Proposal:
    """One extractor's body."""

    method: str
    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        return "\n".join(self.lines)


def extract(html: str, url: str = "") -> Page:
    """The article of a page; empty title and body when there is none."""
    root = parse(html)
    if root is None:
        return Page("", "", "")
    said = declared(root)
    tags = meta.tags(root)
    title = meta.title(root, tags, said)
    lead = max(said.description, tags.get("og:description", ""), tags.get("description", ""), key=len)
    proposals = _proposals(root, html, url, said.body, lead)
    chosen = choose(proposals, lead)
    lines = _without_title(_trimmed(chosen, proposals), title) if chosen else ()
    return Page(
        title=title,
        body="\n".join(lines),
        text="\n".join(clean(lines)),
        authors=meta.authors(root, tags, said, lines),
        published=meta.published(root, tags, said, url),
        site=meta.site(tags, url),
        section=said.section or tags.get("article:section", ""),
        lang=root.get("lang", "") or tags.get("og:locale", ""),
        canonical=meta.canonical(root, url),
        method=chosen.method if chosen else "",
    )


def choose(proposals: list[Proposal], lead: str) -> Proposal | None:
    """The proposal with the most evidence; the earlier of two equals, None when there is none."""
    best = sorted(proposals, key=lambda p: -prose_length(list(p.lines)))[:MAX_CANDIDATES]
    if not best:
        return None
    scored = [(_evidence(proposal, best, lead), -place, proposal) for place, proposal in enumerate(best)]
    return max(scored, key=lambda item: item[:2])[2]


def _evidence(proposal: Proposal, others: list[Proposal], lead: str) -> float:
    """Root of the net prose in characters, raised by the description in it and by the agreement of the others."""
    lines = list(proposal.lines)
    prose = prose_length(lines)
    other = sum(len(line) for line in lines if not is_prose(line))
    net = max(prose - other, 0.05 * prose)
    agreement, most = _agreement(proposal, others)
    bonus = NAMED_BONUS if proposal.method == "named" else 1.0
    # The square root, because twice the prose is often the article and its comments.
    return bonus * math.sqrt(net) * (0.03 + lead_share(lead, proposal.text) ** 2) * (0.3 + (agreement / most) ** 2)


def _agreement(proposal: Proposal, others: list[Proposal]) -> tuple[float, float]:
    """(how far the other ways of looking agree, the most it could be); each way has one voice."""
    voices: dict[str, float] = {}
    for other in others:
        way = "walked" if other.method in _WALKED else other.method
        if other is not proposal and way != proposal.method and not (way == "walked" and proposal.method in _WALKED):
            voices[way] = max(voices.get(way, 0.0), TRUST[other.method] * token_f1(proposal.text, other.text))
    return sum(voices.values()), float(len(voices)) or 1.0


def _proposals(root: HtmlElement, html: str, url: str, declared_body: str, lead: str) -> list[Proposal]:
    """Bodies proposed by every extractor, each text once, the most believed first."""
    found: dict[tuple[str, ...], str] = {}
    for node, telling in named(root):
        found.setdefault(tuple(body_lines(node)), "named" if telling else "landmark")
    found.setdefault(tuple(without_menus(root, _newspaper(html, url))), "newspaper")
    for node in densest(root):
        found.setdefault(tuple(body_lines(node)), "density")
    found.setdefault(tuple(declared_body.splitlines()), "json-ld")
    for body in script_bodies(root):
        found.setdefault(tuple(body.splitlines()), "script")
    proposals = [Proposal(method, lines) for lines, method in found.items() if prose_length(list(lines))]
    return proposals or ([Proposal("meta", (lead,))] if lead else [])


def _newspaper(html: str, url: str) -> list[str]:
    """The body that newspaper4k finds; empty when it finds none or cannot read the page."""
    newspaper = _load_newspaper()
    article = newspaper.Article(url or "http://localhost/", language="ko", fetch_images=False)
    try:
        article.download(input_html=html)
        article.parse()
    except (newspaper.ArticleException, ValueError, TypeError, AttributeError, LookupError) as error:
        # The chain goes on with the other extractors: newspaper4k stumbles over odd metadata.
        log.info("newspaper4k could not read %s: %s", url, error)
        return []
    return [line for raw in article.text.splitlines() if (line := raw.strip())]


@functools.cache
def _load_newspaper() -> ModuleType:
    with warnings.catch_warnings():
        # It warns that nltk is absent; nothing here needs it.
        warnings.simplefilter("ignore", UserWarning)
        newspaper = importlib.import_module("newspaper")
    # Its Korean tokenizer asks the network for nltk data; words are all that its stop word count needs.
    importlib.import_module("newspaper.languages.ko").tokenizer = str.split  # type: ignore[attr-defined]
    return newspaper


def _trimmed(chosen: Proposal, proposals: list[Proposal]) -> tuple[str, ...]:
    """The body without lines at its edges that are no prose and that no other extractor took for the body."""
    same = _WALKED if chosen.method in _WALKED else {chosen.method}
    foreign = [p for p in proposals if p.method not in same]
    others = [set(tokens(p.text)) for p in foreign if token_f1(p.text, chosen.text) > 0.7]
    if not others:
        return chosen.lines

    def alone(line: str) -> bool:
        words = set(tokens(line))
        return not is_prose(line) and not any(len(words & other) >= 0.7 * len(words) for other in others)

    lines = chosen.lines
    while lines and alone(lines[0]):
        lines = lines[1:]
    while lines and alone(lines[-1]):
        lines = lines[:-1]
    return lines


def _without_title(lines: tuple[str, ...], title: str) -> tuple[str, ...]:
    """The body without a first line that only repeats the title."""
    return lines[1:] if len(lines) > 1 and title and lines[0] == title else lines
