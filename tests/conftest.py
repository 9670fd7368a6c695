"""Signals as a terminal leaves them.

Below `nohup`, and in the background of a script, some are ignored, and the programs that tests start inherit that.
"""

from __future__ import annotations

import signal

for number, handler in (
    (signal.SIGINT, signal.default_int_handler),
    (signal.SIGHUP, signal.SIG_DFL),
    (signal.SIGTERM, signal.SIG_DFL),
):
    if signal.getsignal(number) is signal.SIG_IGN:
        signal.signal(number, handler)
