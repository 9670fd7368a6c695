"""`fleetc report`: one page of the whole fleet, and the same as data."""

from __future__ import annotations

import argparse
import json
import os
import sys

from fleetc.cli import render
from fleetc.cli.findings import Report as Findings
from fleetc.cli.findings import tell
from fleetc.cli.main import EXIT_CLEAN, EXIT_FINDINGS
from fleetc.cli.planning.units import count
from fleetc.cli.printing import say
from fleetc.cli.reporting.data import inputs_data, report_data
from fleetc.cli.reporting.page import page, refused
from fleetc.cli.style import style_for_errors
from fleetc.diagnostics import Diagnostic, Failure, codes
from fleetc.driver.build import Options
from fleetc.driver.files import root_of
from fleetc.driver.folders import folders_of
from fleetc.driver.load import Sources
from fleetc.driver.reporting.collect import errors, report_of
from fleetc.driver.reporting.model import Report
from fleetc.driver.reporting.write import write_page

FILE = "report.html"
_STDOUT = "-"


def command(options: argparse.Namespace) -> int:
    """Run it; returns the exit status. Raises Failure where the page cannot be written."""
    as_data = options.output == "json"
    if as_data and options.out == _STDOUT:
        hint = "leave out one of them, or name a file"
        raise Failure(Diagnostic(codes.BAD_USAGE, "--output json and --out - both print on stdout", hint=hint))
    root = root_of(options.root)
    crds = folders_of(root, options.crds)
    found = report_of(Options(root, write=False, cold=options.cold, crds=crds, date=options.date or ""))
    status = EXIT_FINDINGS if errors(found) else EXIT_CLEAN
    data = report_data(found) if found.compiled is not None else None
    out = options.out or ("" if as_data else FILE)
    if out:
        made = page(data) if data is not None else refused(render.json(found.diagnostics), inputs_data(found))
        _write(out, made)
    if as_data:
        if data is None:
            return tell(Findings(found.diagnostics, status), options)
        say(json.dumps(data, indent=2) + "\n")
        return status
    _told(options, found, root)
    if out != _STDOUT:
        say(f"{out}: {_what(found)}\n")
    return status


def _write(out: str, made: str) -> None:
    if out == _STDOUT:
        say(made)
    else:
        write_page(os.path.abspath(out), out, made.encode())


def _told(options: argparse.Namespace, found: Report, root: str) -> None:
    """What was found is on the page; who runs the command sees it, too."""
    if found.diagnostics:
        read = Sources(root).text
        sys.stderr.write(render.text(found.diagnostics, read, style_for_errors(options.color)))


def _what(found: Report) -> str:
    compiled = found.compiled
    if compiled is None:
        return "what is wrong with the specs; without that there is no more to tell"
    sizes = (
        (len(compiled.clusters), "cluster"),
        (len(compiled.view.result.problem.workloads), "workload"),
        (len(compiled.policies), "policy"),
        (len(compiled.objectives), "objective"),
        (len(compiled.dashboards), "dashboard"),
    )
    return ", ".join(count(n, thing, "policies" if thing == "policy" else "") for n, thing in sizes)
