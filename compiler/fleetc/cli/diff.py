"""`fleetc diff`."""

from __future__ import annotations

import argparse
import json
import sys
import time

from fleetc.cli.main import EXIT_CLEAN, EXIT_FINDINGS
from fleetc.cli.printing import say
from fleetc.cli.style import style_for
from fleetc.driver.build import Options, Outcome, run
from fleetc.driver.files import root_of
from fleetc.driver.folders import folders_of


def command(options: argparse.Namespace) -> int:
    """Run it; returns the exit status: 0 whatever changes, 1 when the specs have errors. Raises Failure."""
    started = time.perf_counter()
    root = root_of(options.root)
    # Nothing is written: a file that a hand edited is shown as it would be, and that is said.
    # With the CRDs that a build takes unasked: what it remembered is then of use.
    given = folders_of(root, None)
    outcome = run(Options(root, write=False, discard_edits=True, cold=options.cold, crds=given))
    if outcome.summary is None:
        return _refused(options, outcome)
    from fleetc.driver.diff.diff import diff

    with outcome.timed("diff"):
        found = diff(root, options.revision, outcome)
    if options.output == "json":
        from fleetc.cli.changes.data import data

        say(json.dumps(data(found), indent=2) + "\n")
    elif options.output == "markdown":
        from fleetc.cli.changes.markdown import markdown

        say(markdown(found))
    else:
        from fleetc.cli.changes.text import text

        say("\n".join(text(found, style_for(options.color), every=options.verbose)) + "\n")
    if options.stats:
        stages = {stage: round(seconds, 4) for stage, seconds in outcome.times.items()}
        sys.stderr.write(json.dumps({"seconds": round(time.perf_counter() - started, 4), "stages": stages}) + "\n")
    return EXIT_CLEAN


def _refused(options: argparse.Namespace, outcome: Outcome) -> int:
    """What keeps the working tree from being built."""
    from fleetc.cli.findings import Report, nothing_read, tell

    read = outcome.sources.text if outcome.sources else nothing_read
    return tell(Report(outcome.diagnostics, EXIT_FINDINGS, read), options)
