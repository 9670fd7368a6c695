"""The builder of the real servers, with a Go that only pretends: what is built when, and what a killed run leaves."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.driver.fleets import CHECKOUT
from tools import build_tools

from fleetc_rehearsal.errors import ToolError
from fleetc_rehearsal.packages import PACKAGES
from fleetc_rehearsal.recipes import CHECKOUT as RECIPES
from fleetc_rehearsal.recipes import NAMES, ON_DEMAND, cache_folder, pinned_version, recipe_of
from fleetc_rehearsal.recipes import go as run_go

GO = """\
#!/bin/sh
echo "$*" >> "{log}"
case "$1" in
  env) printf 'go1.99.0\\nplan9\\nmips\\n' ;;
  list) echo "{module}" ;;
  build)
    while [ "$1" != -o ]; do shift; done
    printf half > "$2"
    {slow}
    printf ' whole' >> "$2" ;;
esac
"""
GO_THAT_TELLS = '#!/bin/sh\necho "$GOTOOLCHAIN"\n'


class Go:
    """A `go` on PATH that notes how it is called."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self.log = folder / "log"
        (folder / "bin").mkdir()
        self.log.touch()
        self.acts()
        for name in ("pod-complete", "pod-delete", "pod-ready"):
            self._stage(f"pod/fast/{name}")
        self._stage("node/fast/node-initialize")
        self._stage("node/heartbeat-with-lease/node-heartbeat-with-lease")
        monkeypatch.setenv("PATH", f"{folder / 'bin'}:/usr/bin:/bin")
        monkeypatch.setenv("XDG_CACHE_HOME", str(folder / "cache"))

    def acts(self, slow: str = "true") -> None:
        """What it does in the middle of writing a binary."""
        program = self.folder / "bin/go"
        program.write_text(GO.format(log=self.log, module=self.folder / "module", slow=slow), encoding="utf-8")
        program.chmod(0o755)

    def builds(self) -> int:
        return sum(line.startswith("build ") for line in self.log.read_text(encoding="utf-8").splitlines())

    def left(self) -> list[str]:
        """What is in the cache and no whole tool."""
        folder = cache_folder()
        return sorted(p.name for p in folder.iterdir() if p.name.startswith(".")) if folder.exists() else []

    def _stage(self, path: str) -> None:
        file = self.folder / f"module/kustomize/stage/{path}.yaml"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(path, encoding="utf-8")


@pytest.fixture
def go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Go:
    return Go(tmp_path, monkeypatch)


def outside(*words: str) -> subprocess.Popen[str]:
    """The builder in a process of its own, in a session that can be killed whole."""
    command = [sys.executable, "-m", "tools.build_tools", *words]
    return subprocess.Popen(command, cwd=CHECKOUT, stdout=subprocess.PIPE, text=True, start_new_session=True)


def test_every_folder_is_a_tool() -> None:
    tools = (*NAMES, *ON_DEMAND)
    assert {*tools} == {path.parent.name for path in RECIPES.glob("*/go.mod")}
    assert all((RECIPES / name / "go.sum").stat().st_size for name in tools)


def test_no_module_comes_from_a_folder() -> None:
    for name in (*NAMES, *ON_DEMAND):
        text = (RECIPES / name / "go.mod").read_text(encoding="utf-8")
        assert not re.search(r"=>\s*[./]|://", text), name


def test_what_is_built(go: Go, capsys: pytest.CaptureFixture[str]) -> None:
    assert build_tools.main(["etcd", "kubernetes-1.36", "kwok"]) == 0
    said = [re.sub(r"\d+\.\d s", "0.1 s", line) for line in capsys.readouterr().out.splitlines()]
    assert [line.partition(": ")[2] for line in said] == ["built in 0.1 s"] * 3
    made = {name: recipe_of(name).home for name in ("etcd", "kubernetes-1.36", "kwok")}
    assert all(home.parent == go.folder / "cache/fleetc/tools" for home in made.values())
    assert (made["etcd"] / "etcd").read_text(encoding="utf-8") == "half whole"
    assert os.readlink(made["kubernetes-1.36"] / "kube-scheduler") == "kubernetes"
    assert len(list((made["kwok"] / "data").iterdir())) == 5
    log = go.log.read_text(encoding="utf-8")
    version = pinned_version(RECIPES / "kubernetes-1.36", "k8s.io/kubernetes")
    assert f"-X k8s.io/component-base/version.gitVersion={version} " in log
    assert go.left() == []


def test_a_go_release_that_a_tool_names_is_fetched(go: Go, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where an image sets GOTOOLCHAIN=local, as those of Go do; elsewhere that setting counts."""
    monkeypatch.setenv("GOTOOLCHAIN", "local")
    (go.folder / "bin/go").write_text(GO_THAT_TELLS, encoding="utf-8")
    assert run_go(RECIPES / "argocd", "env", "GOTOOLCHAIN") == "auto\n"
    assert run_go(RECIPES / "etcd", "env", "GOTOOLCHAIN") == "local\n"


def test_a_second_run_does_nothing(go: Go, capsys: pytest.CaptureFixture[str]) -> None:
    for _ in range(2):
        assert build_tools.main(["etcd", "kwok"]) == 0
    assert go.builds() == 2
    assert capsys.readouterr().out.endswith("etcd v3.6.16: there already\nkwok v0.8.0: there already\n")


def test_another_pin_is_another_folder(go: Go, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    before = recipe_of("etcd").home
    changed = tmp_path / "recipes/etcd"
    changed.mkdir(parents=True)
    for path in (RECIPES / "etcd").iterdir():
        (changed / path.name).write_bytes(path.read_bytes())
    monkeypatch.setattr("fleetc_rehearsal.recipes.CHECKOUT", changed.parent)
    assert recipe_of("etcd").home == before  # by content, not by place
    (changed / "go.sum").write_text("", encoding="utf-8")
    assert recipe_of("etcd").home != before
    (changed / "go.mod").write_text("module other\n", encoding="utf-8")
    with pytest.raises(ToolError, match=r"etcd/go.mod does not require go.etcd.io/etcd/server/v3"):
        recipe_of("etcd")
    assert go.builds() == 0


def test_without_go(go: Go, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(go.folder / "nothing"))
    assert build_tools.main([]) == 2
    said = "the tools are built with Go, and there is no `go` on PATH: install Go, then run `make tools`"
    assert capsys.readouterr() == ("", f"build_tools: {said}\n")


def test_a_name_that_is_no_tool(go: Go, capsys: pytest.CaptureFixture[str]) -> None:
    assert build_tools.main(["kubernetes-1.12"]) == 2
    tools = ", ".join((*NAMES, *ON_DEMAND))
    assert capsys.readouterr().err == f"build_tools: no tool is named `kubernetes-1.12`; there are {tools}\n"
    assert go.builds() == 0


def test_what_is_built_only_where_it_is_named(go: Go, capsys: pytest.CaptureFixture[str]) -> None:
    assert build_tools.main(["--list"]) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == [*NAMES, *PACKAGES]
    assert build_tools.main(["kind"]) == 0
    assert capsys.readouterr().out.startswith("kind v0.31.0: built in ")
    assert go.builds() == 1


def test_a_build_that_fails(go: Go, capsys: pytest.CaptureFixture[str]) -> None:
    go.acts(slow="echo no room >&2; exit 1")
    assert build_tools.main(["etcd", "kwok"]) == 1
    got = capsys.readouterr()
    assert (got.out, got.err) == ("etcd v3.6.16: failed\n", "build_tools: etcd: go build failed\nno room\n")
    assert not recipe_of("etcd").is_built()
    assert go.left() == []


def test_two_at_once_build_once(go: Go) -> None:
    go.acts(slow="sleep 1")
    runs = [outside("etcd") for _ in range(2)]
    said = sorted(re.sub(r" in .*", "", run.communicate()[0]) for run in runs)
    assert [run.returncode for run in runs] == [0, 0]
    assert said == ["etcd v3.6.16: built\n", "etcd v3.6.16: there already\n"]
    assert go.builds() == 1


def test_killed_in_the_middle(go: Go) -> None:
    go.acts(slow=f"touch {go.folder}/middle; sleep 60")
    run = outside("etcd")
    while not (go.folder / "middle").exists():
        assert run.poll() is None
        time.sleep(0.01)
    os.killpg(run.pid, signal.SIGKILL)
    run.communicate()
    assert go.left() != []  # half of it is there,
    assert not recipe_of("etcd").is_built()  # and is not taken for whole,
    go.acts()
    assert build_tools.main(["etcd"]) == 0  # nor in the way.
    assert (recipe_of("etcd").home / "etcd").read_text(encoding="utf-8") == "half whole"
    assert go.left() == []


def test_list_and_link(go: Go, capsys: pytest.CaptureFixture[str]) -> None:
    assert build_tools.main(["etcd", "--list"]) == 0
    home = recipe_of("etcd").home
    assert capsys.readouterr().out.split() == ["etcd", "v3.6.16", str(home), "not", "built"]
    for _ in range(2):
        assert build_tools.main(["etcd", "--link", str(go.folder / "links")]) == 0
    assert (go.folder / "links/etcd").resolve() == home
