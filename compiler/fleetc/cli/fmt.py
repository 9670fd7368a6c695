"""`fleetc fmt`: spec files in their one layout."""

from __future__ import annotations

import argparse
import sys
from typing import Final

from fleetc.cli.findings import Report, tell_ci
from fleetc.cli.main import EXIT_CLEAN, EXIT_FINDINGS
from fleetc.cli.printing import say
from fleetc.cli.style import Style, style_for, style_for_errors
from fleetc.diagnostics import Diagnostic, Failure, codes
from fleetc.driver.files import root_of
from fleetc.driver.formatting import STDIN, Formatted, Given, chosen, diff, formatted, not_formatted, write_changes
from fleetc.driver.load import Sources

_STDIN: Final = "-"


def command(options: argparse.Namespace) -> int:
    """Run it; returns the exit status."""
    if _STDIN in options.paths:
        return _filter(options)
    root = root_of(options.root)
    files, wrong = chosen(root, options.paths)
    sources = Sources(root)
    made = formatted(sources, files)
    if not options.check and not options.diff:
        write_changes(root, made.changes)
    return _tell(options, made._replace(diagnostics=(*wrong, *made.diagnostics)), sources)


def _filter(options: argparse.Namespace) -> int:
    """The standard input, laid out on the standard output."""
    if len(options.paths) > 1:
        raise Failure(Diagnostic(codes.BAD_USAGE, "- stands for the standard input, and is alone", hint="remove one"))
    sources = Given(sys.stdin.buffer.read())
    made = formatted(sources, [STDIN])
    if options.output == "json" or options.check or options.diff or made.diagnostics:
        return _tell(options, made, sources)
    sys.stdout.flush()
    text = made.changes[0].after if made.changes else sources.read(STDIN)
    say(text.decode())
    return EXIT_CLEAN


def _tell(options: argparse.Namespace, made: Formatted, sources: Sources) -> int:
    found = list(made.diagnostics)
    if options.check:
        found += map(not_formatted, made.changes)
    status = EXIT_FINDINGS if found else EXIT_CLEAN
    if options.output == "json":
        _print_json(options, made, found)
    elif not tell_ci(Report(found, status, sources.text, sources.root), options):
        style = style_for(options.color)
        if options.diff:
            say("".join(line for change in made.changes for line in diff(change)))
        elif _STDIN not in options.paths:
            say(_summary(options, made, style))
        if found:
            from fleetc.cli import render

            sys.stderr.write(render.text(found, sources.text, style_for_errors(options.color)))
    return status


def _summary(options: argparse.Namespace, made: Formatted, style: Style) -> str:
    done = "would change" if options.check else "formatted"
    lines = [] if options.check else [f"{style.green(done)} {change.file}" for change in made.changes]
    counts = [_files(len(made.changes), done)] if made.changes else []
    counts += [_files(made.unchanged, "unchanged")] if made.unchanged or not counts else []
    return "\n".join([*lines, style.bold(", ".join(counts))]) + "\n"


def _files(count: int, how: str) -> str:
    return f"{count:,} file{'' if count == 1 else 's'} {how}"


def _print_json(options: argparse.Namespace, made: Formatted, found: list[Diagnostic]) -> None:
    import json

    from fleetc.cli import render

    data = {
        "command": "fmt",
        "diagnostics": render.json(found),
        "changed": [change.file for change in made.changes],
        "unchanged": made.unchanged,
        "written": not options.check and not options.diff and _STDIN not in options.paths,
    }
    if options.diff:
        data["diff"] = "".join(line for change in made.changes for line in diff(change))
    say(json.dumps(data, indent=2) + "\n")
