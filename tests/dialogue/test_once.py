"""A property worked out once for each object, and for several objects at the same time."""

from __future__ import annotations

import threading

from chatbot.dialogue.once import once


class Thing:
    def __init__(self, meet: threading.Barrier) -> None:
        self.meet = meet
        self.asked = 0

    @once
    def value(self) -> int:
        """Worked out only while somebody else's is, too."""
        self.asked += 1
        self.meet.wait(5)
        return 7


def test_two_objects_are_worked_out_at_the_same_time_and_once_each() -> None:
    meet = threading.Barrier(2)
    things = [Thing(meet), Thing(meet)]
    threads = [threading.Thread(target=lambda thing=thing: thing.value) for thing in things]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not meet.broken
    assert [(thing.value, thing.asked) for thing in things] == [(7, 1), (7, 1)]


def test_it_shows_its_docstring() -> None:
    assert Thing.value.__doc__ == "Worked out only while somebody else's is, too."
