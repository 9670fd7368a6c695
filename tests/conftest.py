"""Signals as a terminal leaves them, and no width of one.

Below `nohup`, and in the background of a script, some are ignored, and the programs that tests start inherit that. The
workers of pytest-xdist are told that their terminal has 80 columns. And no cue, which some machines have: what is
checked would depend on that. Live tests name one.
"""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Final

import pytest
from hypothesis import settings
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

os.environ.pop("COLUMNS", None)
# How long an example takes depends on what else runs: benchmarks/ is for times.
settings.register_profile("fleetc", deadline=None)
settings.load_profile("fleetc")
os.environ["CUE_EXE"] = ""

for number, handler in (
    (signal.SIGINT, signal.default_int_handler),
    (signal.SIGHUP, signal.SIG_DFL),
    (signal.SIGTERM, signal.SIG_DFL),
):
    if signal.getsignal(number) is signal.SIG_IGN:
        signal.signal(number, handler)


CLUSTERS: Final = tuple(folder.name for folder in sorted((Path(__file__).parent.parent / "golden").iterdir()))


class ByServers(LoadScopeScheduling):
    """Tests of one cluster of the example fleet, or of one file, are of one worker, in their order: servers are started
    once, and tests of one story do not run beside each other.

    Not by `xdist_group`, which pytest-xdist 3.8.0 passes over in silence with pytest 9.2.
    """

    def _split_scope(self, nodeid: str) -> str:
        name, bracket, parameters = nodeid.partition("[")
        found = [c for c in CLUSTERS if bracket and f"{parameters[:-1]}-".startswith(f"{c}-")]
        return max(found, key=len) if found else name.partition("::")[0]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> ByServers | None:
    """With `--dist loadgroup`."""
    return ByServers(config, log) if config.getvalue("dist") == "loadgroup" else None
