"""`fleetc diff --live`."""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path

from fleetc.cli.live.asked import read
from fleetc.cli.main import EXIT_CLEAN, EXIT_FINDINGS
from fleetc.cli.printing import say
from fleetc.cli.style import style_for
from fleetc.driver.build import Outcome
from fleetc.driver.explain import explainer


def live(options: argparse.Namespace, root: str, outcome: Outcome, started: float) -> int:
    """Compare running clusters with a build that found nothing wrong; returns the exit status: 0 no drift, 1 drift."""
    with outcome.timed("explain"):
        fleet = explainer(Path(root))
    with outcome.timed("read"):
        found = [*read(fleet, options.names, options)]
    if options.output == "json":
        from fleetc.cli.live.data import data

        say(json.dumps(data(found), indent=2) + "\n")
    elif options.output == "markdown":
        from fleetc.cli.live.markdown import markdown

        say(markdown(found))
    else:
        from fleetc.cli.live.text import text

        say("\n".join(text(found, style_for(options.color), every=options.verbose)) + "\n")
    if options.stats:
        stages = {stage: round(seconds, 4) for stage, seconds in outcome.times.items()}
        sys.stderr.write(json.dumps({"seconds": round(time.perf_counter() - started, 4), "stages": stages}) + "\n")
    return EXIT_FINDINGS if any(cluster.drifted or cluster.unserved for cluster in found) else EXIT_CLEAN
