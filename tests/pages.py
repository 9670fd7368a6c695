"""Pages that are executed: Markdown whose fenced blocks are files, commands, and what those print.

A page is executed from top to bottom in one folder, which starts as a copy of `tests/cases/base`:

- ```` ```yaml specs/teams/search.yaml ```` (any language, then a path) writes the file;
- ```` ```text exit 1 ```` is what `fleetc check` then prints, and its exit status;
- ```` ```usage ```` is made from the grammar of the command line (tools/manual.py);
- ```` ```console exit 2 ```` has lines `$ COMMAND`, each followed by what it prints. The status is that of the last
  command, the others end with 0. `fleetc` runs in this process, everything else in bash. The ids of commits are shown
  as 1111..., 2222... and so on, from the first to the last.

With FLEETC_UPDATE=1 the expected output is written instead of compared (`make golden`).
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Generator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NamedTuple
from unittest import mock

from fleetc.cli.main import main
from fleetc.driver.importing import gather
from fleetc.driver.load import Sources
from fleetc.driver.promoting.choose import SHORT

BASE: Final = Path(__file__).parent / "cases/base"
UPDATE: Final = os.environ.get("FLEETC_UPDATE") == "1"

_FENCE: Final = re.compile(r"(`{3,})([^`]*)")
_NORMAL: Final = (
    (re.compile(r"\bprocess \d+"), "process 4711"),
    (re.compile(r"\b\d+\.\d\d s$", re.MULTILINE), "0.05 s"),
)
"""What differs from run to run."""
_ID: Final = re.compile(r"\b[0-9a-f]{12}")
_QUIET: Final = " >/dev/null"


class Block(NamedTuple):
    """A fenced block: its words after the fence, its text, its first and last line (from 0), and its heading."""

    words: tuple[str, ...]
    text: str
    first: int
    last: int
    heading: str

    @property
    def is_output(self) -> bool:
        """Whether it holds what a run prints."""
        return self.words[:1] in (("text",), ("console",))


class Ran(NamedTuple):
    """What a command printed, and its exit status."""

    status: int
    stdout: str
    stderr: str


def blocks_of(text: str) -> list[Block]:
    """The fenced blocks of a page, in order."""
    out: list[Block] = []
    lines = text.split("\n")
    heading, at = "", 0
    while at < len(lines):
        fence = _FENCE.fullmatch(lines[at])
        if fence is None:
            heading = lines[at].lstrip("# ") if lines[at].startswith("#") else heading
            at += 1
            continue
        assert fence[1] in lines[at + 1 :], f"line {at + 1}: the block is not closed"
        end = lines.index(fence[1], at + 1)
        body = "".join(f"{line}\n" for line in lines[at + 1 : end])
        out.append(Block(tuple(fence[2].split()), body, at, end, heading))
        at = end + 1
    return out


@dataclass
class Page:
    """A page that is being executed in `root`."""

    path: Path
    root: Path
    read: set[str] = field(default_factory=set[str])
    """The files that were read since they were written."""
    written: set[str] = field(default_factory=set[str])
    base: Path = BASE
    """The folder that is copied to `root` before."""

    def __post_init__(self) -> None:
        self.text = self.path.read_text(encoding="utf-8")
        self.blocks = blocks_of(self.text)
        shutil.copytree(self.base, self.root)

    def execute(self) -> None:
        """Execute every block; compare what is printed, or update it."""
        lines = self.text.split("\n")
        for block in reversed([self._ran(block) for block in self.blocks]):
            lines[block.first : block.last] = [f"```{' '.join(block.words)}", *block.text.split("\n")[:-1]]
        now = "\n".join(lines)
        if UPDATE and now != self.text:
            self.path.write_text(now, encoding="utf-8")
            return
        assert now == self.text

    def unread(self) -> set[str]:
        """The files that no run has read since they were written."""
        return self.written - self.read

    def _ran(self, block: Block) -> Block:
        """A block with what is printed now."""
        match block.words:
            case ["text", *_]:
                ran = self.run("fleetc check")
                words: tuple[str, ...] = ("text", "exit", str(ran.status))
                return block._replace(words=words, text=ran.stdout * (not ran.stderr) + ran.stderr)
            case ["console", *_]:
                return self._console(block)
            case ["usage"]:
                return block  # `make check` holds it against the grammar
            case [_, path]:
                file = self.root / path
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(block.text, encoding="utf-8")
                self.written.add(path)
                self.read.discard(path)
                return block
            case _:
                raise AssertionError(f"line {block.first + 1}: what is this block?")

    def _console(self, block: Block) -> Block:
        out, status = "", 0
        for line in block.text.split("\n"):
            if line.startswith("$ "):
                assert status == 0, f"line {block.first + 1}: only the last command may fail"
                ran = self.run(line[2:])
                status = ran.status
                out += f"{line}\n{ran.stdout}{ran.stderr}"
        words: tuple[str, ...] = ("console", "exit", str(status)) if status else ("console",)
        return block._replace(words=words, text=out)

    def run(self, command: str) -> Ran:
        """Run a command in the root."""
        plain = command.removesuffix(_QUIET)
        ran = self._fleetc(shlex.split(plain)[1:]) if plain.startswith("fleetc") else self._bash(command)
        shown = [self._normal(text) for text in (ran.stdout if plain == command else "", ran.stderr)]
        return Ran(ran.status, *shown)

    def _fleetc(self, arguments: list[str]) -> Ran:
        out, err = io.StringIO(), io.StringIO()
        with (
            contextlib.chdir(self.root),
            _recorded(self.read),
            contextlib.redirect_stdout(out),
            contextlib.redirect_stderr(err),
        ):
            status = main(arguments)
        return Ran(status, out.getvalue(), err.getvalue())

    def _bash(self, command: str) -> Ran:
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
        environment = {**os.environ, "PATH": path, "LC_ALL": "C"}
        done = subprocess.run(
            ["bash", "-c", command], cwd=self.root, env=environment, capture_output=True, text=True, check=False
        )
        return Ran(done.returncode, done.stdout, done.stderr)

    def _normal(self, text: str) -> str:
        text = text.replace(str(self.root), "/acme")
        for pattern, instead in _NORMAL:
            text = pattern.sub(instead, text)
        for n, commit in enumerate(self._commits(), 1) if _ID.search(text) else ():
            shown = f"{n:x}"[-1] * len(commit)
            text = text.replace(commit, shown).replace(commit[:SHORT], shown[:SHORT])
        return text

    def _commits(self) -> list[str]:
        """The ids of the commits in the root, which are those of the time of day, from first to last."""
        if not (self.root / ".git").is_dir():
            return []
        command = ["git", "-C", str(self.root), "rev-list", "--topo-order", "--reverse", "HEAD"]
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout.split()


@contextlib.contextmanager
def _recorded(names: set[str]) -> Generator[None]:
    """Note the files that are read."""
    read, read_manifest = Sources.read, gather.read

    def noting(self: Sources, file: str) -> bytes:
        names.add(file)
        return read(self, file)

    def noting_manifest(file: str) -> bytes:
        names.add(file)
        return read_manifest(file)

    with mock.patch.object(Sources, "read", noting), mock.patch.object(gather, "read", noting_manifest):
        yield
