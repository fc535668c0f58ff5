"""How far answers that people gave to like questions back a reply. In: a question, replies, voices. Out: evidence.

A reply leans on the like question whose answer it resembles most. What this question and that one share, and what each
has that the other lacks, says whether the answer may be carried over: "머리 깎고 올게" and "머리 깎아야지" share what
matters, "이제 그만 좋아할래" and "이제 그만 잘래" do not. Knows no model; the measures were chosen on replies that
people judged (judged.tsv).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from chatbot.seq2seq.neighbours import Voice

# How rare each n-gram of a text is, text by text: `Neighbours.pieces`.
Pieces = Callable[[Sequence[str]], Sequence[Mapping[int, float]]]
MEASURES = ("nearness", "gap", "cover", "covered", "missing", "presumes", "ending", "asks", "verbatim")

_ASKS = re.compile(r"(?:\?|까|나요|가요|니|냐|을래|는데요?|죠|야|지)[?!.~ ]*$")
_MARKS = re.compile(r"[\s?!.~]+$")


def backing(
    question: str, replies: Sequence[str], voices: Sequence[Voice], likeness: np.ndarray, pieces: Pieces
) -> list[dict[str, float]]:
    """For each reply, of the voice it leans on: its `nearness` and the `gap` to the nearest voice's; the share of what
    is asked that the like question covers (`cover`) and the reverse (`covered`), by rarity; the rarest piece that is
    `missing` there; how much the reply takes from the like question that nobody said here (`presumes`); whether both
    end alike (`ending`), only one `asks`, and the reply is that answer to the letter (`verbatim`).

    Parameters
    ----------
    likeness
        chrF of every reply against the answer of every voice, 0 to 1: [N, M].
    """
    if not voices or not replies:
        return [dict.fromkeys(MEASURES, 0.0) for _ in replies]
    leans = (likeness * np.array([voice.nearness for voice in voices])).argmax(axis=1).tolist()
    asked, *rest = pieces([question, *(voices[at].question for at in leans), *replies])
    nearest = max(voice.nearness for voice in voices)
    found = []
    for reply, at, like, said in zip(replies, leans, rest[: len(leans)], rest[len(leans) :], strict=True):
        voice = voices[at]
        shared = asked.keys() & like.keys()
        found.append(
            {
                "nearness": voice.nearness,
                "gap": voice.nearness - nearest,
                "cover": _share(shared, asked),
                "covered": _share(shared, like),
                "missing": max((asked[piece] for piece in asked.keys() - like.keys()), default=0.0),
                "presumes": sum(like[piece] for piece in (said.keys() & like.keys()) - asked.keys()),
                "ending": float(_ending(question) == _ending(voice.question)),
                "asks": float(bool(_ASKS.search(question)) != bool(_ASKS.search(voice.question))),
                "verbatim": float(reply == voice.answer),
            }
        )
    return found


def _share(shared: set[int], pieces: Mapping[int, float]) -> float:
    return sum(pieces[piece] for piece in shared) / max(sum(pieces.values()), 1e-9)


def _ending(text: str) -> str:
    return _MARKS.sub("", text)[-2:]
