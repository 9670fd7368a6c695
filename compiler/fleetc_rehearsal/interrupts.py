"""Signals that end a program, as exceptions that unwind it, and not in the middle of what must be whole."""

from __future__ import annotations

import signal
import threading
from collections.abc import Generator
from contextlib import contextmanager
from types import FrameType
from typing import Final, NoReturn

_ENDING: Final = (signal.SIGTERM, signal.SIGHUP)
_ALL: Final = (signal.SIGINT, *_ENDING)


class Ended(SystemExit):
    """A signal asked the program to end; the exit status is what shells show for it."""


@contextmanager
def unwinding() -> Generator[None]:
    """Within, SIGTERM and SIGHUP raise `Ended` (as SIGINT raises KeyboardInterrupt) unless the program handles them.

    Only the main thread can do that; in another one it is left to the program.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    ours = [number for number in _ENDING if signal.getsignal(number) is signal.SIG_DFL]
    for number in ours:
        signal.signal(number, _end)
    try:
        yield
    finally:
        for number in ours:
            signal.signal(number, signal.SIG_DFL)


@contextmanager
def deferred() -> Generator[None]:
    """Within, no signal that ends the program is acted on; one that came is, afterwards. For moments only."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[int] = []
    handlers = {number: signal.getsignal(number) for number in _ALL}
    for number in _ALL:
        if handlers[number] is not None:  # a handler not installed by Python cannot be put back
            signal.signal(number, lambda got, _: came.append(got))
    try:
        yield
    finally:
        for number, handler in handlers.items():
            if handler is not None:
                signal.signal(number, handler)
        for one in dict.fromkeys(came):
            signal.raise_signal(one)


def _end(number: int, _frame: FrameType | None) -> NoReturn:
    raise Ended(128 + number)
