"""Signals as a terminal leaves them, and no width of one.

Below `nohup`, and in the background of a script, some are ignored, and the programs that tests start inherit that. The
workers of pytest-xdist are told that their terminal has 80 columns.
"""

from __future__ import annotations

import os
import signal

os.environ.pop("COLUMNS", None)

for number, handler in (
    (signal.SIGINT, signal.default_int_handler),
    (signal.SIGHUP, signal.SIG_DFL),
    (signal.SIGTERM, signal.SIG_DFL),
):
    if signal.getsignal(number) is signal.SIG_IGN:
        signal.signal(number, handler)
