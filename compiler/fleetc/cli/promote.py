"""`fleetc promote`: one wave of a Rollout goes to its next revision, as an edit to the spec."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any, Final

from fleetc.cli import render
from fleetc.cli.main import EXIT_CLEAN, EXIT_FINDINGS
from fleetc.cli.printing import say
from fleetc.cli.style import Style, style_for, style_for_errors
from fleetc.driver.files import root_of
from fleetc.driver.promoting.choose import SHORT, Asked
from fleetc.driver.promoting.evidence import Found, spoken
from fleetc.driver.promoting.promote import Folders, Outcome, Promotion, promote

_FEW: Final = 8
_MOST: Final = 20
"""Names and folders that are listed; programs get all of them."""


def command(options: argparse.Namespace) -> int:
    """Run it; returns the exit status. Raises Failure."""
    asked = Asked(
        options.rollout, options.wave, options.revision, options.evidence, options.rollback, options.dry_run
    )  # fmt: skip
    done = promote(root_of(options.root), asked)
    if options.output == "json":
        say(json.dumps(_data(done), indent=2) + "\n")
    else:
        if done.promotion is not None:
            say("\n".join(_lines(done.promotion, done.written, style_for(options.color))) + "\n")
        sys.stderr.write(render.text(done.diagnostics, done.sources.text, style_for_errors(options.color)))
    return EXIT_FINDINGS if done.promotion is None else EXIT_CLEAN


def _lines(made: Promotion, written: bool, style: Style) -> Iterator[str]:
    where = f"wave {made.wave} of Rollout {made.rollout}"
    if not made.changes:
        yield style.bold(f"nothing to promote: {where} is at {made.new[:SHORT]}")
        return
    yield style.bold(f"{where}: {_from(made)}{made.new[:SHORT]}")
    yield f"  clusters  {len(made.clusters):,}: {_few(made.clusters)}"
    if made.without:
        yield f"            nothing is there yet for {_few(made.without)}"
    yield f"   folders  {_counts(made.folders)}"
    for sign, paths, paint in (("+", made.folders.added, style.green), ("-", made.folders.removed, style.red)):
        yield from (f"            {paint(f'{sign} {path}')}" for path in paths[:_MOST])
        if len(paths) > _MOST:
            yield f"            {sign} {len(paths) - _MOST:,} more"
    for n, verdict in enumerate(made.verdicts):
        label = "" if n else "gates"
        yield f"{label:>10}  {verdict.gate.name}: {verdict.wanted}, and it is {spoken(verdict.found)}"
    if written:
        yield f"{style.green('wrote')} {made.file}; run `fleetc build`, and commit both"
    else:
        yield f"nothing is written: {made.file} would change"


def _few(names: Sequence[str]) -> str:
    more = [f"{len(names) - _FEW:,} more"] if len(names) > _FEW else []
    return ", ".join([*names[:_FEW], *more])


def _from(made: Promotion) -> str:
    if made.old is None:
        return "first at "
    return f"{made.old[:SHORT]} -> " if made.old != made.new else "stays at "


def _counts(folders: Folders) -> str:
    counts = ((len(folders.kept), "as before"), (len(folders.added), "new"), (len(folders.removed), "gone"))
    return ", ".join(f"{count:,} {what}" for count, what in counts if count)


def _data(done: Outcome) -> dict[str, Any]:
    made, found = done.promotion, render.json(done.diagnostics)
    if made is None:
        return {"diagnostics": found}
    return {
        "command": "promote",
        "diagnostics": found,
        "rollout": made.rollout,
        "wave": made.wave,
        "file": made.file,
        "from": made.old,
        "to": made.new,
        "changes": made.changes,
        "written": done.written,
        "clusters": list(made.clusters),
        "without": list(made.without),
        "paths": {"added": made.folders.added, "removed": made.folders.removed, "kept": made.folders.kept},
        "gates": [
            {"name": v.gate.name, "wanted": v.wanted, "found": _plain(v.found), "met": v.met} for v in made.verdicts
        ],
    }


def _plain(found: Found | None) -> bool | int | float | None:
    if isinstance(found, Decimal):
        return int(found) if found == found.to_integral_value() else float(found)
    return found
