"""What can go wrong while crawling: one page (`FetchError`, counted by kind) or one source entry (`Problem`)."""

from __future__ import annotations

from dataclasses import dataclass

from chatbot.errors import CrawlError

# What a person can do about each kind of failure, in words for the report.
REMEDIES = {
    "dns": "주소의 철자를 확인하거나 항목을 지워 주세요.",
    "unreachable": "서버가 살아 있는지, 포트가 맞는지 확인해 주세요.",
    "tls": "인증서가 잘못된 곳이에요. 주소를 확인하거나 항목을 지워 주세요.",
    "timeout": "나중에 다시 하거나 crawl.timeout_seconds를 늘려 주세요.",
    "private": "공개된 웹 주소만 가져와요. 시험용이라면 crawl.allow_private를 켜 주세요.",
    "robots": "이 사이트가 수집을 허락하지 않아요. 항목을 지워 주세요.",
    "robots-unreachable": "robots.txt를 읽을 수 없어 들어가지 않았어요. 나중에 다시 해 주세요.",
    "too-large": "쪽이 너무 커요. 다른 주소를 쓰거나 crawl.max_bytes를 늘려 주세요.",
    "redirects": "돌려보내기가 끝나지 않아요. 마지막 주소를 직접 적어 주세요.",
    "content-type": "글이 아닌 파일이에요. 기사나 피드의 주소를 적어 주세요.",
    "status": "주소가 옮겨졌거나 사라졌어요. 새 주소로 고쳐 주세요.",
    "busy": "서버가 쉬어 달라고 했어요. 나중에 다시 해 주세요.",
    "url": "http 또는 https로 시작하는 주소를 적어 주세요.",
    "feed": "피드나 사이트맵이 맞는지 확인해 주세요.",
    "selector": "선택자를 쪽의 HTML과 견주어 고쳐 주세요. `chatbot crawl --try URL`로 볼 수 있어요.",
    "source": "corpus/sources.yaml의 그 항목을 고쳐 주세요.",
}


class FetchError(CrawlError):
    """One page could not be had. `kind` is a key of `REMEDIES`, `status` the HTTP status if there was one."""

    def __init__(self, kind: str, message: str, status: int = 0) -> None:
        super().__init__(message)
        self.kind = kind
        self.status = status


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong with one entry of sources.yaml; the other entries go on."""

    entry: str
    kind: str
    message: str

    @property
    def remedy(self) -> str:
        return REMEDIES.get(self.kind, REMEDIES["source"])

    def __str__(self) -> str:
        return f"{self.entry}: {self.message} → {self.remedy}"
