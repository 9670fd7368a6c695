"""`fleetc check --charts DIR`: what charts render is checked beside what is emitted."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from fleetc.diagnostics import Diagnostic, Failure, codes, sort_key
from fleetc.driver.build import Outcome
from fleetc.driver.charts.helm import helm, renderer
from fleetc.driver.charts.run import check_charts, replaced
from fleetc.driver.crds import read_crds
from fleetc.driver.explain import explainer


def check(root: str, folder: str, crds: Sequence[str], outcome: Outcome) -> None:
    """Add how the checks of charts ended to a run that found nothing wrong. Raises Failure: FLT902."""
    if not os.path.isdir(folder):
        raise Failure(Diagnostic(codes.CANNOT_READ, f"there is no folder {folder}", hint="correct --charts"))
    assert outcome.summary is not None
    with outcome.timed("charts"):
        fleet = explainer(Path(root))
        program = helm()
        render = renderer(program) if program is not None else None
        made = check_charts(fleet, os.path.realpath(folder), render, read_crds(crds))
    outcome.sources = outcome.sources or fleet.sources
    outcome.diagnostics = sorted([*outcome.diagnostics, *made.diagnostics], key=sort_key)
    replaced(outcome.summary.checks, outcome.summary.notes, made.counts)
