"""The one place that builds objects from config. Adapters, the command line and scripts get everything from here."""

from chatbot.app.build import build_bot, load, load_brain
from chatbot.app.doctor import Check, doctor
from chatbot.app.opening import open_or_do_without, open_store, told
from chatbot.app.parts import ENCODER, PRETRAINED, Parts
from chatbot.app.review import walk_review
from chatbot.app.serve import serve_telegram
from chatbot.app.teach import add_documents, explain_reply, index_articles, recipe, remove_articles, train

__all__ = [
    "ENCODER",
    "PRETRAINED",
    "Check",
    "Parts",
    "add_documents",
    "build_bot",
    "doctor",
    "explain_reply",
    "index_articles",
    "load",
    "load_brain",
    "open_or_do_without",
    "open_store",
    "recipe",
    "remove_articles",
    "serve_telegram",
    "told",
    "train",
    "walk_review",
]
