"""What stops the program: told as a diagnostic, exit 2. A bug of ours comes with a report to attach."""

from __future__ import annotations

import argparse
import platform
import sys
import tempfile
import traceback

from fleetc import __version__
from fleetc.cli import render
from fleetc.cli.findings import Report, nothing_read, tell
from fleetc.cli.main import EXIT_CANNOT_RUN
from fleetc.cli.printing import OutputRefused
from fleetc.cli.style import style_for_errors
from fleetc.diagnostics import Diagnostic, Failure, codes
from fleetc.driver.files import root_of


def report_failure(error: Exception, options: argparse.Namespace) -> int:
    """Print what happened; returns the exit status."""
    found = list(error.diagnostics) if isinstance(error, Failure) else [_internal(error)]
    if not isinstance(error, OutputRefused):
        try:
            return tell(Report(found, EXIT_CANNOT_RUN, root=_root(options)), options)
        except OutputRefused as refused:
            found += refused.diagnostics
    sys.stderr.write(render.text(found, nothing_read, style_for_errors(options.color)))
    return EXIT_CANNOT_RUN


def _root(options: argparse.Namespace) -> str | None:
    """The root of the fleet, which the files of a failure are relative to, if there is one."""
    try:
        return root_of(getattr(options, "root", None))
    except Failure:
        return None


def _internal(error: Exception) -> Diagnostic:
    report = [f"fleetc {__version__}, Python {platform.python_version()}, {platform.system()} {platform.machine()}\n"]
    report += traceback.format_exception(error)
    try:
        with tempfile.NamedTemporaryFile("w", prefix="fleetc-", suffix=".txt", delete=False, encoding="utf-8") as file:
            file.write("".join(report))
        hint = f"please open an issue and attach {file.name}; the output tree is as it was, or finished"
    except OSError:
        hint = (
            "please open an issue; the report could not be written, so run it again with space in the temporary folder"
        )
    return Diagnostic(codes.INTERNAL_ERROR, f"a bug in fleetc: {type(error).__name__}: {error}", hint=hint)
