"""Find the container that holds a page's running text. In: the page's tree. Out: containers, best first.

Every block of prose gives its length to its container and, halving from the second step, to the containers around it
(after Arc90's Readability, 2009); containers that a publisher names as the body are tried as well.
Knows nothing of titles, dates or data in scripts.
"""

from __future__ import annotations

import re
from collections import defaultdict

from chatbot.crawlers.blocks import Block, HtmlElement, blocks, fold
from chatbot.crawlers.prose import is_prose

# Share of its length that a block gives to its container and to each container around it.
SHARES = (1.0, 1.0, 0.5, 0.25)
# A block with more than this share of its characters in links is a menu.
MAX_LINK_SHARE = 0.5
KEPT_CONTAINERS = 3

# Short lines by which a page talks about itself.
_INTERFACE = re.compile(
    r"URL이?\s?복사|관심\s?있을\s?만한|로그인\s?(?:후|이 필요)|"
    r"댓글\s?(?:을|이|쓰기|작성|등록)|글자\s?크기|본문\s?(?:글씨|듣기)|"
    r"(?:기사|뉴스)\s?(?:듣기|스크랩|저장)|이미지\s?(?:확대|크게)|크게\s?보기|음성으로\s?듣기|번역\s?(?:설정|beta)|요약\s?봇|"
    r"구독하기|공유하기|좋아요\s?\d|광고$|^advertisement$",
    re.IGNORECASE,
)

# What Korean content systems name the body; the first TELLING names are said of nothing else.
TELLING = 6
BODY_PATHS = (
    "//*[@itemprop='articleBody']",
    "//*[@id='articleBody' or @id='article-view-content-div' or @id='dic_area' or @id='newsct_article']",
    "//*[@id='articleBodyContents' or @id='articeBody' or @id='news_body_area' or @id='newsEndContents']",
    "//*[@id='articletxt' or @id='article_content' or @id='articleContent' or @id='article_body']",
    "//*[@id='harmonyContainer' or @id='CmAdContent' or @id='textBody' or @id='article_txt' or @id='cont_newstext']",
    "//*[contains(concat(' ', normalize-space(@class), ' '), ' article_view ')]",
    "//*[contains(concat(' ', normalize-space(@class), ' '), ' story-news ')]",
    "//*[contains(@class,'article-body') or contains(@class,'article_body') or contains(@class,'articleBody')]",
    "//*[contains(@class,'news_body') or contains(@class,'view_con') or contains(@class,'article-text')]",
    "//*[contains(@class,'article_txt') or contains(@class,'article-content') or contains(@class,'article_content')]",
    "//*[contains(@class,'entry-content') or contains(@class,'post-content') or contains(@class,'col-main')]",
    "//article",
    "//main",
)


def densest(root: HtmlElement) -> list[HtmlElement]:
    """Containers with the most prose, best first, each followed by the one around it; empty for a page without."""
    scores: defaultdict[HtmlElement, float] = defaultdict(float)
    for block in blocks(root):
        if block.link_share > MAX_LINK_SHARE or not is_prose(block.text):
            continue
        node: HtmlElement | None = block.container
        for share in SHARES:
            if node is None or node.tag in ("body", "html"):
                break
            scores[node] += share * (len(block.text) - block.linked)
            node = node.getparent()
    # Ties go to the container met first, which is the inner one: blocks give to their own container before its parent.
    best = sorted(scores, key=lambda node: -scores[node])[:KEPT_CONTAINERS]
    around = [parent for node in best[:1] if (parent := node.getparent()) is not None and parent.tag != "html"]
    return best + [node for node in around if node not in best]


def named(root: HtmlElement) -> list[tuple[HtmlElement, bool]]:
    """(container, whether its name is telling) that the publisher names as the body, at most two a name."""
    found: dict[HtmlElement, bool] = {}
    for place, path in enumerate(BODY_PATHS):
        for node in root.xpath(path)[:2]:
            found.setdefault(node, place < TELLING)
    return list(found.items())


def without_menus(root: HtmlElement, lines: list[str]) -> list[str]:
    """The lines without those that are links on the page, such as teasers of other articles."""
    menus = {block.text for block in blocks(root, whole=True) if block.link_share > MAX_LINK_SHARE}
    return [line for line in lines if fold(line) not in menus]


def body_lines(container: HtmlElement) -> list[str]:
    """The container's blocks without menus and lists of links."""
    return [block.text for block in blocks(container) if not _menu(block)]


def _menu(block: Block) -> bool:
    return block.link_share > MAX_LINK_SHARE or (len(block.text) < 60 and bool(_INTERFACE.search(block.text)))
