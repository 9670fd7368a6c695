"""Pulumi's real engine on a copy of the project in `stacks/`: a backend of files, a passphrase of the test's own, and
the stand-in for the Kubernetes provider (`pulumi_provider/`) on PATH."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

from tests.check.goldens import ROOT

from fleetc_rehearsal import finder, until

PASSPHRASE: Final = "a passphrase of the test"
_PROVIDER: Final = ROOT / "tests/live/pulumi_provider"
_EXEC: Final = "pulumi-language-python-exec"
_SUMMARY: Final = re.compile(r"^ +(?:[^\d\s]+ )?(\d+) (\w+)$", re.MULTILINE)


class Ran(NamedTuple):
    """How a command of pulumi ended: its exit status, and all that it printed."""

    status: int
    text: str

    @property
    def summary(self) -> dict[str, int]:
        """What a run did, such as `{"created": 3, "unchanged": 1}`; the stack and its provider count too."""
        _, _, counts = self.text.rpartition("Resources:")
        return {word: int(number) for number, word in _SUMMARY.findall(counts)}


class Project:
    """A repository with the program, emitted files, and the state of its stacks; each in a folder of its own."""

    def __init__(self, folder: Path, kubeconfig: Path) -> None:
        self.folder = folder
        self.state = folder / "state"
        self.stacks = folder / "stacks"
        self.state.mkdir(parents=True)
        shutil.copytree(ROOT / "stacks", self.stacks, ignore=shutil.ignore_patterns("generated", "__pycache__"))
        tools = folder / "bin"
        tools.mkdir()
        # The language host looks for the script beside itself, links resolved.
        script = finder.binary("pulumi").resolve().parent / "data" / _EXEC
        for file in (script, finder.binary("pulumi-language-python")):
            shutil.copyfile(file, tools / file.name)
            (tools / file.name).chmod(0o755)
        path = [Path(sys.executable).parent, _PROVIDER, tools, finder.binary("pulumi").parent]
        self.env = {
            **{key: value for key, value in os.environ.items() if not key.startswith("PULUMI_")},
            "PATH": os.pathsep.join([*(str(one) for one in path), os.environ["PATH"]]),
            "KUBECONFIG": str(kubeconfig),
            "PULUMI_HOME": str(folder / "home"),
            "PULUMI_BACKEND_URL": self.state.as_uri(),
            "PULUMI_CONFIG_PASSPHRASE": PASSPHRASE,
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
        }

    def stack(self, name: str, data: Mapping[str, Any]) -> None:
        """Write a stack's data, and begin its state."""
        generated = self.stacks / "generated"
        generated.mkdir(exist_ok=True)
        (generated / f"{name}.yaml").write_text(json.dumps(data), encoding="utf-8")
        self.run("stack", "init", name, "--secrets-provider", "passphrase")

    def run(self, *words: str, ok: bool = True) -> Ran:
        """Run a command of pulumi to its end; unless `ok` is false it must succeed."""
        done = subprocess.run(
            self._command(words), cwd=self.stacks, env=self.env, capture_output=True, text=True, check=False
        )
        ran = Ran(done.returncode, done.stdout + done.stderr)
        assert not ok or ran.status == 0, ran.text
        return ran

    def up(self, name: str, *more: str, ok: bool = True) -> Ran:
        """Deliver a stack, without its preview."""
        return self.run("up", "--stack", name, "--yes", "--skip-preview", *more, ok=ok)

    def killed(self, name: str, when: Callable[[], bool]) -> None:
        """Deliver a stack one resource after the other, and kill the engine as soon as something is so."""
        words = ["up", "--stack", name, "--yes", "--skip-preview", "--parallel", "1"]
        process = subprocess.Popen(
            self._command(words), cwd=self.stacks, env=self.env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            until(lambda: when() or process.poll() is not None, "moment to kill the engine", 300)
            assert process.poll() is None, "the engine was done before"
        finally:
            started = _children(process.pid)
            process.kill()
            process.wait()
            for child in started:  # the language host would stay
                with contextlib.suppress(ProcessLookupError):
                    os.kill(child, signal.SIGKILL)

    def outputs(self, name: str) -> dict[str, Any]:
        """The stack's outputs."""
        told: dict[str, Any] = json.loads(self.run("stack", "output", "--json", "--stack", name).text)
        return told

    def everything(self) -> bytes:
        """Every byte of the state and of the project, for a search of secrets."""
        files = [path for base in (self.state, self.stacks) for path in sorted(base.rglob("*")) if path.is_file()]
        return b"".join(path.read_bytes() for path in files)

    def _command(self, words: tuple[str, ...] | list[str]) -> list[str]:
        return [str(finder.binary("pulumi")), *words, "--non-interactive", "--color", "never"]


def _children(pid: int) -> list[int]:
    """The processes that one has started, as Linux tells it."""
    out: list[int] = []
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError):  # it ended meanwhile, or is no process
            _, _, after = (entry / "stat").read_text(encoding="utf-8", errors="replace").rpartition(") ")
            if after.split()[1:2] == [str(pid)]:
                out.append(int(entry.name))
    return out
