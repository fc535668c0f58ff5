"""Fetch pages politely. In: a URL and what is known of it. Out: `Fetched`, or a `FetchError` that says why not.

Obeys robots.txt at every hop, asks one thing at a time of a host, waits between requests, retries what may pass,
and stops reading at the size limit, before and after decompression. Knows nothing of what pages say.
"""

from __future__ import annotations

import asyncio
import random
import ssl
import time
import zlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from types import TracebackType
from urllib.parse import urljoin, urlsplit

import httpx

from chatbot.crawlers.address import GuardedTransport
from chatbot.crawlers.problems import FetchError
from chatbot.crawlers.robots import Rules, everything, nothing, read_rules

TEXT_TYPES = ("text/", "application/xhtml+xml", "application/xml", "application/rss+xml", "application/atom+xml")
GZIP_TYPES = ("application/gzip", "application/x-gzip", "application/octet-stream")
PASSING = frozenset({429, 500, 502, 503, 504})
# Longest wait, in seconds, that a server may ask for with Retry-After; beyond it the page is left for later.
LONGEST_WAIT = 60.0
ROBOTS_BYTES = 512_000  # RFC 9309 section 2.5: at least 500 KiB of robots.txt are read


@dataclass(frozen=True, slots=True)
class Fetched:
    """A page as it came. `status` is 200, or 304 with an empty body; `bytes_read` counts what went over the wire."""

    url: str
    final_url: str
    status: int
    body: bytes
    content_type: str = ""
    etag: str = ""
    last_modified: str = ""
    bytes_read: int = 0


class _Host:
    """What is remembered of one host while crawling."""

    def __init__(self) -> None:
        self.lock = asyncio.Lock()
        self.next_at = 0.0
        self.rules: Rules | None = None


class Fetcher:
    """An HTTP client with manners. Use as an async context manager."""

    def __init__(
        self,
        user_agent: str,
        *,
        delay_seconds: float = 1.0,
        timeout_seconds: float = 20.0,
        retries: int = 3,
        backoff_seconds: float = 1.0,
        max_redirects: int = 5,
        max_bytes: int = 5_000_000,
        allow_private: bool = False,
        connections: int = 8,
    ) -> None:
        self.user_agent = user_agent
        self.delay_seconds = delay_seconds
        self.timeout_seconds = timeout_seconds
        self.retries = retries
        self.backoff_seconds = backoff_seconds
        self.max_redirects = max_redirects
        self.max_bytes = max_bytes
        self.hosts: dict[str, _Host] = {}
        limits = httpx.Limits(max_connections=connections * 2, max_keepalive_connections=connections)
        transport = GuardedTransport(httpx.AsyncHTTPTransport(limits=limits), allow_private)
        self.client = httpx.AsyncClient(
            transport=transport,
            headers={"User-Agent": user_agent, "Accept-Language": "ko,en;q=0.5", "Accept-Encoding": "gzip, deflate"},
            timeout=timeout_seconds,
            follow_redirects=False,
            trust_env=False,
        )

    async def __aenter__(self) -> Fetcher:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.client.aclose()

    async def fetch(self, url: str, etag: str = "", last_modified: str = "") -> Fetched:
        """The page at a URL, redirects followed; a 304 when it has not changed since `etag` or `last_modified`.

        Raises
        ------
        FetchError
            with the kind of failure (see `problems.REMEDIES`).
        """
        target, total = url, 0
        for _ in range(self.max_redirects + 1):
            asked = {"If-None-Match": etag, "If-Modified-Since": last_modified} if target == url else {}
            answer = await self._polite(target, {name: value for name, value in asked.items() if value})
            total += answer.bytes_read
            if answer.status not in (301, 302, 303, 307, 308):
                return Fetched(
                    url, target, answer.status, answer.body, answer.content_type, answer.etag,
                    answer.last_modified, total,
                )  # fmt: skip
            target = urljoin(target, answer.final_url)
        raise FetchError("redirects", f"{url}: more than {self.max_redirects} redirects")

    async def _polite(self, url: str, headers: dict[str, str]) -> Fetched:
        """One hop: robots.txt, the wait, then the request with its retries."""
        host = self.hosts.setdefault(_origin(url), _Host())
        async with host.lock:
            if host.rules is None:
                host.rules = await self._robots(_origin(url), host)
            if not host.rules.allowed(url):
                kind = "robots-unreachable" if host.rules.unreachable else "robots"
                raise FetchError(kind, f"{url}: robots.txt does not allow it")
            return await self._retried(url, headers, host)

    async def _robots(self, origin: str, host: _Host) -> Rules:
        try:
            answer = await self._retried(f"{origin}/robots.txt", {}, host, robots=True)
            for _ in range(self.max_redirects):
                if answer.status not in (301, 302, 303, 307, 308):
                    break
                answer = await self._retried(urljoin(f"{origin}/robots.txt", answer.final_url), {}, host, robots=True)
        except FetchError as error:
            if error.kind in ("status", "content-type") and error.status < 500:
                return everything()
            if error.kind in ("dns", "private", "tls", "unreachable", "timeout"):
                raise
            return nothing()
        return read_rules(answer.body, self.user_agent)

    async def _retried(self, url: str, headers: dict[str, str], host: _Host, robots: bool = False) -> Fetched:
        for attempt in range(self.retries + 1):
            last = attempt == self.retries
            try:
                return await self._spaced(url, headers, host, robots)
            except _Again as again:
                if last or again.after > LONGEST_WAIT:
                    raise again.error from again
                pause = max(again.after, self.backoff_seconds * 2**attempt * random.uniform(0.75, 1.25))
                await asyncio.sleep(min(pause, LONGEST_WAIT))
        raise AssertionError("the last attempt returns or raises")

    async def _spaced(self, url: str, headers: dict[str, str], host: _Host, robots: bool) -> Fetched:
        """One request after the host's wait; the next wait begins when the answer ends, so slow hosts rest too."""
        await asyncio.sleep(max(0.0, host.next_at - time.monotonic()))
        try:
            return await self._once(url, headers, robots)
        finally:
            # The host's own crawl-delay holds when it is longer than ours.
            asked = host.rules.crawl_delay if host.rules else 0.0
            host.next_at = time.monotonic() + max(self.delay_seconds, asked)

    async def _once(self, url: str, headers: dict[str, str], robots: bool) -> Fetched:
        try:
            async with (
                asyncio.timeout(self.timeout_seconds),
                self.client.stream("GET", url, headers=headers) as answer,
            ):
                return await self._read(url, answer, robots)
        except (TimeoutError, httpx.TimeoutException) as error:
            raise _Again(FetchError("timeout", f"{url}: no answer within {self.timeout_seconds:g} s")) from error
        except httpx.InvalidURL as error:
            raise FetchError("url", f"{url}: {error}") from error
        except httpx.UnsupportedProtocol as error:
            raise FetchError("url", f"{url}: only http and https are fetched") from error
        except httpx.TransportError as error:
            if _is_certificate(error):
                raise FetchError("tls", f"{url}: the certificate is not valid: {error}") from error
            raise _Again(FetchError("unreachable", f"{url}: {error or type(error).__name__}")) from error

    async def _read(self, url: str, answer: httpx.Response, robots: bool) -> Fetched:
        status, kind = answer.status_code, answer.headers.get("content-type", "")
        if status in (301, 302, 303, 307, 308) and answer.headers.get("location"):
            return Fetched(url, answer.headers["location"], status, b"")
        if status == 304:
            return Fetched(url, url, 304, b"")
        if status in PASSING:
            error = FetchError("busy" if status in (429, 503) else "status", f"{url}: HTTP {status}", status)
            raise _Again(error, _retry_after(answer.headers.get("retry-after", "")))
        if status != 200:
            raise FetchError("status", f"{url}: HTTP {status}", status)
        if not robots and not _is_text(kind, url):
            raise FetchError("content-type", f"{url}: {kind} is not text", status)
        limit = ROBOTS_BYTES if robots else self.max_bytes
        declared = answer.headers.get("content-length", "")
        if declared.isdigit() and int(declared) > limit and not robots:
            raise FetchError("too-large", f"{url}: {int(declared):,} bytes, more than {limit:,}", status)
        encoding = answer.headers.get("content-encoding", "").lower()
        body, read = await _limited(answer.aiter_raw(), encoding, limit, url, cut=robots)
        return Fetched(
            url, url, status, body, kind, answer.headers.get("etag", ""), answer.headers.get("last-modified", ""), read
        )


class _Again(Exception):
    """A failure that may pass; `after` is the wait in seconds that the server asked for."""

    def __init__(self, error: FetchError, after: float = 0.0) -> None:
        super().__init__(str(error))
        self.error = error
        self.after = after


async def _limited(chunks: AsyncIterator[bytes], encoding: str, limit: int, url: str, cut: bool) -> tuple[bytes, int]:
    """(decompressed body, bytes read); never holds more than `limit` and one chunk, whatever a chunk unpacks to."""
    unpack = _unpacker(encoding, url)
    parts: list[bytes] = []
    read = size = 0
    async for chunk in chunks:
        read += len(chunk)
        try:
            piece = chunk if unpack is None else _unpack(unpack, chunk, limit - size + 1)
        except zlib.error as error:
            raise FetchError("content-type", f"{url}: says {encoding} but does not unpack") from error
        size += len(piece)
        if size > limit or read > limit:
            if cut:
                break
            raise FetchError("too-large", f"{url}: more than {limit:,} bytes")
        parts.append(piece)
    return b"".join(parts), read


def _unpacker(encoding: str, url: str) -> _Unpacker | None:
    if encoding in ("", "identity"):
        return None
    if encoding in ("gzip", "x-gzip"):
        return _Unpacker(zlib.MAX_WBITS | 16)
    if encoding == "deflate":
        return _Unpacker(zlib.MAX_WBITS)
    raise FetchError("content-type", f"{url}: content-encoding {encoding} was not asked for")


class _Unpacker:
    """zlib with one retry: servers send "deflate" with and without its header."""

    def __init__(self, bits: int) -> None:
        self.bits = bits
        self.stream = zlib.decompressobj(bits)
        self.begun = False


def _unpack(unpacker: _Unpacker, chunk: bytes, limit: int) -> bytes:
    try:
        piece = unpacker.stream.decompress(chunk, limit)
    except zlib.error:
        if unpacker.begun or unpacker.bits != zlib.MAX_WBITS:
            raise
        unpacker.stream = zlib.decompressobj(-zlib.MAX_WBITS)
        piece = unpacker.stream.decompress(chunk, limit)
    unpacker.begun = True
    return piece


def _origin(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise FetchError("url", f"{url}: only http and https are fetched")
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2].lower()}"


def _is_text(kind: str, url: str) -> bool:
    plain = kind.split(";")[0].strip().lower()
    if plain in GZIP_TYPES:
        return urlsplit(url).path.endswith(".gz")
    return not plain or plain.startswith(TEXT_TYPES) or plain.endswith("+xml")


def _is_certificate(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, ssl.SSLError) or "CERTIFICATE_VERIFY_FAILED" in str(error) or "[SSL" in str(error):
            return True
        error = error.__cause__ or error.__context__
    return False


def _retry_after(text: str) -> float:
    """Seconds that a Retry-After header asks for: a number, or a date; 0 when it says nothing readable."""
    if text.strip().isdigit():
        return float(text)
    try:
        date = parsedate_to_datetime(text)
    except ValueError:
        return 0.0
    return max(0.0, (date - datetime.now(UTC)).total_seconds()) if date.tzinfo else 0.0
