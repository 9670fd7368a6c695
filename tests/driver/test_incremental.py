"""A build that starts from what the last one remembered comes to what a build of a fresh copy comes to, to the byte."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.driver.edits import OTHER_EDITS, SPEC_EDITS, Editor
from tests.driver.fleets import STATE, Run, acme, clean, inside, program, scopes_taken, synthetic
from tests.driver.tree.trees import content

from fleetc.driver import build as build_run
from fleetc.driver import memory
from fleetc.driver.memory import Body, Head, Memory
from fleetc.driver.scope import WHOLE, Scope
from fleetc.driver.tree.header import State, state_of

Made = Callable[[Path], Path]
FORMATS = ("json", "text")


@pytest.fixture(autouse=True)
def one_program(monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody may edit the source while the tests run: then everything would be forgotten, and nothing be tested."""
    monkeypatch.setattr(memory, "tool_digest", lambda _crds=(): "this")
    monkeypatch.setattr(build_run, "MANY", 0)  # What stands there is always looked at by a child.


@pytest.fixture(autouse=True)
def all_is_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is saved is what the next run loads, also where only what changed is written."""
    save = memory.save

    def saved(state: str, head: Head, body: Body, earlier: Memory | None = None) -> None:
        save(state, head, body, earlier)
        found = memory.load(state, "this")
        assert found is not None
        assert found.whole()
        assert repr(keyed(found.head)) == repr(keyed(head))
        assert repr(keyed(found.body)) == repr(keyed(body))

    monkeypatch.setattr(memory, "save", saved)


def keyed(part: Head | Body) -> dict[str, Any]:
    """The same without the order of keys, which says nothing."""
    every = part._asdict()
    return {name: dict(sorted(value.items())) if isinstance(value, dict) else value for name, value in every.items()}


@pytest.fixture
def scopes(monkeypatch: pytest.MonkeyPatch) -> list[Scope]:
    """The scopes in which fleets were compiled, from first to last."""
    return scopes_taken(monkeypatch)


def said(run: Run, output: str) -> Any:
    """What a build prints that does not depend on what stood there before: not what it wrote, nor the time."""
    if output == "json":
        return {name: run.data().get(name) for name in ("diagnostics", "summary", "strict")}
    return [line for line in run.out.splitlines() if line.split()[:1] not in (["files"], ["time"])]


def kind_of(scope: Scope) -> str:
    return "whole" if scope == WHOLE else "subjects" if scope.clusters is None else "clusters"


class Sequence:
    """A fleet that is edited and built, again and again."""

    def __init__(self, root: Path, seed: int, *, outside: bool) -> None:
        self.root = root
        self.editor = Editor(root, seed)
        self.chance = self.editor.random
        self.outside = outside
        self.story: list[str] = [f"seed {seed}"]
        self.good: dict[str, bytes] = {}
        self.older: list[dict[str, bytes]] = []
        self.ended: Counter[str] = Counter()

    def build(self, root: Path, output: str) -> Run:
        if self.outside and root == self.root and self.chance.random() < 0.3:
            return program("build", "--root", str(root), "--output", output)
        return inside(root, "build", "--output", output)

    def step(self) -> None:
        """One edit, or some; a build; and the comparison."""
        self.edit()
        before = content(self.root)
        copy = self.root.parent / "copy"
        shutil.copytree(self.root, copy, symlinks=True, ignore=shutil.ignore_patterns(STATE))
        output = self.chance.choice(FORMATS)
        got, wanted = self.build(self.root, output), self.build(copy, output)
        self.ended[str(got.status)] += 1
        told = "\n".join(self.story)
        assert said(got, output) == said(wanted, output), told
        assert (got.status, got.err) == (wanted.status, wanted.err), told
        assert content(self.root) == content(copy), told
        foreign = {p: d for p, d in before.items() if not p.startswith("specs/") and state_of(d) is not State.OURS}
        assert foreign.items() <= content(self.root).items(), told
        if got.status == 0:
            self.compare_with_clean(said(got, output), output, told)
            self.good = self.specs()
            self.older = [*self.older[-5:], self.good]
        shutil.rmtree(copy)

    def compare_with_clean(self, printed: Any, output: str, told: str) -> None:
        """Our files, and nothing else of ours, are what the specs alone give."""
        at = self.root.parent / "clean"
        assert said(clean(self.root, at, "--output", output), output) == printed, told
        folders = {p.name for p in at.iterdir()} - {"specs", "extra", STATE}
        ours = {p: d for p, d in content(self.root).items() if Path(p).parts[0] in folders}
        wanted = {p: d for p, d in content(at).items() if Path(p).parts[0] in folders}
        assert {p: d for p, d in ours.items() if state_of(d) is State.OURS} == wanted, told
        shutil.rmtree(at)

    def specs(self) -> dict[str, bytes]:
        return {p: d for p, d in content(self.root).items() if p.startswith(("specs/", "extra/"))}

    def edit(self) -> None:
        if self.ended and self.story[-1] != "mended" and self.chance.random() < 0.7:
            self.mend()
        if self.chance.random() < 0.75:
            inside(self.root, "build")  # Now all is remembered, and the next build is one of a part.
        for _ in range(self.chance.choice([1, 1, 1, 1, 2, 4])):
            edits = SPEC_EDITS if self.chance.random() < 0.85 else OTHER_EDITS
            said = self.chance.choice(edits)(self.editor)
            self.story.append(said or "nothing")

    def mend(self) -> None:
        """What stood in the way goes; the specs are good again, or those of an earlier time, as after a checkout."""
        if inside(self.root, "check").status == 0:
            return
        for path, data in content(self.root).items():
            if not path.startswith(("specs/", "extra/")) and state_of(data) is not State.OURS:
                (self.root / path).unlink()
        for link in (p for p in self.root.rglob("*") if p.is_symlink()):
            link.unlink()
        self.restore(self.chance.choice(self.older) if self.older and self.chance.random() < 0.3 else self.good)
        self.story.append("mended")

    def restore(self, files: dict[str, bytes]) -> None:
        for path in self.specs().keys() - files.keys():
            (self.root / path).unlink()
        for path, data in files.items():
            target = self.root / path
            if not target.exists() or target.read_bytes() != data:
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(data)


def run(made: Path, seed: int, steps: int, *, outside: bool = False) -> Sequence:
    sequence = Sequence(made, seed, outside=outside)
    assert inside(made, "build").status == 0
    sequence.good = sequence.specs()
    for _ in range(steps):
        sequence.step()
    return sequence


@pytest.mark.parametrize(("made", "seed"), [(acme, 1), (synthetic, 2)])
def test_some_edits(tmp_path: Path, made: Made, seed: int, scopes: list[Scope]) -> None:
    run(made(tmp_path / "fleet"), seed, 8 if made is acme else 17)
    assert any(scope != WHOLE for scope in scopes)


@pytest.mark.accept
@pytest.mark.parametrize("seed", range(10, 20))
@pytest.mark.parametrize("made", [acme, synthetic])
def test_many_edits(tmp_path: Path, made: Made, seed: int, scopes: list[Scope]) -> None:
    sequence = run(made(tmp_path / "fleet"), seed, 25, outside=True)
    assert sequence.ended["0"] >= 5
    assert Counter(map(kind_of, scopes))["subjects"] >= 1
