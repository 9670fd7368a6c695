"""Signals as a terminal leaves them, and no width of one.

Below `nohup`, and in the background of a script, some are ignored, and the programs that tests start inherit that. The
workers of pytest-xdist are told that their terminal has 80 columns. And no cue, which some machines have: what is
checked would depend on that. Live tests name one.
"""

from __future__ import annotations

import os
import signal

import pytest

os.environ.pop("COLUMNS", None)
os.environ["CUE_EXE"] = ""

for number, handler in (
    (signal.SIGINT, signal.default_int_handler),
    (signal.SIGHUP, signal.SIG_DFL),
    (signal.SIGTERM, signal.SIG_DFL),
):
    if signal.getsignal(number) is signal.SIG_IGN:
        signal.signal(number, handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Live tests of one file, or of one cluster of the example fleet, are of one worker: servers are started once."""
    for item in items:
        if item.get_closest_marker("live") is None:
            continue
        spec = getattr(item, "callspec", None)
        cluster = spec.params.get("running") if spec is not None else None
        item.add_marker(pytest.mark.xdist_group(str(cluster) if cluster is not None else item.path.name))
