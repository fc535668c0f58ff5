"""Refuse addresses that are not the public web. In: a host and port. Out: the IP addresses to connect to.

The address that was checked is the one connected to, so a name that changes between check and use gains nothing.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket

import httpx

from chatbot.crawlers.problems import FetchError


async def resolve(host: str, port: int, allow_private: bool) -> list[str]:
    """IP addresses of a host.

    Raises
    ------
    FetchError
        kind "dns" when the name does not resolve, "private" when any address is not public and that is not allowed.
    """
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise FetchError("dns", f"{host} does not resolve; check the address") from error
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    if not allow_private:
        for address in addresses:
            if not is_public(address):
                raise FetchError(
                    "private",
                    f"{host} is at {address}, not on the public web; tests set crawl.allow_private",
                )
    return addresses


def is_public(address: str) -> bool:
    """Whether an IP address belongs to the public web (not loopback, private, link-local, multicast, reserved)."""
    ip = ipaddress.ip_address(address.split("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if inner is not None:
            ip = inner
    return ip.is_global and not ip.is_multicast


class GuardedTransport(httpx.AsyncBaseTransport):
    """Connects to the checked address of a host; the Host header and the certificate stay those of the name."""

    def __init__(self, inner: httpx.AsyncBaseTransport, allow_private: bool) -> None:
        self.inner = inner
        self.allow_private = allow_private

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        host = request.url.host
        port = request.url.port or (443 if request.url.scheme == "https" else 80)
        addresses = await resolve(host, port, self.allow_private)
        # IPv4 first: many hosts publish IPv6 addresses that this machine cannot reach.
        address = min(addresses, key=lambda ip: ":" in ip)
        request.extensions["sni_hostname"] = host
        request.headers.setdefault("Host", request.url.netloc.decode("ascii"))
        request.url = request.url.copy_with(host=address)
        return await self.inner.handle_async_request(request)

    async def aclose(self) -> None:
        await self.inner.aclose()
