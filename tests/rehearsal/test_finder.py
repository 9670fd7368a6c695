"""Where the servers are looked for, and what is said when they are not there."""

from __future__ import annotations

from pathlib import Path

import pytest

from fleetc_rehearsal import MissingTools, control_plane, finder, recipes

GO = "#!/bin/sh\nprintf 'go1.99.0\\nplan9\\nmips\\n'\n"


def program(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text if text.startswith("#!") else f"#!/bin/sh\necho '{text}'\n", encoding="utf-8")
    path.chmod(0o755)
    return path


@pytest.fixture(autouse=True)
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with nothing on it; returns the folder on its PATH."""
    (tmp_path / "bin").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("FLEETC_TOOLS", raising=False)
    return tmp_path / "bin"


def test_nothing_there(bare: Path) -> None:
    with pytest.raises(MissingTools) as missing:
        finder.locate("etcd")
    assert str(missing.value) == (
        "etcd is missing: only Go can tell which build is the right one, and there is no `go` on PATH; "
        "in a checkout of fleetc, `make tools` builds it (or `python -m tools.build_tools etcd`); "
        "FLEETC_TOOLS names a folder that has it already"
    )
    program(bare / "go", GO)
    with pytest.raises(MissingTools, match="etcd is missing: it is not built; "):
        finder.locate("etcd")


def test_nothing_is_started_without_the_tools(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fleetc_rehearsal.start.Servers", None)
    with pytest.raises(MissingTools), control_plane("1.36"):
        pass


def test_what_is_built_in_a_checkout(bare: Path) -> None:
    program(bare / "go", GO)
    home = recipes.recipe_of("kubernetes-1.36").home
    program(home / "kube-apiserver", "unused")
    found = finder.locate("kubernetes-1.36")
    assert (found.path, found.version) == (home / "kube-apiserver", "v1.36.3")
    assert finder.binary("kubernetes-1.36") == home / "kube-apiserver"
    with pytest.raises(MissingTools, match="there is no kubectl beside"):
        finder.binary("kubernetes-1.36", "kubectl")


def test_the_folder_that_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = program(tmp_path / "named/kubernetes-1.36/kube-apiserver", "Kubernetes v1.36.9")
    monkeypatch.setenv("FLEETC_TOOLS", str(tmp_path / "named"))
    assert finder.locate("kubernetes-1.36") == finder.Found("kubernetes-1.36", path, "v1.36.9")
    with pytest.raises(MissingTools, match=r"FLEETC_TOOLS is set and there is no .*named/etcd/etcd"):
        finder.locate("etcd")


def test_on_path(bare: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(finder, "CHECKOUT", tmp_path / "installed")
    with pytest.raises(MissingTools, match="it is neither named by FLEETC_TOOLS nor on PATH"):
        finder.locate("kwok")
    program(bare / "kwok", "kwok version v0.8.0 go1.99.0 (plan9/mips)")
    program(bare / "etcd", "etcd Version: 3.6.16\nGit SHA: GitNotFound")
    program(bare / "kube-apiserver", "Kubernetes v1.35.4")
    program(bare / "helm", "#!/bin/sh\n[ $1 = version ] && echo v4.3.1+g5a1b2c3\n")
    assert [finder.locate(name).version for name in ("kwok", "etcd", "kubernetes-1.35", "helm")] == [
        "v0.8.0",
        "v3.6.16",
        "v1.35.4",
        "v4.3.1+g5a1b2c3",
    ]
    with pytest.raises(MissingTools, match=r"and .*/kube-apiserver is v1\.35\.4"):
        finder.locate("kubernetes-1.36")


@pytest.mark.parametrize("text", ["no version at all", "#!/bin/sh\nexit 1\n", "#!/no/such\n"])
def test_a_program_that_is_broken(bare: Path, text: str) -> None:
    program(bare / "kwok", text)
    with pytest.raises(MissingTools, match="does not tell its version"):
        finder.locate("kwok")


def test_stages(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    program(tmp_path / "named/kwok/kwok", "kwok version v0.8.0")
    monkeypatch.setenv("FLEETC_TOOLS", str(tmp_path / "named"))
    with pytest.raises(MissingTools, match="its files are not in"):
        finder.stages()
    stage = program(tmp_path / "named/kwok/data/pod-ready.yaml", "kind: Stage")
    assert finder.stages() == [stage]


def test_a_script(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    program(tmp_path / "named/argocd/argocd", "#!/bin/sh\nexit 2\n")
    (tmp_path / "named/argocd/VERSION").write_text("v3.6.1\n", encoding="utf-8")
    monkeypatch.setenv("FLEETC_TOOLS", str(tmp_path / "named"))
    with pytest.raises(MissingTools, match=r"argocd is missing: there is no .*/data/wrapper.sh"):
        finder.script("argocd", "wrapper.sh")
    wrapper = program(tmp_path / "named/argocd/data/wrapper.sh", "unused")
    assert finder.script("argocd", "wrapper.sh") == wrapper


def test_data_and_version_beside_a_binary_that_tells_none(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    program(tmp_path / "named/kueue/kueue", "#!/bin/sh\nexit 2\n")
    monkeypatch.setenv("FLEETC_TOOLS", str(tmp_path / "named"))
    with pytest.raises(MissingTools, match="does not tell its version"):
        finder.data("kueue")
    (tmp_path / "named/kueue/VERSION").write_text("v0.19.2\n", encoding="utf-8")
    crd = program(tmp_path / "named/kueue/data/crd.yaml", "kind: CustomResourceDefinition")
    assert finder.data("kueue") == [crd]
    assert finder.locate("kueue").version == "v0.19.2"


def test_a_minor_without_a_recipe() -> None:
    with pytest.raises(
        MissingTools, match=r"kubernetes-1\.12 is missing: fleetc has no recipe for it, only for etcd, "
    ):
        finder.locate("kubernetes-1.12")
    with pytest.raises(MissingTools, match="no tool has that name"):
        finder.locate("docker")
