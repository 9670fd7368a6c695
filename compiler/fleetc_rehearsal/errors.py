"""What can go wrong in a rehearsal, as types."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple


class RehearsalError(Exception):
    """A rehearsal that cannot go on; the message is for people."""


class ToolError(RehearsalError):
    """What a person can mend: a name that is no tool, a build that failed."""


class NoGo(ToolError):  # noqa: N818 - it says what is missing
    """No Go toolchain that can build the tools."""


class MissingTools(RehearsalError):  # noqa: N818 - it says what is missing
    """A server that is nowhere to be found; the message names the command that builds it."""

    def __init__(self, tool: str, reason: str) -> None:
        super().__init__(
            f"{tool} is missing: {reason}; in a checkout of fleetc, `make tools` builds it "
            f"(or `python -m tools.build_tools {tool}`); FLEETC_TOOLS names a folder that has it already"
        )
        self.tool = tool
        self.reason = reason


class ServerFailed(RehearsalError):  # noqa: N818 - it says what happened
    """A server that ended by itself or never became ready; the message ends with its log."""

    def __init__(self, server: str, what: str, log: str) -> None:
        super().__init__(f"{server} {what}; its log says:\n{log}")
        self.server = server
        self.log = log


class TimedOut(RehearsalError):  # noqa: N818 - it says what happened
    """What was waited for did not come about."""


class Cause(NamedTuple):
    """One reason of a refusal: the path of the field (may be empty), what is wrong, and the reason as a word."""

    field: str
    message: str
    reason: str = ""


class Refused(RehearsalError):  # noqa: N818 - the server's word for it
    """What the API server answers instead of doing it."""

    def __init__(self, status: int, reason: str, message: str, causes: Sequence[Cause] = ()) -> None:
        super().__init__(f"{status} {reason}: {message}")
        self.status = status
        self.reason = reason
        """A word such as Invalid, NotFound, Conflict, Forbidden."""
        self.message = message
        self.causes = tuple(causes)
