"""`pulumi up` for real: engine, language host and API server are the real ones, the Kubernetes provider a stand-in."""

from __future__ import annotations

import base64
import copy
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

import pytest
import yaml
from tests.check.goldens import ROOT
from tests.live.pulumi_stack import PASSPHRASE, Project

from fleetc.driver.tree.header import seal
from fleetc_rehearsal import Client, Cluster, Refused, control_plane, read
from fleetc_rehearsal.manifests import group_of

pytestmark = pytest.mark.live

NAME: Final = "kind-dev"
FILE: Final = "teams/search/manifests/search-api.yaml"
SECRET: Final = "ghp_a_credential_that_no_file_may_hold"
OWN: Final = (
    """\
apiVersion: example.com/v1
kind: Thing
metadata: {name: one, namespace: search}
spec: {size: 1}
---
apiVersion: autoscaling/v1
kind: HorizontalPodAutoscaler
metadata: {name: search-api, namespace: search}
spec:
  maxReplicas: 3
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: search-api}
""",
    """\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: things.example.com}
spec:
  group: example.com
  scope: Namespaced
  names: {kind: Thing, plural: things, singular: thing}
  versions:
  - name: v1
    served: true
    storage: true
    schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
""",
)
"""What the example cluster lacks: a definition, an object of it in a file that comes first, an autoscaler."""


class Tree(NamedTuple):
    """An emitted tree, cut down to what the API server serves."""

    folder: Path

    def write(self, file: str, text: str) -> None:
        """Write a file as fleetc does."""
        path = self.folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(seal(text.encode(), "specs/test.yaml"))

    def edit(self, file: str, old: str, new: str) -> None:
        """Make a file say something else, as a build with an edited spec does."""
        text = (self.folder / file).read_text(encoding="utf-8").partition("\n")[2]
        assert old in text
        self.write(file, text.replace(old, new))

    @property
    def objects(self) -> list[dict[str, Any]]:
        """All objects in it."""
        return read(self.folder)


class Delivered(NamedTuple):
    """A project whose stack was brought up once."""

    project: Project
    tree: Tree
    client: Client
    first: dict[str, int]


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    with control_plane("1.33", controllers=True) as made:
        yield made


@pytest.fixture(scope="module")
def delivered(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Delivered:
    folder = tmp_path_factory.mktemp("delivered") / "fleet"
    project, tree = Project(folder, cluster.kubeconfig), Tree(folder / "golden" / NAME)
    for path in sorted((ROOT / "golden" / NAME).rglob("*.yaml")):
        kept = [obj for obj in read(path) if not group_of(obj["apiVersion"]).endswith(".x-k8s.io")]
        tree.write(str(path.relative_to(ROOT / "golden" / NAME)), yaml.safe_dump_all(kept, sort_keys=False))
    tree.write("a.yaml", OWN[0])
    tree.write("z.yaml", OWN[1])
    project.stack(NAME, {"cluster": NAME, "delivery": "pulumi", "manifests": f"../../golden/{NAME}"})
    return Delivered(project, tree, cluster.client, project.up(NAME).summary)


def test_from_nothing_to_everything(delivered: Delivered) -> None:
    objects = delivered.tree.objects
    assert delivered.first == {"created": len(objects) + 2}
    delivered.client.refresh()
    for obj in objects:
        found = delivered.client.get(*address(obj))
        assert "fleetc" in {field["manager"] for field in found["metadata"]["managedFields"]}
    told = delivered.project.outputs(NAME)
    assert told["objects"]["Deployment.apps"] == 3
    assert "search" in told["namespaces"]
    assert "CustomResourceDefinition.apiextensions.k8s.io/things.example.com" in told["kept"]


def test_a_second_time_nothing_changes(delivered: Delivered) -> None:
    before = [delivered.client.get(*address(obj))["metadata"]["resourceVersion"] for obj in watched(delivered)]
    assert delivered.project.up(NAME).summary == {"unchanged": len(delivered.tree.objects) + 2}
    preview = delivered.project.run("preview", "--stack", NAME, "--expect-no-changes")
    assert preview.summary == {"unchanged": len(delivered.tree.objects) + 2}
    after = [delivered.client.get(*address(obj))["metadata"]["resourceVersion"] for obj in watched(delivered)]
    assert before == after


def test_one_edit_is_one_change(delivered: Delivered) -> None:
    total = len(delivered.tree.objects) + 2
    delivered.tree.edit(FILE, "--sample-index", "--full-index")
    preview = delivered.project.run("preview", "--stack", NAME, "--diff")
    assert preview.text.count("kubernetes:apps/v1:Deployment: (update)") == 1
    assert "--full-index" in preview.text
    assert delivered.project.up(NAME).summary == {"updated": 1, "unchanged": total - 1}
    found = delivered.client.get("apps/v1", "Deployment", "search-api", "search")
    assert found["spec"]["template"]["spec"]["containers"][0]["args"] == ["--full-index"]


def test_a_preview_says_what_the_server_refuses(delivered: Delivered) -> None:
    delivered.tree.edit(FILE, "readinessProbe", "readynessProbe")
    refused = delivered.project.run("preview", "--stack", NAME, ok=False)
    assert refused.status != 0
    assert "readynessProbe" in refused.text
    delivered.tree.edit(FILE, "readynessProbe", "readinessProbe")
    delivered.project.run("preview", "--stack", NAME, "--expect-no-changes")


def test_a_hand_edited_file_is_refused(delivered: Delivered) -> None:
    path = delivered.tree.folder / FILE
    whole = path.read_bytes()
    path.write_bytes(whole.replace(b"replicas: 1", b"replicas: 9"))
    refused = delivered.project.run("preview", "--stack", NAME, ok=False)
    path.write_bytes(whole)
    assert refused.status != 0
    assert "search-api.yaml is not as fleetc made it" in refused.text
    assert "Traceback" not in refused.text


def test_another_api_version_is_the_same_resource(delivered: Delivered) -> None:
    at = ("autoscaling/v2", "HorizontalPodAutoscaler", "search-api", "search")
    before, total = delivered.client.get(*at), len(delivered.tree.objects) + 2
    delivered.tree.edit("a.yaml", "autoscaling/v1", "autoscaling/v2")
    assert delivered.project.up(NAME).summary == {"updated": 1, "unchanged": total - 1}
    assert delivered.client.get(*at)["metadata"]["uid"] == before["metadata"]["uid"]


def test_what_is_kept_is_not_deleted_by_a_removed_line(delivered: Delivered) -> None:
    whole = (delivered.tree.folder / "z.yaml").read_bytes()
    (delivered.tree.folder / "z.yaml").unlink()
    refused = delivered.project.up(NAME, ok=False)
    (delivered.tree.folder / "z.yaml").write_bytes(whole)
    assert refused.status != 0
    assert "protect" in refused.text
    assert delivered.client.look("apiextensions.k8s.io/v1", "CustomResourceDefinition", "things.example.com")


def test_lost_state_is_found_again(delivered: Delivered) -> None:
    shutil.move(delivered.project.state, delivered.project.folder / "lost")
    delivered.project.state.mkdir()
    delivered.project.run("stack", "init", NAME, "--secrets-provider", "passphrase")
    uids = [delivered.client.get(*address(obj))["metadata"]["uid"] for obj in watched(delivered)]
    assert delivered.project.up(NAME).summary == {"created": len(delivered.tree.objects) + 2}
    assert uids == [delivered.client.get(*address(obj))["metadata"]["uid"] for obj in watched(delivered)]
    delivered.tree.edit(FILE, "- --full-index\n", "- --small-index\n")
    delivered.project.up(NAME)
    found = delivered.client.get("apps/v1", "Deployment", "search-api", "search")
    assert found["spec"]["template"]["spec"]["containers"][0]["args"] == ["--small-index"]


def test_destroyed(delivered: Delivered) -> None:
    """The last of the story: what is kept is refused by the preview, before anything is gone, then retained."""
    kept = set(delivered.project.outputs(NAME)["kept"])
    refused = delivered.project.run("destroy", "--stack", NAME, "--yes", ok=False)
    assert refused.status != 0
    assert "protected" in refused.text
    assert all(exists(delivered.client, obj) for obj in delivered.tree.objects)
    delivered.project.run("state", "unprotect", "--all", "--yes", "--stack", NAME)
    delivered.project.run("destroy", "--stack", NAME, "--yes", "--skip-preview")
    left = set[str]()
    for obj in delivered.tree.objects:
        if exists(delivered.client, obj):
            group = group_of(obj["apiVersion"])
            left.add(f"{obj['kind']}{f'.{group}' if group else ''}/{obj['metadata']['name']}")
    assert left == {*kept, "ServiceAccount/default"}


def test_a_killed_engine(cluster: Cluster, tmp_path: Path) -> None:
    """What the killed run made and wrote down nowhere is taken over by the next."""
    project, tree = Project(tmp_path / "fleet", cluster.kubeconfig), Tree(tmp_path / "fleet/golden" / NAME)
    tree.write("a.yaml", "apiVersion: v1\nkind: Namespace\nmetadata: {name: killed}\n")
    for n in range(60):
        text = f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: n{n}, namespace: killed}}\ndata: {{n: '{n}'}}\n"
        tree.write(f"{n}.yaml", text)
    project.stack(NAME, {"cluster": NAME, "delivery": "pulumi", "manifests": f"../../golden/{NAME}"})

    def made() -> int:
        return sum(1 for one in cluster.client.every("v1", "ConfigMap", "killed") if one["metadata"]["name"][0] == "n")

    project.killed(NAME, lambda: made() >= 5)
    assert 5 <= made() < 60
    locked = project.up(NAME, ok=False)
    assert "locked" in locked.text
    project.run("cancel", "--yes", "--stack", NAME)
    again = project.up(NAME).summary
    assert sum(again.values()) == 63
    assert again["created"] < 63, "what was written down is known"
    assert made() == 60
    assert project.up(NAME).summary == {"unchanged": 63}


def test_strict_stacks_take_over_nothing(cluster: Cluster, tmp_path: Path) -> None:
    theirs = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "theirs", "namespace": "default"}}
    cluster.client.apply({**theirs, "data": {"who": "they"}}, manager="somebody")
    project, tree = Project(tmp_path / "fleet", cluster.kubeconfig), Tree(tmp_path / "fleet/golden" / NAME)
    tree.write("a.yaml", yaml.safe_dump({**theirs, "data": {"who": "we"}}))
    project.stack(NAME, {"cluster": NAME, "delivery": "pulumi", "manifests": f"../../golden/{NAME}"})
    refused = project.up(NAME, ok=False)
    assert "conflict" in refused.text
    project.run("config", "set", "fleet:adopt", "false", "--stack", NAME)
    assert "exists already" in project.up(NAME, ok=False).text
    project.run("config", "set", "fleet:adopt", "true", "--stack", NAME)
    project.run("config", "set", "fleet:force", "true", "--stack", NAME)
    project.up(NAME)
    assert cluster.client.get("v1", "ConfigMap", "theirs", "default")["data"] == {"who": "we"}


def test_a_hub_and_its_worker(cluster: Cluster, tmp_path: Path) -> None:
    """Two stacks with secrets; none of these is in a file, and both reach the hub."""
    kubeconfig = two_contexts(cluster, tmp_path)
    project = Project(tmp_path / "fleet", kubeconfig)
    definitions = [argocd_definition(kind) for kind in ("Application", "AppProject")]
    (project.stacks / "install.yaml").write_text(yaml.safe_dump_all(definitions), encoding="utf-8")
    project.stack("hub", hub())
    project.run("config", "set", "--secret", "fleet:repository", SECRET, "--stack", "hub")
    project.run("config", "set", "fleet:argocdManifest", "install.yaml", "--stack", "hub")
    project.up("hub")
    cluster.client.refresh()
    found = cluster.client.get("v1", "Secret", "fleetc-repository", "argocd")
    assert base64.b64decode(found["data"]["password"]).decode() == SECRET
    assert cluster.client.get("argoproj.io/v1alpha1", "Application", "fleetc", "argocd")["spec"]["project"] == "fleetc"

    project.stack("onprem", worker())
    project.run("config", "set", "fleet:hubContext", "hub", "--stack", "onprem")
    project.up("onprem")
    secret = cluster.client.get("v1", "Secret", "cluster-onprem", "argocd")
    token = json.loads(base64.b64decode(secret["data"]["config"]))["bearerToken"]
    as_argocd = Client(cluster.client.port, token, Path(json.loads(kubeconfig.read_text(encoding="utf-8"))["file"]))
    assert as_argocd.get("v1", "Namespace", "argocd")
    for name in ("hub", "onprem"):
        assert set(project.up(name).summary) == {"unchanged"}
    held = project.everything()
    assert b"argocd-manager" in held
    for known in (SECRET, token, PASSPHRASE):
        assert known.encode() not in held
        assert base64.b64encode(known.encode()) not in held


def watched(delivered: Delivered) -> list[dict[str, Any]]:
    """Objects that no controller touches meanwhile."""
    return [obj for obj in delivered.tree.objects if obj["kind"] in ("ConfigMap", "Role", "ServiceAccount", "Service")]


def address(obj: dict[str, Any]) -> tuple[str, str, str, str]:
    meta = obj["metadata"]
    return obj["apiVersion"], obj["kind"], meta["name"], meta.get("namespace", "")


def exists(client: Client, obj: dict[str, Any]) -> bool:
    try:
        return client.look(*address(obj)) is not None
    except Refused:  # its kind is not served any more
        return False


def two_contexts(cluster: Cluster, folder: Path) -> Path:
    """A kubeconfig with a second name for the same server."""
    document = json.loads(cluster.kubeconfig.read_text(encoding="utf-8"))
    second = copy.deepcopy(document["contexts"][0])
    document["contexts"].append({**second, "name": "hub"})
    authority = folder / "ca.crt"
    authority.write_bytes(base64.b64decode(document["clusters"][0]["cluster"]["certificate-authority-data"]))
    path = folder / "kubeconfig"
    path.write_text(json.dumps({**document, "file": str(authority)}), encoding="utf-8")
    return path


def argocd_definition(kind: str) -> dict[str, Any]:
    """In short, the definition of a kind of Argo CD."""
    schema = {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}
    plural = f"{kind.lower()}s"
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{plural}.argoproj.io"},
        "spec": {
            "group": "argoproj.io",
            "scope": "Namespaced",
            "names": {"kind": kind, "plural": plural, "singular": kind.lower()},
            "versions": [{"name": "v1alpha1", "served": True, "storage": True, "schema": schema}],
        },
    }


def hub() -> dict[str, Any]:
    """The data of a hub."""
    return {
        "cluster": "hub",
        "delivery": "argocd",
        "install": {
            "namespace": "argocd",
            "version": "v3.5.1",
            "manifest": {"repository": "https://github.com/argoproj/argo-cd", "path": "manifests/install.yaml"},
        },
        "repository": {"url": "https://git.acme.example/platform.git", "credential": "repository"},
        "root": {"path": "golden/hub/argocd", "revision": "main"},
        "registration": {**registration("hub"), "login": "inCluster"},
    }


def worker() -> dict[str, Any]:
    """The data of a worker whose account is made for Argo CD."""
    registered = {**registration("onprem"), "server": "https://203.0.113.9:6443", "login": "serviceAccount"}
    return {"cluster": "onprem", "delivery": "argocd", "hub": "hub", "registration": registered}


def registration(name: str) -> dict[str, str]:
    return {"name": name, "namespace": "argocd", "server": "https://kubernetes.default.svc"}
