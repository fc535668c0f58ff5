"""Build corpus/lexicon/slips.tsv: how frequent words look when a finger hits the key beside.

In: the words that users type in corpus/, and public Korean text to look real words up in. A slip is taken when it is
no word there and makes a syllable that hardly occurs: rare words that were never seen (송부하고 beside 공부하고) are
made of ordinary syllables, and must stay.

    python scripts/build_slips.py [--data ../shared/data]
"""

from __future__ import annotations

import argparse
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from chatbot.text.jamo import one_key_slips  # noqa: E402  (the checkout need not be installed)
from chatbot.text.typing_repair import TypingRepair  # noqa: E402

# Public text to look words up in (../shared/data); only counts of words are taken from it.
_FOLDERS = (
    "act_3i4k beep_hate chat_pairs intent_massive intent_smalltalk korsts kote ret_qp2chatbot ret_stylekqc "
    "ret_welfare sae4k_filtered sent_nsmc tox_curse"
)
_FREQUENT = 15  # occurrences in the public text that a word needs to be worth mending
_RARE = 150  # occurrences in some 2.6 million words below which a syllable hardly occurs
_ONCE = 1  # a slip seen no more often than this is taken for a misspelling there too, unless it is named here:
_REAL = (
    "야기하는 샜어요 늘었는데 얼려줄래 잦아요 검사해요 섰는데 잦으면 찾으랴 "
    "깁니다 보탰어 눴으면 왼다고 괸다고 죈다고 잦았어 잦아서 쑤는데 팼네요 "
    "팼다가 팼어요 팼는지 팼는데 팼더니 샜네요 샜는지 샜다가 샜더니 눅으면 "
    "눅겠다 눅겠네 욉니다 줏으면 줏겠다 줏겠네 엎음이 맺나요 멎나요 잦나요 "
    "벋으면 잎부터 잎이야 잎에서 잎머리 낯이야 녘인데 잣하고 껌에서 띠까지"
)
_REAL_WORDS = frozenset(_REAL.split())
_DIALECT = "겄"  # 먹겄다 is 먹겠다
_OPENING = """\
# Frequent words, and how they look with one neighbouring key hit: word, slips separated by spaces. No slip here is a
# word of its own in 2.6 million words of public Korean text, and each makes a syllable that hardly occurs.
# Made by scripts/build_slips.py.
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data", help="folder of the public data")
    data = parser.parse_args().data
    if not data.is_dir():
        parser.error(f"{data}: no such folder; name the public data with --data")
    seen = Counter(word for folder in _FOLDERS.split() for word in _words((data / folder).iterdir()))
    typed = Counter(typed_words())
    path = ROOT / "corpus" / "lexicon" / "slips.tsv"
    slips = slips_of(typed, seen, TypingRepair.load(path.parent, slips=False))
    lines = (f"{word}\t{' '.join(slips[word])}\n" for word in sorted(slips))
    path.write_text(_OPENING + "".join(lines), encoding="utf-8")
    print(f"{path}: {len(slips)} words, {sum(map(len, slips.values()))} slips, {seen.total()} words looked through")


def slips_of(typed: Counter[str], seen: Counter[str], repair: TypingRepair) -> dict[str, list[str]]:
    """Slips of each frequent word; one that may stand for two words is left out."""
    syllables: Counter[str] = Counter()
    for word, count in seen.items():
        for syllable in word:
            syllables[syllable] += count
    frequent = {w for w, n in typed.items() if len(w) >= 3 and n >= 2 and seen[w] >= _FREQUENT and repair(w) == w}
    meant: defaultdict[str, set[str]] = defaultdict(set)
    for word in sorted(frequent):
        for at, syllable in enumerate(word):
            for slipped in one_key_slips(syllable):
                typo = word[:at] + slipped + word[at + 1 :]
                known = (
                    seen[typo] > _ONCE
                    or typo in _REAL_WORDS
                    or _DIALECT in typo[1:]
                    or typo in typed
                    or repair(typo) != typo
                )
                if syllables[slipped] < _RARE and not known:
                    meant[typo].add(word)
    slips: defaultdict[str, list[str]] = defaultdict(list)
    for typo, words in meant.items():
        if len(words) == 1:
            slips[min(words)].append(typo)
    return slips


def typed_words() -> Iterable[str]:
    """The words of what users say in corpus/: examples, questions, first cells of chat pairs."""
    for path in sorted((ROOT / "corpus" / "intents").glob("*.yaml")):
        yield from _words_of("\n".join(map(str, yaml.safe_load(path.read_text(encoding="utf-8"))["examples"])))
    for path in sorted((ROOT / "corpus" / "knowledge").glob("*.yaml")):
        for entry in yaml.safe_load(path.read_text(encoding="utf-8")):
            yield from _words_of("\n".join(entry["questions"]))
    for path in sorted((ROOT / "corpus" / "chat").glob("*.tsv")):
        for line in path.read_text(encoding="utf-8").splitlines():
            yield from _words_of(line.partition("\t")[0])


def _words(paths: Iterable[Path]) -> Iterable[str]:
    for path in paths:
        if path.suffix in (".jsonl", ".txt", ".tsv"):
            yield from _words_of(path.read_text(encoding="utf-8", errors="replace"))


def _words_of(text: str) -> list[str]:
    return re.findall(r"[가-힣]+", text)


if __name__ == "__main__":
    main()
