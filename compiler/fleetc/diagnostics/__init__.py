"""What goes wrong is a value: a diagnostic, made anywhere, printed once by the command line."""

from fleetc.diagnostics.codes import CODES
from fleetc.diagnostics.model import Code, Diagnostic, Failure, Related, Severity, sort_key

__all__ = ["CODES", "Code", "Diagnostic", "Failure", "Related", "Severity", "sort_key"]
