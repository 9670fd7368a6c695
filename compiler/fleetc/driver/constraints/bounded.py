"""Runs cue within limits. Started as a program of its own, by the wrapper that pycue takes for cue (see `vet`):

    python -I -S bounded.py TASK vet CUE_FILE DATA_FILE

`TASK` is a JSON file: the real program, the other files, the folder to run in, the limits, and where the end is told.
It imports nothing of fleetc, which is not on its path.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

_OUT_OF_MEMORY: Final = (b"out of memory", b"cannot allocate memory", b"cannot reserve", b"failed to reserve")


def main(arguments: list[str]) -> int:
    """Run it; the exit status is that of cue, which is told in a file with what cut it short."""
    task: dict[str, Any] = json.loads(Path(arguments[0]).read_bytes())
    command, first, *rest = arguments[1:]
    words = [task["program"], command, *task["flags"], first, *task["files"], *rest]
    resource.setrlimit(resource.RLIMIT_AS, (task["bytes"], task["bytes"]))
    resource.setrlimit(resource.RLIMIT_CPU, (task["seconds"], task["seconds"]))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    cut = ""
    with Path(task["errors"]).open("wb") as errors:
        try:
            # Our own arguments, and no shell.
            done = subprocess.run(  # noqa: S603 - above
                words,
                cwd=task["folder"],
                env=task["environment"],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=errors,
                timeout=task["patience"],
                check=False,
            )
            status = done.returncode
        except subprocess.TimeoutExpired:
            status, cut = 1, "time"
        except OSError as error:
            status = 1
            errors.write(f"cue cannot be run: {error}".encode())
    said = Path(task["errors"]).read_bytes()
    if status < 0:  # the kernel's doing: of our limits only that of time kills
        cut = "time"
    elif status and any(word in said for word in _OUT_OF_MEMORY) and b"goroutine " in said:
        cut = "memory"
    Path(task["end"]).write_text(json.dumps({"status": status, "cut": cut}), encoding="utf-8")
    sys.stderr.buffer.write(said)
    return status if 0 <= status <= 1 else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
