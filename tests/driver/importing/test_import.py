"""Imports: building the specs gives the objects back, and what has no place in specs is told of."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.cli.test_output import COUNT, DIAGNOSTICS, fits, record
from tests.driver.fleets import Run, acme, inside
from tests.driver.tree.trees import content, put

from fleetc.driver.importing import run as importing
from fleetc.driver.importing import specs
from fleetc.driver.importing.sift import strip

HERE = Path(__file__).parent / "fixtures"
NEW = ("--fleet", "acme", "--cluster", "prod", "--kubernetes", "1.35")
OURS = ("app.kubernetes.io/managed-by", "app.kubernetes.io/part-of")
SCHEMA: dict[str, Any] = record(
    command={"const": "import"}, diagnostics=DIAGNOSTICS, files={"type": "object"}, objects=COUNT, classes=COUNT,
    teams={"type": "array"}, stripped=COUNT, more=COUNT, written={"type": "boolean"},
)  # fmt: skip
BY_ITSELF = {"batch", "platform-critical", "preemptible", "serving", "standard"}
"""The PriorityClasses of every Cluster."""


class Loader(yaml.SafeLoader):
    """Takes `=` for itself, as other readers do."""

    def itself(self, node: yaml.ScalarNode) -> str:
        return str(self.construct_scalar(node))


Loader.add_constructor("tag:yaml.org,2002:value", Loader.itself)


def run(root: Path, *words: str) -> Run:
    root.mkdir(exist_ok=True)
    return inside(root, "import", *words)


def objects(folder: Path) -> dict[tuple[str, ...], Any]:
    """Objects by identity, read by another reader."""
    out: dict[tuple[str, ...], Any] = {}
    for path in sorted(p for p in folder.rglob("*") if p.suffix in (".yaml", ".json")):
        text = path.read_text(encoding="utf-8")
        for value in [json.loads(text)] if path.suffix == ".json" else yaml.load_all(text, Loader):
            for item in value["items"] if value.get("kind") == "List" else [value]:
                metadata = item["metadata"]
                out[item["apiVersion"], item["kind"], metadata.get("namespace", ""), metadata["name"]] = item
    return out


def bare(value: dict[str, Any]) -> dict[str, Any]:
    """An object without fleetc's labels, and without empty labels and annotations."""
    metadata = dict(value["metadata"])
    for field in ("labels", "annotations"):
        items = {k: v for k, v in (metadata.pop(field, None) or {}).items() if k not in OURS}
        if items:
            metadata[field] = items
    return {**value, "metadata": metadata}


@pytest.mark.parametrize("stack", ["ingress", "monitoring", "shop"])
def test_building_gives_the_objects_back(stack: str, tmp_path: Path) -> None:
    root = tmp_path / "root"
    made = fits(run(root, str(HERE / stack), *NEW, "--output", "json").data(), SCHEMA)
    wanted = {key: bare(strip(value)[0]) for key, value in objects(HERE / stack).items()}
    assert made["objects"] == len(wanted)
    assert made["diagnostics"] == []
    assert inside(root, "build").status == 0
    got = {key: bare(value) for key, value in objects(root / "golden").items()}
    assert {key[3] for key in got.keys() - wanted.keys()} == BY_ITSELF
    for key, value in wanted.items():
        assert defaulted(got[key]) == defaulted(value), key


def defaulted(value: dict[str, Any]) -> dict[str, Any]:
    """With what the API server fills in for classes."""
    defaults: dict[str, dict[str, Any]] = {
        "StorageClass": {"reclaimPolicy": "Delete", "volumeBindingMode": "Immediate", "allowVolumeExpansion": False},
        "PriorityClass": {"globalDefault": False, "preemptionPolicy": "PreemptLowerPriority"},
    }
    return {**defaults.get(value["kind"], {}), **value}


def test_the_fixtures_are_many() -> None:
    found = [key for stack in ("ingress", "monitoring", "shop") for key in objects(HERE / stack)]
    assert len(found) >= 60
    assert len({kind for _, kind, _, _ in found}) >= 20


def test_all_at_once_in_an_empty_folder(tmp_path: Path) -> None:
    shutil.copytree(HERE, tmp_path / "all")
    root = tmp_path / "root"
    got = run(root, str(tmp_path / "all"), *NEW, "--output", "json")
    assert got.status == 1
    data = fits(got.data(), SCHEMA)
    assert Counter(d["code"] for d in data["diagnostics"]) == {
        "FLT101": 1, "FLT910": 1, "FLT911": 3, "FLT913": 5, "FLT914": 1,
    }  # fmt: skip
    assert (data["classes"], data["more"], data["written"]) == (4, len(BY_ITSELF), True)
    assert data["files"].keys() == content(root).keys()
    assert not any("not-for-git" in text.decode() for text in content(root).values())
    assert inside(root, "fmt", "--check").status == 0
    cluster = yaml.safe_load((root / "specs/clusters/prod.yaml").read_text(encoding="utf-8"))["spec"]
    assert {*cluster["storage"]["classes"]} == {"fast", "shared"}
    assert {*cluster["priorityClasses"], *cluster["runtimeClasses"]} == {"watching", "gvisor"}


def test_files_that_are_taken_whole_keep_their_comments(tmp_path: Path) -> None:
    run(tmp_path / "root", str(HERE / "ingress"), *NEW)
    copied = (tmp_path / "root/specs/manifests/files/ingress/install.yaml").read_text(encoding="utf-8")
    assert copied.startswith("# What an ingress controller's install looks like")
    assert '"$request"   \n' in copied
    assert "# Kept as the controller reads it." in copied


def test_what_only_some_readers_of_yaml_fail_on_is_quoted(tmp_path: Path) -> None:
    """As CRDs of great projects have it: the API server reads a string."""
    plain = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: default}\n"
    plain += "data:\n  sign: =  # so\n  list: |\n    - =\n"
    put(tmp_path, "in/a.yaml", plain.encode())
    got = run(tmp_path / "root", str(tmp_path / "in"), *NEW)
    assert (got.status, got.err) == (0, "")
    copied = (tmp_path / "root/specs/manifests/files/in/a.yaml").read_text(encoding="utf-8")
    assert copied == plain.replace("sign: =", 'sign: "="')


def test_a_stream_is_taken_apart_by_application(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Stdin:
        buffer = (HERE / "shop/all.yaml").open("rb")

    monkeypatch.setattr("sys.stdin", Stdin)
    assert run(tmp_path / "root", "-", *NEW).status in (0, 1)
    names = {path.name for path in (tmp_path / "root/specs/manifests").iterdir()}
    assert names == {"shop.yaml", "cluster.yaml"}


def test_into_a_fleet(tmp_path: Path) -> None:
    root = acme(tmp_path / "acme")
    put(
        tmp_path,
        "in/a.yaml",
        b"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: monitoring}\ndata: {a: b}\n",
    )
    before = content(root)
    got = run(root, str(tmp_path / "in"), "--cluster", "hub", "--output", "json")
    assert (got.status, got.err) == (0, "")
    data = fits(got.data(), SCHEMA)
    assert (data["objects"], data["more"]) == (1, 0)
    new = {path: data for path, data in content(root).items() if path not in before}
    assert {*new} == {"specs/manifests/in.yaml", "specs/manifests/files/in/a.yaml"}
    assert {path: data for path, data in content(root).items() if path in before} == before
    assert (
        b"placement: {clusters: hub}" in new["specs/manifests/in.yaml"]
        or b"clusters: hub" in new["specs/manifests/in.yaml"]
    )
    assert inside(root, "build").status == 0
    made = list((root / "golden").rglob("in.yaml"))
    assert [p.parts[-4] for p in made] == ["hub"]
    again = run(root, str(tmp_path / "in"), "--cluster", "hub")
    assert again.status == 1
    assert "FLT914 imported_twice" in again.err
    assert "the fleet emits it already" in again.err


def test_no_manifests_at_all(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    got = run(tmp_path / "root", str(tmp_path / "in"), *NEW)
    assert got.status == 1
    assert "error[FLT913 not_a_manifest]: there are no manifests in" in got.err


def test_labels_of_other_tools_stay(tmp_path: Path) -> None:
    labels = "labels: {app.kubernetes.io/managed-by: Helm, app.kubernetes.io/part-of: shop}"
    text = f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: a, namespace: default, {labels}}}\n"
    put(tmp_path, "in/a.yaml", text.encode())
    assert run(tmp_path / "root", str(tmp_path / "in"), *NEW).status == 0
    assert inside(tmp_path / "root", "build").status == 0
    made = yaml.safe_load((tmp_path / "root/golden/prod/platform/manifests/in.yaml").read_text(encoding="utf-8"))
    assert made["metadata"]["labels"] == {OURS[0]: "Helm", OURS[1]: "shop"}


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    root = acme(tmp_path / "acme")
    put(root, "specs/manifests/in.yaml", b"# mine\n")
    put(
        tmp_path,
        "in/a.yaml",
        b"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: monitoring}\ndata: {a: b}\n",
    )
    before = content(root)
    got = run(root, str(tmp_path / "in"))
    assert got.status == 1
    assert "FLT603 foreign_file" in got.err
    assert content(root) == before
    assert run(root, str(tmp_path / "in"), "--to", "specs/imported").status == 0
    assert (root / "specs/imported/manifests/in.yaml").exists()


def test_a_dry_run_writes_nothing(tmp_path: Path) -> None:
    root = tmp_path / "root"
    got = run(root, str(HERE / "shop"), *NEW, "--dry-run")
    assert "would be imported" in got.out
    assert content(root) == {}


CLASS = b"apiVersion: scheduling.k8s.io/v1\nkind: PriorityClass\nmetadata: {name: batch%s}\nvalue: 5\n"


def test_what_would_not_come_back_is_not_written(tmp_path: Path) -> None:
    put(tmp_path, "in/a.yaml", CLASS % b", annotations: {a: b}")
    got = run(tmp_path / "root", str(tmp_path / "in"), *NEW)
    assert got.status == 1
    assert "FLT912 import_differs" in got.err
    assert content(tmp_path / "root") == {}
    put(tmp_path, "in/a.yaml", CLASS % b"" + b"description: Ours\n")
    assert run(tmp_path / "root", str(tmp_path / "in"), *NEW).status == 0


def test_findings_of_the_build_are_told_and_the_specs_are_there(tmp_path: Path) -> None:
    head = b"apiVersion: v1\nkind: Service\nmetadata: {name: a, namespace: default}\n"
    service = head + b"spec: {selector: {a: b}, ports: [{port: 80}]}\n"
    put(tmp_path, "in/a.yaml", service)
    got = run(tmp_path / "root", str(tmp_path / "in"), *NEW)
    assert got.status == 1
    assert "FLT507 dangling_selector" in got.err
    assert "specs/manifests/files/in/a.yaml:" in got.err
    assert (tmp_path / "root/specs/manifests/in.yaml").exists()


def test_a_damaged_object_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The proof is not empty: specs that say something else are refused."""
    files_of = specs.files_of

    def damaged(*words: Any) -> dict[str, bytes]:
        return {path: data.replace(b"LEVEL: info", b"LEVEL: 1nfo") for path, data in files_of(*words).items()}

    monkeypatch.setattr(importing, "files_of", damaged)
    got = run(tmp_path / "root", str(HERE / "shop"), *NEW)
    assert got.err.count("error[FLT912 import_differs]") == 4
    assert "would have another `data.LEVEL` on prod" in got.err
    assert content(tmp_path / "root") == {}


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((), "a new fleet needs --fleet, --cluster, --kubernetes"),
        (("--fleet", "a b", "--cluster", "x", "--kubernetes", "1.35"), "`a b` is no name"),
        ((*NEW, "--to", "elsewhere"), "--to names a folder of specs"),
    ],
)
def test_usage(words: tuple[str, ...], message: str, tmp_path: Path) -> None:
    got = run(tmp_path / "root", str(HERE / "shop"), *words)
    assert got.status == 2
    assert f"error[FLT903 bad_usage]: {message}" in got.err or message in got.err


def test_a_fleet_that_cannot_be_built_is_told_of(tmp_path: Path) -> None:
    got = run(tmp_path / "root", str(HERE / "shop"), "--fleet", "acme", "--cluster", "prod", "--kubernetes", "1.20")
    assert got.status == 1
    assert "`1.20` is not one of" in got.err
    assert content(tmp_path / "root") == {}
    root = acme(tmp_path / "acme")
    got = run(root, str(HERE / "shop"), "--cluster", "nowhere")
    assert got.status == 1
    assert "nowhere" in got.err
    assert not (root / "specs/manifests/shop.yaml").exists()
