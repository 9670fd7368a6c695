"""Printing what was asked for. What goes wrong goes to the standard error, which is written directly."""

from __future__ import annotations

import sys

from fleetc.diagnostics import Diagnostic, Failure, codes


class OutputRefused(Failure):
    """The standard output takes no more."""


def say(text: str) -> None:
    """Print. Raises OutputRefused when there is no room, and BrokenPipeError when nobody reads it any more."""
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        message = f"what fleetc prints cannot be written: {error.strerror or error}"
        hint = "send the standard output to a place with room; the output tree is not concerned"
        raise OutputRefused(Diagnostic(codes.CANNOT_WRITE, message, hint=hint)) from None
