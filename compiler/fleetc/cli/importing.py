"""`fleetc import`: specs that emit the manifests which people have."""

from __future__ import annotations

import argparse
import os
import re
import sys
from typing import Final

from fleetc.cli.main import EXIT_CLEAN, EXIT_FINDINGS
from fleetc.cli.printing import say
from fleetc.cli.style import Style, style_for
from fleetc.diagnostics import Diagnostic, Failure, codes
from fleetc.driver.files import SPECS, root_of, spec_files
from fleetc.driver.importing.run import Imported, run_import
from fleetc.driver.importing.specs import Making, NewCluster

_NAME: Final = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")


def command(options: argparse.Namespace) -> int:
    """Run it; returns the exit status."""
    root, making = _target(options)
    made = run_import(root, options.paths, making, sys.stdin.buffer.read, write=not options.dry_run)
    if options.output == "json":
        _print_json(options, made)
    else:
        _print_text(options, made)
    return EXIT_FINDINGS if made.found or made.built else EXIT_CLEAN


def _target(options: argparse.Namespace) -> tuple[str, Making]:
    """The root, and what has to be made in it."""
    folder = os.path.normpath(options.to).replace(os.sep, "/")
    if folder.split("/")[0] != SPECS:
        raise _usage(f"--to names a folder of specs, such as {SPECS} or {SPECS}/imported, not {options.to}")
    clusters = tuple(options.cluster or ())
    for name in (*clusters, *([options.fleet] if options.fleet else [])):
        if not _NAME.fullmatch(name):
            raise _usage(f"`{name}` is no name: write lower-case letters, digits and `-`")
    if not options.fleet:
        try:
            return root_of(options.root), Making(folder, None, (), clusters)
        except Failure:
            return "", _new(options, folder, clusters)  # which says what is missing
    root = os.path.abspath(options.root or os.curdir)
    if spec_files(root):
        raise _usage(f"--fleet makes a new fleet, and there are specs in {os.path.relpath(root)} already")
    return root, _new(options, folder, clusters)


def _new(options: argparse.Namespace, folder: str, clusters: tuple[str, ...]) -> Making:
    """A new fleet: its names and facts are given, never guessed."""
    given = {"--fleet": options.fleet, "--cluster": clusters, "--kubernetes": options.kubernetes}
    lacking = [name for name, value in given.items() if not value]
    if lacking:
        raise _usage(f"there are no specs here, and a new fleet needs {', '.join(lacking)}")
    made = tuple(NewCluster(name, options.kubernetes, options.provider, options.environment) for name in clusters)
    return Making(folder, options.fleet, made, ())


def _usage(message: str) -> Failure:
    return Failure(Diagnostic(codes.BAD_USAGE, message, hint="see `fleetc import --help`"))


def _print_text(options: argparse.Namespace, made: Imported) -> None:
    style = style_for(options.color)
    if made.found or made.built:
        from fleetc.cli import render

        def read(file: str) -> str | None:
            return made.texts[file] if file in made.texts else made.sources.text(file) if made.sources else None

        sys.stderr.write(render.text([*made.found, *made.built], read, style))
    say("".join(f"{line}\n" for line in _told(options, made, style)))


def _told(options: argparse.Namespace, made: Imported, style: Style) -> list[str]:
    done = "would be imported" if options.dry_run else "imported"
    rows = [("objects", f"{made.objects:,} {done}" if made.files else "none imported")]
    width = max(map(len, made.files), default=0)
    rows += [("", f"{path.ljust(width)}  {what}") for path, what in made.files.items()]
    rows += [("no team", f"{team.name}: {team.why}") for team in made.teams if team.why]
    if made.stripped:
        rows.append(("stripped", f"{made.stripped:,} field{'s' * (made.stripped != 1)} that the server writes"))
    if made.found:
        count = len(made.found)
        rows.append(("left out", f"what {count:,} finding{'s' * (count != 1)} above tell{'s' * (count == 1)} of"))
    if made.files:
        more = f"; the fleet itself emits {made.more:,} more" if made.more else ""
        rows.append(("verified", f"every object is emitted as it was{more}"))
    return [f"{style.bold(label.rjust(10))}  {text}" for label, text in rows]


def _print_json(options: argparse.Namespace, made: Imported) -> None:
    import json

    from fleetc.cli import render

    data = {
        "command": "import",
        "diagnostics": render.json([*made.found, *made.built]),
        "files": made.files,
        "objects": made.objects,
        "classes": made.classes,
        "teams": [
            {"name": t.name, "namespaces": [*t.namespaces], "objects": t.objects, "why": t.why} for t in made.teams
        ],
        "stripped": made.stripped,
        "more": made.more,
        "written": bool(made.files) and not options.dry_run,
    }
    say(json.dumps(data, indent=2) + "\n")
