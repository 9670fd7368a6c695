"""Renders charts with helm, without a cluster and without the network."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from typing import Final

from fleetc.driver.charts.find import Found
from fleetc.tuples import NamedTuple

_PATIENCE: Final = 120.0
"""Seconds for one chart; the largest ones take two."""


class Task(NamedTuple):
    """What helm is told: `values` as JSON, the Kubernetes minor, and the API versions that components serve there."""

    found: Found
    release: str
    namespace: str
    values: str
    minor: str
    apis: tuple[str, ...]


class HelmError(Exception):
    """Helm refuses: what it says, as one line."""


Render = Callable[[Task], str]
"""Renders a chart; raises HelmError."""


def helm() -> str | None:
    """The program: of the folder that FLEETC_TOOLS names, else on PATH; None where there is none."""
    tools = os.environ.get("FLEETC_TOOLS")
    named = f"{tools}/helm/helm" if tools else ""
    return named if named and os.path.isfile(named) else shutil.which("helm")


def renderer(program: str) -> Render:
    """Renders with this program."""

    def render(task: Task) -> str:
        with tempfile.TemporaryDirectory(prefix="fleetc-charts-") as home:
            values = f"{home}/values.json"
            with open(values, "w", encoding="utf-8") as file:
                file.write(task.values)
            return _run(_words(program, task, values), home)

    return render


def _words(program: str, task: Task, values: str) -> list[str]:
    apis = [word for api in task.apis for word in ("--api-versions", api)]
    return [
        *(program, "template", task.release, task.found.path, "--namespace", task.namespace, "--values", values),
        *("--kube-version", f"v{task.minor}.0", "--include-crds", "--skip-tests", *apis),
    ]


def _run(words: list[str], home: str) -> str:
    # Nothing of the user's helm takes part, such as plugins, and what stands in for it stays in this folder.
    own = dict.fromkeys(("HELM_CACHE_HOME", "HELM_CONFIG_HOME", "HELM_DATA_HOME"), f"{home}/helm")
    env = {"PATH": os.environ.get("PATH", ""), "HOME": home, "KUBECONFIG": f"{home}/none", **own}
    try:
        # Our own arguments, and no shell.
        done = subprocess.run(  # noqa: S603 - above
            words, env=env, cwd=home, capture_output=True, stdin=subprocess.DEVNULL, timeout=_PATIENCE, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise HelmError(f"helm cannot be run: {error}") from None
    if done.returncode:
        raise HelmError(" ".join(done.stderr.decode("utf-8", "replace").removeprefix("Error: ").split()))
    return done.stdout.decode("utf-8", "replace")


def rendered_twice(task: Task, render: Render) -> tuple[str, str]:
    """Two renderings, not in one second of the clock where a template asks for the time. Raises HelmError."""
    first = render(task)
    if task.found.clock:
        time.sleep(1 - time.time() % 1)
    return first, render(task)


def as_json(values: object) -> str:
    """Values, as helm reads them and equal ones compare."""
    return json.dumps(values, sort_keys=True)
