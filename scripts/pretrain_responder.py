r"""Make the responder's default weights again, from the shipped corpus and the user's copy of the public pairs.

    python scripts/pretrain_responder.py --pairs ../shared/data/chat_pairs/train.jsonl \
        --out chatbot/pretrained/responder

`--pairs` are JSON lines with "q" and "a" (Chatbot_data, MIT). Answers that claim what a program cannot be or do, mix
speech levels or go round are left out (chatbot/seq2seq/rules.py). One core, about half an hour.
"""

from __future__ import annotations

import argparse
import os
import re
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

from chatbot import config
from chatbot.corpus import Corpus, read_corpus
from chatbot.types import ChatPair

if TYPE_CHECKING:
    from chatbot.seq2seq.generator import Generator


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=Path, nargs="*", default=[])
    parser.add_argument("--corpus", type=Path, default=None, help="by default the corpus in use")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--vocab-size", type=int, default=3500)
    parser.add_argument("--sharpen", type=int, default=6, help="epochs that go on with little dropout afterwards")
    parser.add_argument("--start-from", type=Path, default=None, help="weights to sharpen; skips the first training")
    parser.add_argument(
        "--finish", action="store_true", help="keep the weights of --start-from; make memory and calibration anew"
    )
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=13)
    arguments = parser.parse_args()

    import torch

    from chatbot.seq2seq import generator as generators
    from chatbot.seq2seq.data import examples_of, split_by_answer
    from chatbot.seq2seq.evaluate import read_pairs
    from chatbot.seq2seq.neighbours import Neighbours
    from chatbot.seq2seq.train import finish, train_responder

    torch.set_num_threads(arguments.threads)
    corpus = read_corpus(arguments.corpus or config.load().corpus_dir)
    public = [replace(pair, answer=spelt(pair.answer)) for path in arguments.pairs for pair in read_pairs(path)]
    pairs, dialogues = fitting([*public, *corpus.pairs]), corpus.dialogues
    own = len(fitting(corpus.pairs))
    turns = sum(len(dialogue.turns) for dialogue in dialogues)
    print(f"{len(pairs) - own} of {len(public)} public pairs, {own} own ones, {turns} turns of dialogues", flush=True)
    started = time.monotonic()
    taught = prepared(pairs, corpus)
    if arguments.finish:
        examples, held_out = split_by_answer(examples_of(taught, dialogues, 0), 0.05, arguments.seed)
        kept = generators.Generator.load(arguments.start_from, "cpu")
        bare = replace(kept.knowledge, memory=Neighbours(()), stock={})
        kept = generators.Generator(kept.model, kept.codec, bare)
        generator, quality, _ = finish(kept, examples, held_out, seed=arguments.seed)
        write(generator, arguments.out)
        print(f"chrF {quality:.1f}, threshold {generator.threshold:.2f}")
        return
    with tempfile.TemporaryDirectory() as scratch:
        start = arguments.start_from
        if start is None:
            start = Path(scratch) / "first"
            generator, report = train_responder(
                taught,
                dialogues=dialogues,
                epochs=arguments.epochs,
                vocab_size=arguments.vocab_size,
                seed=arguments.seed,
                progress=show,
            )
            generator.save(start)
        if arguments.sharpen:
            # The first training stops where held-out perplexity is lowest; its sentences are then still unsure. Going
            # on without label smoothing and with little dropout makes whole sentences of them.
            generator, report = train_responder(
                taught,
                dialogues=dialogues,
                start_from=start,
                epochs=arguments.sharpen,
                further_epochs=arguments.sharpen,
                dropout=0.1,
                label_smoothing=0.0,
                word_dropout=0.03,
                learning_rate=4e-3,
                keep="last",
                seed=arguments.seed,
                progress=show,
            )
    size = write(generator, arguments.out)
    print(
        f"epoch {report.best} of {len(report.epochs)}: perplexity {report.perplexity:.1f}, chrF {report.chrf:.1f}, "
        f"distinct-2 {report.distinct_2:.2f}, threshold {report.threshold:.2f}; {report.weights / 1e6:.1f} M weights, "
        f"{size / 1e6:.1f} MB in {arguments.out}, {(time.monotonic() - started) / 60:.0f} minutes"
    )


def write(generator: Generator, folder: Path) -> int:
    """Save the weights beside the model card, which is people's work; returns the bytes of the folder."""
    card = folder / "README.md"
    kept = card.read_text(encoding="utf-8") if card.is_file() else ""
    generator.save(folder, half=True)
    if kept:
        card.write_text(kept, encoding="utf-8")
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


# What the public answers often misspell; what stands in brackets is kept.
MISSPELT = tuple(
    (re.compile(wrong), right)
    for wrong, right in (
        ("거에요", "거예요"), ("이예요", "이에요"), ("것같", "것 같"), ("거같", "거 같"), ("것아요", "것 같아요"),
        ("되요", "돼요"),
        ("되서", "돼서"), ("됬", "됐"), ("되버", "돼 버"), ("어떻해", "어떡해"), ("햇갈", "헷갈"),
        ("깍([고아았으])", r"깎\1"),
        ("몇일", "며칠"), ("왠만", "웬만"), ("([가-힣]{2}리|쁘|멋지|좋|많|싶|겠|었|았|였)내요", r"\1네요"),
        ("(많|좋|싫|있|없|쁘)데요", r"\1대요"), ("([나가])봐요", r"\1 봐요"),
        ("(?<![가-힣])안(좋|되|돼|해|하)", r"안 \1"),
    )
)  # fmt: skip
# 할거예요, 할께요: behind a syllable that ends in ㄹ.
AFTER_RIEUL = re.compile("([가-힣])(거예요|거 같|께요|수 있)")


def spelt(answer: str) -> str:
    """The answer without the commonest slips of spelling and spacing."""

    def mend(match: re.Match[str]) -> str:
        if (ord(match[1]) - ord("가")) % 28 != 8:  # ㄹ is the eighth final consonant
            return match[0]
        return match[1] + match[2].replace("께요", "게요") if match[2] == "께요" else f"{match[1]} {match[2]}"

    for wrong, right in MISSPELT:
        answer = wrong.sub(right, answer)
    return AFTER_RIEUL.sub(mend, answer)


def fitting(pairs: list[ChatPair] | tuple[ChatPair, ...]) -> list[ChatPair]:
    """Pairs whose answer the bot could say."""
    from chatbot.seq2seq.rules import faults

    return [pair for pair in pairs if not faults("", pair.answer)]


def prepared(pairs: list[ChatPair], corpus: Corpus) -> list[ChatPair]:
    """The questions as the models will see them when people type them."""
    from chatbot.text.preprocess import Preprocessor
    from chatbot.text.typing_repair import TypingRepair

    preprocess = Preprocessor(repair=TypingRepair.load(corpus.root / "lexicon"))
    return [ChatPair(preprocess(pair.question), pair.answer, pair.origin) for pair in pairs]


def show(done: int, total: int, message: str) -> None:
    if "held-out" in message:
        print(f"{done}/{total} {message}", flush=True)


if __name__ == "__main__":
    main()
