"""Every error this package raises on purpose. Importable from anywhere; imports nothing.

ChatbotError                 anything the command line reports in one line and exits 1
├── ConfigError              config.yaml, environment override or .env is wrong
├── CorpusError              a file under corpus/ is wrong (names file, line, what is allowed)
├── MissingExtraError        an optional dependency is not installed (names the pip line)
├── ModelError               a trained model cannot be used
│   ├── CheckpointError      a checkpoint is missing, truncated, foreign or does not agree with itself
│   └── TrainingError        training cannot start or produced nothing usable
├── VectorIndexError         the retrieval index is unusable and must be rebuilt
├── StoreError               conversations cannot be read or written
│   ├── StoreUnavailableError  … for now: the database is locked, full or out of reach
│   └── StaleStateError      another process wrote this conversation since it was read
├── CrawlError               a source cannot be crawled (names the entry)
└── AdapterError             the outside world (terminal, Telegram) refused us
"""


class ChatbotError(Exception):
    """Base of all errors raised on purpose; the message says what, where, what is allowed and the remedy."""


class ConfigError(ChatbotError):
    """The configuration is wrong."""


class CorpusError(ChatbotError):
    """A corpus file is wrong. `str(error)` opens with ``file:line:`` where the line is known."""


class MissingExtraError(ChatbotError):
    """An optional dependency is missing."""

    def __init__(self, package: str, extra: str) -> None:
        super().__init__(f'{package} is not installed; run: pip install "korean-chatbot[{extra}]"')
        self.package = package
        self.extra = extra


class ModelError(ChatbotError):
    """A trained model cannot be used."""


class CheckpointError(ModelError):
    """A checkpoint folder is missing, truncated, foreign or does not agree with itself."""


class TrainingError(ModelError):
    """Training cannot start or produced nothing usable."""


class VectorIndexError(ChatbotError):
    """The retrieval index is unusable; rebuild it with ``chatbot train retrieval``."""


class StoreError(ChatbotError):
    """Conversations cannot be read or written.

    `trouble` is "locked", "full", "readonly", "damaged", "shut" (it cannot be opened), "away" (a server that does not
    answer) or "" (anything else); `where` is the address of the database, without its password.
    """

    def __init__(self, message: str, trouble: str = "", where: str = "") -> None:
        super().__init__(message)
        self.trouble = trouble
        self.where = where


class StoreUnavailableError(StoreError):
    """The database takes nothing at the moment: locked, full or out of reach."""


class StaleStateError(StoreError):
    """The conversation has moved on since its state was read: read it again and think again."""


class CrawlError(ChatbotError):
    """A source cannot be crawled."""


class AdapterError(ChatbotError):
    """The outside world (terminal, Telegram) refused us."""
