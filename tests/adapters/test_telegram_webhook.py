"""The webhook: the secret, the path, a self-signed certificate; each update answered once, and written down first."""

from __future__ import annotations

import asyncio
import shutil
import socket
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from adapters.bot_api import BotAPI, Failure, message
from adapters.conftest import serving, until
from adapters.talking import make_bot

from chatbot.adapters.telegram.desk import Desk, ThreadDesk
from chatbot.adapters.telegram.run import run
from chatbot.adapters.telegram.settings import Settings
from chatbot.dialogue.bot import Bot
from chatbot.errors import AdapterError, StoreError


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@pytest.fixture
def hooked(settings: Settings) -> Settings:
    port = free_port()
    return replace(
        settings,
        webhook_url=f"http://127.0.0.1:{port}",
        webhook_port=port,
        webhook_path="a/hidden-path",
        webhook_secret="a_secret-1",
    )


async def listening(api: BotAPI, settings: Settings) -> None:
    """Wait until the webhook is registered and its port open."""

    def open_() -> bool:
        with socket.socket() as one:
            return one.connect_ex(("127.0.0.1", settings.webhook_port)) == 0

    await until(lambda: api.webhook and open_())


async def post(api: BotAPI, *arguments: object, **more: object) -> int:
    """Deliver without holding up the adapter, which runs in this very loop."""
    return await asyncio.to_thread(api.post, *arguments, **more)


async def test_it_is_registered_with_path_secret_and_kinds(api: BotAPI, bot: Bot, hooked: Settings) -> None:
    async with serving(bot, hooked):
        await until(lambda: api.webhook)
    assert api.webhook["url"] == f"{hooked.webhook_url}/a/hidden-path"
    assert api.webhook["secret_token"] == "a_secret-1"
    assert api.webhook["allowed_updates"] == '["message", "callback_query"]'
    assert "getUpdates" not in api.methods()


async def test_posts_are_answered_in_order_and_once_even_after_a_restart(
    api: BotAPI, bot: Bot, store_url: str, hooked: Settings
) -> None:
    async with serving(bot, hooked):
        await listening(api, hooked)
        for number, text in ((1, "하나"), (2, "둘"), (1, "하나")):
            assert await post(api, message(number, text)) == 200
        await until(lambda: len(api.sent) == 2)
    again = make_bot(store_url)
    async with serving(again, replace(hooked, webhook_port=hooked.webhook_port)):
        await until(lambda: api.methods().count("setWebhook") == 2)
        await listening(api, hooked)
        assert await post(api, message(2, "둘")) == 200
        assert await post(api, message(3, "셋")) == 200
        await until(lambda: len(api.sent) == 3)
    assert api.texts() == ["1. 하나", "2. 둘", "3. 셋"]
    again.store.close()


@pytest.mark.parametrize("secret", ["", "wrong", "a_secret-1 ", "A_SECRET-1"])
async def test_who_does_not_know_the_secret_is_refused(api: BotAPI, bot: Bot, hooked: Settings, secret: str) -> None:
    async with serving(bot, hooked):
        await listening(api, hooked)
        assert await post(api, message(1), secret=secret.strip() + ("x" if secret.endswith(" ") else "")) in (401, 403)
    assert not api.sent


async def test_another_path_is_not_found(api: BotAPI, bot: Bot, hooked: Settings) -> None:
    async with serving(bot, hooked):
        await listening(api, hooked)
        assert await post(api, message(1), path="/other") == 404
    assert not api.sent


async def test_without_a_secret_in_the_settings_one_is_made(
    bot: Bot, hooked: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    from chatbot.adapters.telegram import run as life

    started: list[Settings] = []

    async def keep(desk: Desk, settings: Settings) -> None:
        started.append(settings)

    monkeypatch.setattr(life, "_serve", keep)
    await asyncio.to_thread(life.serve, ThreadDesk(bot, 4), replace(hooked, webhook_secret=""))
    assert len(started[0].webhook_secret) > 30


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl makes the certificate")
async def test_a_self_signed_certificate_is_shown_to_telegram_and_used(
    api: BotAPI, bot: Bot, hooked: Settings, tmp_path: Path
) -> None:
    certificate, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1"]
    command += ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run(command, check=True, capture_output=True)
    address = hooked.webhook_url.replace("http://", "https://")
    async with serving(bot, replace(hooked, webhook_url=address, certificate=certificate, key=key)):
        await listening(api, hooked)
        assert api.webhook["certificate"] == certificate.read_bytes()
        assert await post(api, message(1, "안녕")) == 200
        await until(lambda: api.sent)
        api.webhook.pop("certificate")
        with pytest.raises(OSError, match="CERTIFICATE_VERIFY_FAILED"):
            await post(api, message(2, "안녕"))
    assert api.texts() == ["1. 안녕"]


async def test_an_update_that_cannot_be_written_down_is_answered_all_the_same(
    api: BotAPI, bot: Bot, hooked: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> bool:
        raise StoreError("full")

    monkeypatch.setattr(bot.store, "receive", full)
    async with serving(bot, hooked):
        await listening(api, hooked)
        assert await post(api, message(1, "안녕")) == 200
        assert await post(api, message(1, "안녕")) == 200
        await until(lambda: api.sent)
    assert api.texts() == ["1. 안녕"]


async def test_what_is_no_update_is_refused(api: BotAPI, bot: Bot, hooked: Settings) -> None:
    async with serving(bot, hooked):
        await listening(api, hooked)
        assert await post(api, {"message": "no update"}) in (400, 500)
        assert await post(api, message(1, "안녕")) == 200
        await until(lambda: api.sent)


async def test_registering_is_tried_again(api: BotAPI, bot: Bot, hooked: Settings) -> None:
    api.fail("setWebhook", Failure(502))
    async with serving(bot, hooked):
        await until(lambda: api.webhook)


async def test_a_port_in_use_and_a_wrong_certificate_are_named(
    api: BotAPI, bot: Bot, hooked: Settings, tmp_path: Path
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", hooked.webhook_port))
        taken.listen()
        with pytest.raises(AdapterError, match=rf"telegram\.webhook.*{hooked.webhook_port}"):
            await asyncio.wait_for(run(ThreadDesk(bot, 4), hooked, asyncio.Event()), 10)
    wrong = tmp_path / "wrong.pem"
    wrong.write_text("this is no certificate")
    with pytest.raises(AdapterError, match=r"telegram\.webhook"):
        await asyncio.wait_for(
            run(ThreadDesk(bot, 4), replace(hooked, certificate=wrong, key=wrong), asyncio.Event()), 10
        )
