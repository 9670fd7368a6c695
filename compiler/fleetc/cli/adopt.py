"""`fleetc adopt`: hand edits of output, or live drift, carried back into the specs."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from fleetc.cli.changes.words import short
from fleetc.cli.findings import Report, tell
from fleetc.cli.main import EXIT_CLEAN, EXIT_FINDINGS
from fleetc.cli.printing import say
from fleetc.cli.style import Style, style_for, style_for_errors
from fleetc.diagnostics import Diagnostic, Failure, codes
from fleetc.driver.adopt.carry import Step
from fleetc.driver.adopt.run import Adoption, Rules, adopt_clusters, adopt_files, write
from fleetc.driver.adopt.wishes import ADDED
from fleetc.driver.edits import REMOVED
from fleetc.driver.explain import Explainer, Findings, explainer
from fleetc.driver.files import root_of
from fleetc.driver.formatting import diff
from fleetc.driver.live.read import identity_of

_MOST_MOVED: Final = 10


def command(options: argparse.Namespace) -> int:
    """Run it; returns the exit status: 0 all is adopted, 1 something is refused. Raises Failure."""
    root = root_of(options.root)
    try:
        fleet = explainer(Path(root))
    except Findings as found:
        return tell(Report(found.diagnostics, EXIT_FINDINGS, found.sources.text, root), options)
    made = _adopted(fleet, options)
    if not options.dry_run:
        write(fleet, made)
    status = EXIT_FINDINGS if made.refused else EXIT_CLEAN
    if options.output == "json":
        say(json.dumps(_data(made, options), indent=2) + "\n")
        return status
    say("".join(f"{line}\n" for line in _lines(made, options, style_for(options.color))))
    if made.refused:
        from fleetc.cli import render

        read = fleet.sources.text
        sys.stderr.write(render.text(made.refused, read, style_for_errors(options.color)))
    return status


def _adopted(fleet: Explainer, options: argparse.Namespace) -> Adoption:
    rules = Rules(options.allow_more, options.only_here, options.partly)
    if options.live:
        from fleetc.cli.live.asked import read

        return adopt_clusters(fleet, read(fleet, options.names, options), rules)
    if options.kubeconfig or options.context or not options.names:
        message = "no file is named" if not options.names else "--kubeconfig and --context are of --live"
        hint = "name emitted files that were edited, or add --live"
        raise Failure(Diagnostic(codes.BAD_USAGE, message, hint=hint))
    return adopt_files(fleet, options.names, rules)


def _lines(made: Adoption, options: argparse.Namespace, style: Style) -> Iterator[str]:
    if options.dry_run:
        yield from (line.rstrip("\n") for change in made.changes for line in diff(change))
        return
    for step in made.carried.steps:
        wish, way = step
        place = style.bold(f"{wish.page.file}:{wish.line}")
        yield f"{place} {wish.name}  {_value(wish.before)} -> {_value(wish.after)}"
        yield f"  {way.span}  {_value(way.before)} -> {_value(way.edit.value)}"
    moved = made.carried.moved
    for one in moved[:_MOST_MOVED]:
        yield f"{style.yellow('moves, too')}  {one}"
    if len(moved) > _MOST_MOVED:
        yield f"  and {len(moved) - _MOST_MOVED:,} more"
    count = len(made.changes)
    if count:
        yield style.bold(f"{len(made.carried.steps):,} adopted in {count:,} spec{'s' * (count != 1)}")
    elif not made.refused:
        yield style.bold("nothing to adopt")


def _value(value: Any) -> str:
    return "nothing" if value is REMOVED or value is ADDED or value is None else short(value)


def _data(made: Adoption, options: argparse.Namespace) -> dict[str, Any]:
    from fleetc.cli import render

    return {
        "command": "adopt",
        "written": not options.dry_run and bool(made.changes or made.outputs),
        "adopted": [_step(step) for step in made.carried.steps],
        "moved": [{"file": one.file, "path": list(one.path)} for one in made.carried.moved],
        "changed": [change.file for change in made.changes],
        "outputs": [change.file for change in made.outputs],
        "diff": "".join(line for change in made.changes for line in diff(change)),
        "diagnostics": render.json(made.refused),
    }


def _step(step: Step) -> dict[str, Any]:
    wish, way = step
    return {
        **identity_of(wish.page.objects[wish.position])._asdict(),
        "file": wish.page.file,
        "line": wish.line,
        "path": list(wish.path),
        "before": None if wish.before is ADDED else wish.before,
        "after": None if wish.after is REMOVED else wish.after,
        "spec": {
            "file": way.span.file,
            "line": way.span.line,
            "column": way.span.column,
            "before": way.before,
            "after": None if way.edit.value is REMOVED else way.edit.value,
        },
    }
