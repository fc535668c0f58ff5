"""Fetching from a real server: manners, limits and every way to fail."""

from __future__ import annotations

import asyncio
import itertools
import shutil
import ssl
import subprocess

import pytest

pytest.importorskip("httpx")

from crawlers.server import Answer, Site, html

from chatbot.crawlers.address import is_public
from chatbot.crawlers.fetch import Fetcher, _retry_after
from chatbot.crawlers.problems import REMEDIES, FetchError


def fetcher(**more) -> Fetcher:
    settings = {
        "delay_seconds": 0.0, "backoff_seconds": 0.01, "timeout_seconds": 1.0, "retries": 2, "allow_private": True,
    }  # fmt: skip
    return Fetcher("testbot/1.0 (+mailto:a@b.example)", **{**settings, **more})


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/loop/a", "redirects"),
        ("/broken", "status"),
        ("/later", "busy"),
        ("/bomb", "too-large"),
        ("/big", "too-large"),
        ("/declared", "too-large"),
        ("/image", "content-type"),
        ("/lies", "content-type"),
        ("/file", "url"),
        ("/nothing", "status"),
    ],
)
async def test_failures_have_a_kind_and_a_remedy(web, path: str, kind: str) -> None:
    async with fetcher() as client:
        with pytest.raises(FetchError) as caught:
            await client.fetch(web.bad.url + path)
    assert caught.value.kind == kind
    assert kind in REMEDIES and (web.bad.url in str(caught.value) or "file:" in str(caught.value))


async def test_slow_drip_ends_in_time(web) -> None:
    async with fetcher(timeout_seconds=0.4, retries=0) as client:
        with pytest.raises(FetchError) as caught:
            await client.fetch(web.bad.url + "/drip")
    assert caught.value.kind == "timeout"


@pytest.mark.parametrize(("path", "times"), [("/busy", 2), ("/flaky", 3), ("/moved", 1)])
async def test_what_passes_is_tried_again(web, path: str, times: int) -> None:
    async with fetcher() as client:
        page = await client.fetch(web.bad.url + path)
    assert page.status == 200 and "중고 거래" in page.body.decode()
    assert web.bad.asked()[path] == times
    if path == "/busy":
        first, second = (asked.at for asked in web.bad.log if asked.path == path)
        assert second - first >= 1.0


async def test_private_addresses_are_refused_before_and_after_redirects(web) -> None:
    async with fetcher(allow_private=False) as client:
        with pytest.raises(FetchError) as caught:
            await client.fetch(web.bad.url + "/fine")
        assert caught.value.kind == "private"
        with pytest.raises(FetchError) as caught:
            await client.fetch("http://localhost:1/")
        assert caught.value.kind == "private"
    assert not web.bad.log


async def test_redirect_to_a_private_address(web, monkeypatch) -> None:
    from chatbot.crawlers import address

    # The test's own host counts as public here, so that only the redirect's target is refused.
    public = address.is_public
    monkeypatch.setattr(address, "is_public", lambda ip: ip == "127.0.0.1" or public(ip))
    async with fetcher(allow_private=False) as client:
        with pytest.raises(FetchError) as caught:
            await client.fetch(web.bad.url + "/private")
    assert caught.value.kind == "private"


@pytest.mark.parametrize(
    "ip", ["127.0.0.1", "10.1.2.3", "192.168.0.1", "169.254.169.254", "::1", "fd00::1", "::ffff:10.0.0.1", "0.0.0.0",
           "224.0.0.1", "2002:a00:1::", "100.64.0.1"]
)  # fmt: skip
def test_not_public(ip: str) -> None:
    assert not is_public(ip)


def test_public() -> None:
    assert is_public("8.8.8.8") and is_public("2001:4860:4860::8888")


async def test_robots_crawl_delay_and_one_at_a_time(web) -> None:
    pages = {"/robots.txt": Answer(b"User-agent: testbot\nCrawl-delay: 0.15\nDisallow: /no\n", kind="text/plain")}
    with Site(pages | {f"/{n}": html("<p>글</p>") for n in range(4)}) as site:
        async with fetcher() as client:
            await asyncio.gather(*(client.fetch(f"{site.url}/{n}") for n in range(4)))
            with pytest.raises(FetchError, match=r"robots\.txt"):
                await client.fetch(f"{site.url}/no/1")
        times = [asked.at for asked in site.log if asked.path != "/robots.txt"]
        assert all(later - earlier >= 0.14 for earlier, later in itertools.pairwise(times))
        assert site.most_at_once == 1 and site.asked()["/robots.txt"] == 1
        assert "/no/1" not in site.asked()
        assert {asked.agent for asked in site.log} == {"testbot/1.0 (+mailto:a@b.example)"}


async def test_failing_robots_means_no(web) -> None:
    with Site({"/robots.txt": Answer(status=503), "/a": html("<p>글</p>")}) as site:
        async with fetcher() as client:
            with pytest.raises(FetchError) as caught:
                await client.fetch(f"{site.url}/a")
        assert caught.value.kind == "robots-unreachable" and "/a" not in site.asked()


async def test_unreachable_and_unknown_hosts() -> None:
    async with fetcher(retries=0) as client:
        for url, kind in (
            ("http://127.0.0.1:9/", "unreachable"),
            ("http://nowhere.invalid/", "dns"),
            ("ftp://a/", "url"),
        ):
            with pytest.raises(FetchError) as caught:
                await client.fetch(url)
            assert caught.value.kind == kind


async def test_bad_certificate(tmp_path) -> None:
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl makes the certificate")
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    make = f"{openssl} req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=localhost -keyout {key} -out {certificate}"
    subprocess.run(make.split(), check=True, capture_output=True)
    with Site({"/": html("<p>글</p>")}) as site:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        site.server.socket = context.wrap_socket(site.server.socket, server_side=True)
        async with fetcher() as client:
            with pytest.raises(FetchError) as caught:
                await client.fetch(site.url.replace("http:", "https:") + "/")
    assert caught.value.kind == "tls" and not site.log


def test_retry_after() -> None:
    assert _retry_after("7") == 7 and _retry_after("soon") == 0
    assert _retry_after("Wed, 21 Oct 2199 07:28:00 GMT") > 1e6 and _retry_after("Wed, 21 Oct 2015 07:28:00 GMT") == 0
