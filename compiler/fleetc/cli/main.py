"""Parse the arguments, import the command, run it. Nothing else is imported before: `--help` takes 50 ms."""

from __future__ import annotations

import argparse
import gc
import os
import sys
from contextlib import suppress
from itertools import pairwise
from typing import Final, NoReturn

from fleetc.cli.grammar import FOR_CI, BadUsage, parser

EXIT_CLEAN: Final = 0
EXIT_FINDINGS: Final = 1
EXIT_CANNOT_RUN: Final = 2
_FOR_PROGRAMS: Final = ("json", *FOR_CI)
EXIT_INTERRUPTED: Final = 130
"""What shells report for a process that Ctrl-C ended."""


def entry() -> NoReturn:
    """The program."""
    # All our data is acyclic: the collector would only slow down parsing and decoding, six to nine times.
    gc.disable()
    _mend_streams()
    held = argparse.Namespace()
    try:
        status = main(sys.argv[1:], held)
    except KeyboardInterrupt:
        sys.stderr.write("interrupted\n")
        status = EXIT_INTERRUPTED
    except SystemExit as stop:  # argparse has printed the help, or what is wrong with the usage
        status = stop.code if isinstance(stop.code, int) else EXIT_CANNOT_RUN
    except OSError:  # not even the standard error takes what there is to say
        status = EXIT_CANNOT_RUN
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError):  # nobody reads it any more, or it was told already
            stream.flush()
    # Freeing half a gigabyte object by object takes longer than handing it back whole; so does freeing what is held.
    os._exit(status)


def _mend_streams() -> None:
    """Python leaves out a stream that was closed before the start, and fails on names of files that are not text."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115 - as long as the process
        else:
            stream.reconfigure(errors="backslashreplace")


def main(arguments: list[str], held: argparse.Namespace | None = None) -> int:
    """Run a command; returns the exit status. Raises SystemExit for bad usage, and KeyboardInterrupt. `held`: becomes
    the options, beside which commands put what need not be freed before the end."""
    options = argparse.Namespace() if held is None else held
    try:
        parser(arguments).parse_args(arguments, options)
    except BadUsage as bad:
        return _bad_usage(bad, arguments)
    try:
        return _dispatch(options)
    except BrokenPipeError:
        return EXIT_CLEAN
    except Exception as error:
        from fleetc.cli.failure import report_failure

        return report_failure(error, options)


def _bad_usage(bad: BadUsage, arguments: list[str]) -> int:
    """Told as a diagnostic to programs, which are those that ask for another output than text."""
    pairs = pairwise([*(part for word in arguments for part in word.split("=", 1)), ""])
    asked = next((value for name, value in pairs if len(name) > 3 and "--output".startswith(name)), "text")
    if asked not in _FOR_PROGRAMS:
        argparse.ArgumentParser.error(bad.parser, bad.message)
    from fleetc.cli.failure import report_failure
    from fleetc.diagnostics import Diagnostic, Failure, codes

    hint = f"see {bad.parser.prog} --help"
    options = argparse.Namespace(command=bad.parser.prog.partition(" ")[2], output=asked, color="auto")
    return report_failure(Failure(Diagnostic(codes.BAD_USAGE, bad.message, hint=hint)), options)


def _dispatch(options: argparse.Namespace) -> int:
    match options.command:
        case "build" | "check":
            from fleetc.cli import build

            return build.command(options)
        case "diff":
            from fleetc.cli import diff

            return diff.command(options)
        case "adopt":
            from fleetc.cli import adopt

            return adopt.command(options)
        case "explain":
            from fleetc.cli import explain

            return explain.command(options)
        case "plan":
            from fleetc.cli import plan
            from fleetc.driver.planned import planned, relock

            return plan.command(options, plan.Planning(planned, relock))
        case "conformance":
            from fleetc.cli import conformance

            return conformance.command(options)
        case "report":
            from fleetc.cli import report

            return report.command(options)
        case "test":
            from fleetc.cli import test

            return test.command(options)
        case _:
            return _dispatch_others(options)


def _dispatch_others(options: argparse.Namespace) -> int:
    """The commands that need no fleet that is right."""
    match options.command:
        case "fmt":
            from fleetc.cli import fmt

            return fmt.command(options)
        case "completions":
            from fleetc.cli import completions

            return completions.command(options)
        case "init":
            from fleetc.cli import init

            return init.command(options)
        case _:
            return _beside(options)


def _beside(options: argparse.Namespace) -> int:
    """Commands beside the work on a fleet."""
    match options.command:
        case "import":
            from fleetc.cli import importing

            return importing.command(options)
        case "promote":
            from fleetc.cli import promote

            return promote.command(options)
        case "schema":
            from fleetc.cli import schema

            return schema.command(options)
        case "doctor":
            from fleetc.cli import doctor

            return doctor.command(options)
        case _:
            raise AssertionError(options.command)
