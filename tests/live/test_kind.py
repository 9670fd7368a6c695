"""The fixture of kind: all of it but Docker. Its clients, its folders and what it says; a stand-in plays kind."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

import pytest
from tests.check.goldens import golden
from tests.live.clusters import IN_KIND, emitted_by, in_kind, tools_of
from tests.live.kind import IMAGES, kind_cluster, main

from fleetc_rehearsal import RehearsalError, control_plane, recipes

ROOT = Path(__file__).parents[2]
ORIGINAL = os.environ["PATH"]
KIND = """\
#!/bin/sh
echo "$KIND_EXPERIMENTAL_PROVIDER $*" >> "{folder}/asked"
for word; do case "$word" in --kubeconfig=*) file="${{word#--kubeconfig=}}" ;; esac; done
case "$1" in
  create) cp "{folder}/kubeconfig" "$file" || {{ echo "ERROR: no such image" >&2; exit 1; }} ;;
  delete) test ! -e "{folder}/stuck" ;;
esac
"""
DOCKER = "#!/bin/sh\necho 29.0.0\n"
NO_DAEMON = "#!/bin/sh\necho 'Cannot connect to the Docker daemon' >&2\nexit 1\n"


def program(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    path.chmod(0o755)


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with Docker and kind; returns the folder in which the latter notes what it is asked."""
    program(tmp_path / "bin/docker", DOCKER)
    program(tmp_path / "tools/kind/kind", KIND.format(folder=tmp_path))
    (tmp_path / "tools/kind/VERSION").write_text("v0.31.0\n", encoding="utf-8")
    monkeypatch.setenv("PATH", f"{tmp_path}/bin:/usr/bin:/bin")
    monkeypatch.setenv("FLEETC_TOOLS", str(tmp_path / "tools"))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    return tmp_path


def asked(machine: Path) -> list[str]:
    """What kind was asked, without the name and the folder, which are random."""
    lines = (machine / "asked").read_text(encoding="utf-8").splitlines()
    words = [[word.partition("=")[0] if "fleetc-" in word else word for word in line.split()] for line in lines]
    return [" ".join(line) for line in words]


CREATED = f"docker create cluster --name --image={IMAGES['1.33']} --wait=180s --kubeconfig"
DELETED = "docker delete cluster --name --kubeconfig"


def test_every_cluster_of_kind_has_its_image() -> None:
    world = golden().world
    assert IN_KIND == ("kind-dev",)
    for name in IN_KIND:
        minor = world.clusters[world.index[name]].kubernetes
        assert IMAGES[minor].startswith(f"kindest/node:v{minor}.")
        assert "@sha256:" in IMAGES[minor]
    source = recipes.CHECKOUT / "kind"
    assert recipes.pinned_version(source, "sigs.k8s.io/kind") == "v0.31.0", "another kind needs other images"


def test_the_tools_that_make_builds() -> None:
    emitted = [one for name in IN_KIND for one in emitted_by(ROOT, "golden", name)]
    (line,) = [line for line in (ROOT / "Makefile").read_text(encoding="utf-8").splitlines() if "build_tools k" in line]
    assert line.partition("build_tools ")[2].split() == ["kind", *tools_of(emitted)]


def test_a_cluster_that_does_not_come_up_is_deleted(machine: Path) -> None:
    with (
        pytest.raises(RehearsalError, match=r"`kind create cluster [^`]*` failed:\n(?s:.*)ERROR: no such image"),
        kind_cluster("1.33"),
    ):
        pass
    assert asked(machine) == [CREATED, DELETED]
    assert [*(machine / "temporary").iterdir()] == []


def test_a_minor_without_an_image(machine: Path) -> None:
    with (
        pytest.raises(RehearsalError, match=r"no node image of kind is pinned for 1\.12, only for 1\.33"),
        kind_cluster("1.12"),
    ):
        pass
    assert not (machine / "asked").exists()


@pytest.mark.parametrize(
    ("docker", "why"),
    [
        (None, "and there is no `docker` on PATH"),
        (NO_DAEMON, "and its daemon does not answer: Cannot connect to the Docker daemon"),
        ("#!/no/such\n", "and `docker info` does not work: "),
    ],
)
def test_without_docker(
    machine: Path, docker: str | None, why: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (machine / "bin/docker").unlink()
    if docker:
        program(machine / "bin/docker", docker)
    monkeypatch.setenv("PATH", str(machine / "bin"))
    assert main() == 2
    said = capsys.readouterr().err
    assert said.startswith(f"e2e-kind makes its cluster in Docker, {why}")
    assert said.endswith("`make live` runs the same tests on control planes on loopback (docs/rehearsal.md).\n")
    with pytest.raises(RehearsalError, match="e2e-kind makes its cluster in Docker"), kind_cluster("1.33"):
        pass


def pytest_on_kind(*words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", "--server", "kind", *words, "tests/live"]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_pytest_without_docker_skips_nothing(machine: Path) -> None:
    program(machine / "bin/docker", NO_DAEMON)
    ran = pytest_on_kind()
    assert ran.returncode == pytest.ExitCode.USAGE_ERROR
    assert ran.stderr.startswith("ERROR: e2e-kind makes its cluster in Docker, and its daemon does not answer")
    assert "skipped" not in ran.stdout


def test_what_runs_on_kind(machine: Path) -> None:
    assert (machine / "bin/docker").exists()
    ran = pytest_on_kind("--collect-only")
    found = [line.partition("::") for line in ran.stdout.splitlines() if "::" in line]
    assert {file for file, _, _ in found} == {
        f"tests/live/test_{name}.py" for name in ("access", "admission", "apply", "drift")
    }
    assert {name.partition("[")[2] for _, _, name in found} == {"kind-dev]", ""}


@pytest.fixture
def real(machine: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What kind makes is a real API server, which knows its admin by a certificate, as kind's own does."""

    def openssl(*words: str) -> None:
        subprocess.run(["openssl", *words], cwd=machine, check=True, capture_output=True)

    def data(file: Path) -> str:
        return base64.b64encode(file.read_bytes()).decode()

    monkeypatch.delenv("FLEETC_TOOLS")
    new = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
    openssl("req", "-x509", *new, "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=ca", "-days", "2")
    openssl("req", *new, "-keyout", "admin.key", "-out", "admin.csr", "-subj", "/O=system:masters/CN=admin")
    signed = ("-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "1")
    openssl("x509", "-req", "-in", "admin.csr", "-out", "admin.pem", *signed)
    flags = {"kube-apiserver": [f"--client-ca-file={machine / 'ca.pem'}"]}
    monkeypatch.setenv("PATH", ORIGINAL)
    with control_plane("1.33", controllers=True, flags=flags) as cluster:
        config = json.loads(cluster.kubeconfig.read_bytes())
        pair = {"client-certificate-data": data(machine / "admin.pem"), "client-key-data": data(machine / "admin.key")}
        config["users"][0]["user"] = pair
        (machine / "kubeconfig").write_text(json.dumps(config), encoding="utf-8")
        monkeypatch.setenv("PATH", f"{machine}/bin:{ORIGINAL}")
        monkeypatch.setenv("FLEETC_TOOLS", str(machine / "tools"))
        yield


@pytest.mark.live
@pytest.mark.parametrize("stuck", [False, True])
@pytest.mark.usefixtures("real")
def test_a_cluster(machine: Path, stuck: bool) -> None:
    if stuck:
        (machine / "stuck").touch()
    left = [*(machine / "temporary").iterdir()]
    told = pytest.raises(RehearsalError, match="kind delete cluster") if stuck else nullcontext()
    with told, in_kind("1.33", []) as cluster:
        assert cluster.client.get("v1", "Namespace", "default")["kind"] == "Namespace"
        assert cluster.another_client().token == ""
        assert {path.name for path in cluster.folder.iterdir()} == {"kubeconfig", "authority.pem", "admin.pem"}
        assert cluster.folder.stat().st_mode & 0o077 == 0
    assert asked(machine) == [CREATED, DELETED]
    assert [*(machine / "temporary").iterdir()] == left
