"""How each stage is taught: from the corpus to a folder of weights or rows. Knows no versions and no screen."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chatbot.corpus import Corpus
from chatbot.retrieval.embed import Embedder
from chatbot.retrieval.retriever import Retriever
from chatbot.seams import Analyzer
from chatbot.training import cards, rows
from chatbot.training.curves import require, write_curves
from chatbot.training.material import write_held_out
from chatbot.training.pipeline import Progress, Train
from chatbot.training.stages import Recipe, StageName

if TYPE_CHECKING:
    from chatbot.neural.meanings import Words


@dataclass(frozen=True)
class Trainers:
    """The corpus and the tools that every stage works with; `log` says how learning curves are kept (curves.py),
    `origin` what the model cards tell of whose lines they are."""

    corpus: Corpus
    recipe: Recipe
    preprocess: Callable[[str], str]
    analyzer: Analyzer
    encoder: Embedder
    encoder_folder: Path
    progress: Progress
    log: str = "none"
    words: Words | None = None
    origin: cards.Origin = cards.OWN

    def by_stage(self) -> Mapping[StageName, Train]:
        """Each stage's training function."""
        return {"intent": self.intent, "retrieval": self.retrieval, "responder": self.responder}

    def intent(self, target: Path, base: Path | None) -> Mapping[str, Any]:
        """Teach the classifier; the held-out lines give its figures and nothing else."""
        from chatbot.intent.model import IntentModel

        require(self.log)
        settings = self.recipe.settings["intent"]
        train, held_out = rows.split(rows.labelled(self.corpus.intents, self.preprocess), self.recipe.held_out)
        model, report = IntentModel.train(
            train,
            test=held_out,
            encoder_folder=self.encoder_folder,
            words=self.words,
            seed=self.recipe.seed,
            device=self.recipe.device,
            progress=self.progress,
            **intent_settings(settings),
        )
        model.save(target)
        write_curves(self.log, target, [asdict(curve) for curve in report.curves])
        write_held_out(target, held_out)
        # The shipped encoder was pretrained on the lines of the shipped corpus too: figures over it are optimistic.
        saw = settings["classifier"] == "lstm" and settings["encoder"] == "pretrained"
        metrics = {
            **asdict(report),
            "encoder": settings["encoder"],
            "held_out": len(held_out),
            "encoder_saw_lines": saw,
        }
        cards.write_card(target, cards.intent_card(metrics, self.origin, self.recipe.seed))
        return metrics

    def retrieval(self, target: Path, base: Path | None) -> Mapping[str, Any]:
        """Index the questions; from an earlier index only what changed is added and removed."""
        wanted = {row.id: row for row in rows.retrieval_rows(self.corpus, self.preprocess)}
        retriever = self._earlier(base)
        if retriever is None:
            retriever = Retriever.build(list(wanted.values()), self.analyzer, self.encoder, progress=self.progress)
            added, removed = len(wanted), 0
        else:
            known = set(retriever.ids())
            # Passages of documents and articles came by another way than the corpus, and stay.
            removed = retriever.remove({id_ for id_ in known - wanted.keys() if id_.startswith(rows.CORPUS_ROWS)})
            new = [row for id_, row in wanted.items() if id_ not in known]
            retriever.add(new, progress=self.progress)
            added = len(new)
        retriever.save(target)
        metrics = {"rows": len(retriever), "added": added, "removed": removed}
        cards.write_card(target, cards.retrieval_card(metrics, self.origin))
        return metrics

    def _earlier(self, base: Path | None) -> Retriever | None:
        from chatbot.errors import VectorIndexError

        if base is None:
            return None
        try:
            return Retriever.load(base, self.analyzer, self.encoder)
        except VectorIndexError:
            return None  # built with another encoder or analyzer, or damaged: index everything again

    def responder(self, target: Path, base: Path | None) -> Mapping[str, Any]:
        """Teach the generator, going on from the earlier weights where there are some."""
        from chatbot.seq2seq.train import train_responder

        require(self.log)
        settings = self.recipe.settings["responder"]
        pairs = rows.chat_pairs(self.corpus, self.preprocess)
        generator, report = train_responder(
            pairs,
            held_out=None,
            start_from=base,
            seed=self.recipe.seed,
            device=self.recipe.device,
            progress=self.progress,
            **settings,
        )
        generator.save(target)
        write_curves(self.log, target, [asdict(epoch) for epoch in report.epochs])
        return asdict(report)


def intent_settings(section: Mapping[str, Any]) -> dict[str, Any]:
    """The config's section ``intent`` as fields of `chatbot.intent.settings.Settings`."""
    plain = {name: section[name] for name in ("classifier", "encoder", "threshold", "margin", "augment")}
    kobert = {f"kobert_{name}": value for name, value in section["kobert"].items()}
    # A KoBERT out of reach is no reason to teach nothing: the LSTM stands in, and the model's note says so.
    return {**plain, **section["lstm"], **kobert, "fallback": True}
