"""`fleetc schema pull`: fetch the CRDs that a fleet needs."""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path

from fleetc.cli.main import EXIT_CLEAN, EXIT_FINDINGS
from fleetc.cli.printing import say
from fleetc.cli.style import style_for
from fleetc.driver.build import STATE, ignore
from fleetc.driver.explain import Findings, explainer
from fleetc.driver.files import root_of
from fleetc.driver.folders import CRDS, shown
from fleetc.driver.pull import Needs, Pulled, check_source, everything, needs_of, pull
from fleetc.driver.tree.lock import locked
from fleetc.driver.tree.model import Place


def command(options: argparse.Namespace) -> int:
    """Run it; returns the exit status: 1 where specs have errors. Raises Failure."""
    root = root_of(options.root)
    folder = os.path.realpath(options.to) if options.to else f"{root}/{CRDS}"
    check_source(options.source)
    try:
        needs = everything() if options.all is not None else needs_of(explainer(Path(root), unfinished=True))
    except Findings as found:
        from fleetc.cli.findings import Report, tell

        return tell(Report(found.diagnostics, EXIT_FINDINGS, found.sources.text, root), options)
    state = f"{root}/{STATE}"
    with locked(Place(root, ".", state)):
        ignore(state)
        done = pull(needs.files, folder, options.source)
    _print(options, shown(folder, root), needs, done)
    return EXIT_CLEAN


def _print(options: argparse.Namespace, folder: str, needs: Needs, done: Pulled) -> None:
    if options.output == "json":
        data = {"command": "schema", "action": "pull", "folder": folder, **done._asdict(), "unpinned": needs.unpinned}
        say(json.dumps(data, indent=2) + "\n")
        return
    style = style_for(options.color)
    releases = len({(release.project, release.version) for release, _ in needs.files})
    size = sum(file.bytes for _, file in needs.files)
    rows = [
        ("crds", f"{len(needs.files):,} files of {releases:,} releases in {folder}, {size / 1e6:.1f} MB"),
        ("fetched", f"{len(done.fetched):,}; {len(done.kept):,} were there"),
        *([("removed", f"{len(done.removed):,} that nothing needs any more")] if done.removed else []),
        *([("not pinned", style.yellow(", ".join(needs.unpinned)))] if needs.unpinned else []),
    ]
    say("".join(f"{style.bold(label.rjust(10))}  {value}\n" for label, value in rows))
