"""`fleetc doctor`: what is installed here, and what cannot be done without what is not."""

from __future__ import annotations

import argparse
import json
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib import metadata
from typing import Final

from fleetc import __version__
from fleetc.cli.main import EXIT_CLEAN, EXIT_FINDINGS
from fleetc.cli.printing import say
from fleetc.cli.style import Style, style_for
from fleetc.tuples import NamedTuple

_OLDEST_PYTHON: Final = (3, 11)
_PATIENCE: Final = 30.0


class Finding(NamedTuple):
    """One thing that fleetc can use."""

    name: str
    version: str | None
    """None where it is missing or of no use."""
    needed: bool
    """Whether compiling needs it."""
    use: str
    """What it is for: without it, that cannot be done."""
    detail: str
    """Where it is, or what is wrong and how to mend it."""


def command(options: argparse.Namespace) -> int:
    """Run it; returns the exit status."""
    found = [*_for_compiling(), *_for_rehearsing()]
    lacking = any(f.needed and f.version is None for f in found)
    if options.output == "json":
        data = {"command": "doctor", "fleetc": __version__, "complete": not lacking}
        say(json.dumps({**data, "found": [f._asdict() for f in found]}, indent=2) + "\n")
    else:
        say("\n".join(_told(found, style_for(options.color))) + "\n")
    return EXIT_FINDINGS if lacking else EXIT_CLEAN


def _for_compiling() -> Iterator[Finding]:
    old = sys.version_info[:2] < _OLDEST_PYTHON
    hint = f", and {'.'.join(map(str, _OLDEST_PYTHON))} is the oldest that will do" if old else ""
    yield Finding(
        "python", None if old else platform.python_version(), True, "running fleetc", f"{sys.executable}{hint}"
    )
    yield _libyaml()
    yield _package("jsonschema-rs", "jsonschema_rs", "checking objects against schemas")
    yield _program("git", "showing what a build changed; `git apply` of saved edits")


def _libyaml() -> Finding:
    name, use = "libyaml", "reading specs"
    try:
        import yaml
    except ImportError as error:
        return Finding(name, None, True, use, f"{error}: install PyYAML")
    if not yaml.__with_libyaml__:
        return Finding(
            name, None, True, use, f"PyYAML {yaml.__version__} was built without it: install a wheel of PyYAML"
        )
    from yaml import _yaml

    return Finding(name, _yaml.get_version_string(), True, use, f"by PyYAML {yaml.__version__}")


def _package(name: str, module: str, use: str) -> Finding:
    import importlib

    try:
        importlib.import_module(module)
    except ImportError as error:
        return Finding(name, None, True, use, f"{error}: install {name}")
    try:
        return Finding(name, metadata.version(name), True, use, "")
    except metadata.PackageNotFoundError:  # copied here without what pip knows of it, and it works
        return Finding(name, "unknown", True, use, "")


def _for_rehearsing() -> Iterator[Finding]:
    """The real servers. They are of no use to a build, so what they need is imported here alone."""
    from fleetc_rehearsal.errors import MissingTools
    from fleetc_rehearsal.finder import locate
    from fleetc_rehearsal.packages import PACKAGES
    from fleetc_rehearsal.recipes import NAMES

    yield _program("go", "building the servers below (`make tools`)", "version")
    for name in (*NAMES, *PACKAGES):
        try:
            tool = locate(name)
        except MissingTools as error:
            yield Finding(name, None, False, _use(name), error.reason)
        else:
            yield Finding(name, tool.version, False, _use(name), str(tool.path))


def _use(tool: str) -> str:
    if tool.startswith("kubernetes-"):
        return f"rehearsing on a real API server and scheduler of {tool.removeprefix('kubernetes-')}"
    special = {
        "etcd": "rehearsing at all",
        "kwok": "rehearsing with simulated nodes",
        "lws": "rehearsing LeaderWorkerSets",
        "kueue": "rehearsing the admission of jobs to quotas by Kueue",
        "cue": "checking constraints: that of CUE_EXE, FLEETC_TOOLS, this one, or that of PATH is taken",
        "helm": "rendering charts: that of FLEETC_TOOLS, else of PATH, is taken",
        "argocd": "rehearsing what Argo CD makes of a repository",
        "pulumi": "rehearsing `pulumi up`",
        "pulumi-language-python": "rehearsing `pulumi up`",
        "prometheus": "asking what dashboards ask, of synthetic series, in `make live`",
        "chromium": "looking at the page of `fleetc report` in `make live`",
        "promtool": "running rules of Prometheus on synthetic series in `make live`",
    }
    return special.get(tool, f"rehearsing with the CRDs of {tool}")


def _program(name: str, use: str, asked: str = "--version") -> Finding:
    """A program on PATH, asked for its version; none of these is needed to compile."""
    path = shutil.which(name)
    if path is None:
        return Finding(name, None, False, use, "not on PATH")
    try:
        # A program by a fixed name on the user's PATH, and no shell.
        words = [path, asked]
        done = subprocess.run(words, capture_output=True, text=True, timeout=_PATIENCE, check=True)  # noqa: S603 - above
    except (OSError, subprocess.SubprocessError) as error:
        return Finding(name, None, False, use, f"{path} does not work: {error}")
    said = re.search(r"\d+\.\d+\S*", done.stdout)
    return Finding(name, said[0] if said else None, False, use, path)


def _told(found: list[Finding], style: Style) -> Iterator[str]:
    yield f"fleetc {__version__} on {platform.system()} {platform.machine()}"
    names = max(len(f.name) for f in found)
    for needed, title in ((True, "To compile and check"), (False, "Optional, for rehearsals and around")):
        yield f"\n{style.bold(title)}"
        for f in (f for f in found if f.needed is needed):
            colour = style.red if needed else style.yellow
            version = style.green(f.version.ljust(8)) if f.version else colour("missing ")
            yield f"  {f.name.ljust(names)}  {version}  {style.dim(f.detail)}".rstrip()
            if f.version is None:
                yield f"  {' ' * names}  {' ' * 8}  without it: no {f.use}"
