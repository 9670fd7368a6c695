"""`fleetc diff`."""

from __future__ import annotations

import argparse
import json
import sys
import time
from typing import TYPE_CHECKING, Final

from fleetc.cli.main import EXIT_CLEAN, EXIT_FINDINGS
from fleetc.cli.printing import say
from fleetc.cli.style import style_for
from fleetc.diagnostics import Diagnostic, Failure, codes
from fleetc.driver.build import Options, Outcome, run
from fleetc.driver.files import root_of
from fleetc.driver.folders import folders_of

if TYPE_CHECKING:
    from fleetc.driver.diff.diff import Diff

_HEAD: Final = "HEAD"


def command(options: argparse.Namespace) -> int:
    """Run it; returns the exit status: 0 whatever changes, with --live when nothing has drifted; 1 for drift, and when
    the specs have errors. Raises Failure."""
    started = time.perf_counter()
    _check(options)
    root = root_of(options.root)
    # Nothing is written: a file that a hand edited is shown as it would be, and that is said.
    # With the CRDs that a build takes unasked: what it remembered is then of use.
    given = folders_of(root, None)
    outcome = run(Options(root, write=False, discard_edits=True, cold=options.cold, crds=given))
    if outcome.summary is None:
        return _refused(options, outcome)
    if options.live:
        from fleetc.cli.live.command import live

        return live(options, root, outcome, started)
    from fleetc.driver.diff.diff import diff

    with outcome.timed("diff"):
        found = diff(root, options.names[0] if options.names else _HEAD, outcome)
    _tell(options, found)
    if options.stats:
        stages = {stage: round(seconds, 4) for stage, seconds in outcome.times.items()}
        sys.stderr.write(json.dumps({"seconds": round(time.perf_counter() - started, 4), "stages": stages}) + "\n")
    return EXIT_CLEAN


def _tell(options: argparse.Namespace, found: Diff) -> None:
    """Print it as it is asked for."""
    if options.output == "json":
        from fleetc.cli.changes.data import data

        say(json.dumps(data(found), indent=2) + "\n")
    elif options.output == "markdown":
        from fleetc.cli.changes.markdown import markdown

        say(markdown(found))
    else:
        from fleetc.cli.changes.text import text

        say("\n".join(text(found, style_for(options.color), every=options.verbose)) + "\n")


def _check(options: argparse.Namespace) -> None:
    """What the grammar cannot say."""
    if not options.live and len(options.names) > 1:
        message, hint = f"{len(options.names)} commits are named", "name one; clusters are named beside --live"
    elif not options.live and (options.kubeconfig or options.context):
        message, hint = "--kubeconfig and --context are of --live", "add --live, or remove them"
    else:
        return
    raise Failure(Diagnostic(codes.BAD_USAGE, message, hint=hint))


def _refused(options: argparse.Namespace, outcome: Outcome) -> int:
    """What keeps the working tree from being built."""
    from fleetc.cli.findings import Report, nothing_read, tell

    read = outcome.sources.text if outcome.sources else nothing_read
    return tell(Report(outcome.diagnostics, EXIT_FINDINGS, read), options)
