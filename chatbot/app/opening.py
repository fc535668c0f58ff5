"""The database of conversations from config, and what is said when it cannot be used: in Korean, with the remedy.

In: a `Loaded` config, or a `StoreError`. Out: a store, or words.
"""

from __future__ import annotations

import logging
import shlex
import time
from collections.abc import Callable
from pathlib import Path

from chatbot.config import Loaded
from chatbot.errors import StoreError
from chatbot.store import MemoryStore, Store

log = logging.getLogger(__name__)

# Seconds that a start waits for a database which another program holds.
PATIENCE = 15.0
WAITING = "다른 프로그램이 대화 기록을 쓰고 있어요. 잠시 기다려 볼게요…"
GOING_ON = "이번에는 기록 없이 이야기할게요. 나가면 이번 대화는 남지 않아요."
# What happened, and what to do about it.
_TOLD = {
    "locked": "다른 프로그램이 대화 기록({where})을 계속 쓰고 있어요. 그 프로그램을 닫고 다시 시작해 주세요.",
    "full": "디스크가 가득 차서 대화 기록({where})을 쓸 수 없어요. 자리를 비우고 다시 시작해 주세요.",
    "readonly": "대화 기록({where})에 쓸 권한이 없어요. 파일과 폴더의 권한을 살펴봐 주세요.",
    "damaged": (
        "대화 기록({where})이 깨졌거나 SQLite 파일이 아니에요. "
        "아래처럼 옮겨 두면 새 파일로 시작해요. 옮긴 파일은 지우지 않는 한 그대로 남아요.\n  {move}"
    ),
    "shut": "대화 기록({where})을 열 수 없어요. 폴더가 있는지, 쓸 권한이 있는지 살펴봐 주세요.",
    "away": "데이터베이스({where})에 연결할 수 없어요. 서버와 config.yaml의 store.url을 살펴봐 주세요.",
    "": "대화 기록({where})을 쓸 수 없어요: {error}",
}


def open_store(loaded: Loaded) -> Store:
    """The database of conversations, brought to the newest form, without what is older than the config keeps.

    Raises
    ------
    StoreError
        when it cannot be used; `told` says in Korean why.
    """
    from chatbot.dialogue.privacy import mask
    from chatbot.store.sql import SqlStore

    if not loaded.config.store.url:
        try:
            loaded.data_dir.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            text = f"{loaded.data_dir}: cannot be made: {error.strerror}; check the rights of its folder"
            raise StoreError(text, "shut", loaded.store_url) from error
    store = SqlStore(loaded.store_url, mask=mask)
    days = loaded.config.store.retention_days
    try:
        store.purge(days)
    except StoreError as error:
        log.warning("old conversations are not deleted: %s", error)
    store.purge_daily(days)
    return store


def open_patiently(loaded: Loaded, tell: Callable[[str], None], patience: float = PATIENCE) -> Store:
    """`open_store`, after waiting for another program that holds the database. Raises `StoreError` in the end."""
    end = time.monotonic() + patience
    waiting = False
    while True:
        try:
            return open_store(loaded)
        except StoreError as error:
            if error.trouble != "locked" or time.monotonic() > end:
                raise
            if not waiting:
                tell(WAITING)
            waiting = True


def open_or_do_without(loaded: Loaded, tell: Callable[[str], None], patience: float = PATIENCE) -> Store:
    """`open_patiently`, or a store in memory where there is no other, after the person was told."""
    try:
        return open_patiently(loaded, tell, patience)
    except StoreError as error:
        log.warning("going on without a database: %s", error)
        tell(f"{told(error)}\n{GOING_ON}")
        return MemoryStore()


def told(error: StoreError) -> str:
    """What happened to the database and what to do about it, in Korean."""
    from sqlalchemy.engine import make_url

    url = make_url(error.where) if error.where else None
    path = Path(url.database) if url is not None and url.get_backend_name() == "sqlite" and url.database else None
    move = ""
    if path is not None:
        aside = path.with_name(f"{path.stem}-broken")
        move = f"mkdir {shlex.quote(str(aside))} && mv {shlex.quote(str(path))}* {shlex.quote(str(aside))}/"
    return _TOLD[error.trouble].format(where=path or error.where or "store.url", move=move, error=error)
