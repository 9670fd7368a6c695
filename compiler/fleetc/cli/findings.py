"""Diagnostics in the way that `--output` asks for: where there is nothing else to print, this is all of it."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence

from fleetc.cli import render
from fleetc.cli.printing import say
from fleetc.cli.style import style_for_errors
from fleetc.diagnostics import Diagnostic
from fleetc.tuples import NamedTuple


def nothing_read(_file: str) -> str | None:
    """Of no file the text is known."""
    return None


class Report(NamedTuple):
    """What a command found, for people and programs alike."""

    diagnostics: Sequence[Diagnostic]
    status: int
    """The exit status."""
    read: render.Text = nothing_read
    root: str | None = None
    """The root of the fleet, which the files of spans are relative to; None where none was found."""
    notes: tuple[str, ...] = ()
    """What keeps the status from 0 and is of no code, such as a check that `--strict` does not accept."""
    part: str = ""
    """What the command looked at, if not at all of it: SARIF keeps the results of each apart."""


def tell(found: Report, options: argparse.Namespace) -> int:
    """Print it; returns the exit status. Raises OutputRefused and BrokenPipeError. Text goes to the standard error."""
    if options.output == "json":
        say(json.dumps({"diagnostics": render.json(found.diagnostics)}, indent=2) + "\n")
    elif not tell_ci(found, options):
        sys.stderr.write(render.text(found.diagnostics, found.read, style_for_errors(options.color)))
    return found.status


def tell_ci(found: Report, options: argparse.Namespace) -> bool:
    """Print it if `--output` names a format of CI systems; returns whether it does."""
    match options.output:
        case "sarif":
            from fleetc.cli import sarif

            say(sarif.text(found, options.command))
        case "github":
            from fleetc.cli import github

            say(github.text(found, options.command))
        case _:
            return False
    return True
