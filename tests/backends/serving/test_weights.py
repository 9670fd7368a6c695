"""Where the weights of models are, and how they get there."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.backends.serving import sites
from tests.backends.serving.sites import HUB, LOADER, MINORS, engine, made, of, one, part, site, templates, wide

from fleetc.emission.site import ModelSite

BUCKET = "s3://acme-models/house@2026-11-01"


def flag(command: list[str], name: str) -> str:
    """The value of a flag."""
    return command[command.index(name) + 1]


def volumes(item: dict[str, Any]) -> dict[str, Any]:
    """The volumes of a workload's pods, by name."""
    return {v["name"]: v for v in templates(item)[0]["spec"]["volumes"]}


def test_an_artifact_is_mounted() -> None:
    at = site(spec={"credentials": {"secret": "registry"}})
    found = one(made(at), "Deployment")
    assert volumes(found)["weights"]["image"] == {
        "reference": sites.ARTIFACT.removeprefix("oci://"),
        "pullPolicy": "IfNotPresent",
    }
    assert templates(found)[0]["spec"]["imagePullSecrets"] == [{"name": "registry"}]
    assert flag(engine(found)["command"], "--model") == "/models"
    assert "initContainers" not in templates(found)[0]["spec"]


def test_a_claim_that_is_there() -> None:
    found = one(made(site(spec={"source": "pvc://models/llama/70b@v7"})), "Deployment")
    assert volumes(found)["weights"]["persistentVolumeClaim"] == {"claimName": "models", "readOnly": True}
    mount = next(m for m in engine(found)["volumeMounts"] if m["name"] == "weights")
    assert mount == {"name": "weights", "mountPath": "/models", "subPath": "llama/70b", "readOnly": True}


def test_each_replica_loads_for_itself() -> None:
    found = one(made(site(spec={"source": HUB, "credentials": {"secret": "hub"}})), "Deployment")
    claim = volumes(found)["weights"]["ephemeral"]["volumeClaimTemplate"]["spec"]
    assert claim == {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "82Gi"}}}
    (loader,) = templates(found)[0]["spec"]["initContainers"]
    assert loader["image"] == sites.IMAGE
    assert loader["envFrom"] == [{"secretRef": {"name": "hub"}}]
    repository, commit, folder, marker = loader["command"][3:7]
    assert (repository, commit) == ("meta-llama/Llama-3.3-70B-Instruct", "6" * 40)
    assert marker == f"{folder}/.complete"
    assert flag(engine(found)["command"], "--model") == folder
    compile(loader["command"][2], "load", "exec")


def test_all_replicas_share_a_volume() -> None:
    found = made(site(spec={"source": BUCKET, "cache": {"type": "shared", "storage": "fast", "loader": LOADER}}))
    claim = one(found, "PersistentVolumeClaim")
    assert claim["metadata"]["name"] == "llama-weights"
    assert claim["spec"] == {
        "accessModes": ["ReadWriteMany"],
        "storageClassName": "fast",
        "resources": {"requests": {"storage": "164Gi"}},
    }
    job = one(found, "Job")
    (loader,) = templates(job)[0]["spec"]["containers"]
    assert loader["image"] == LOADER
    assert loader["command"][4] == ":s3,env_auth=true:acme-models/house"
    server = one(found, "Deployment")
    (waits,) = templates(server)[0]["spec"]["initContainers"]
    assert waits["command"][3] == loader["command"][6]
    assert flag(engine(server)["command"], "--model") == loader["command"][5]
    assert volumes(server)["weights"]["persistentVolumeClaim"] == {"claimName": "llama-weights", "readOnly": True}
    # What loads weights answers no requests.
    service = one(found, "Service")["spec"]["selector"]
    assert not service.items() <= templates(job)[0]["metadata"]["labels"].items()


def test_another_revision_is_another_job_beside_the_old_weights() -> None:
    def at(revision: str) -> ModelSite:
        return site(spec={"source": BUCKET.replace("2026-11-01", revision), "cache": {"type": "shared"}})

    first, second = (made(at(revision)) for revision in ("1", "2"))
    assert one(first, "Job")["metadata"]["name"] != one(second, "Job")["metadata"]["name"]
    assert one(first, "PersistentVolumeClaim") == one(second, "PersistentVolumeClaim")


def test_the_class_for_sharing() -> None:
    found = one(made(site(spec={"source": HUB, "cache": {"type": "shared"}})), "PersistentVolumeClaim")
    assert found["spec"]["storageClassName"] == "shared"


@pytest.mark.parametrize("minor", MINORS)
@given(
    source=st.sampled_from((HUB, BUCKET, "gs://acme/x@1", sites.ARTIFACT, "pvc://a@1")),
    kept=st.sampled_from(("shared", "local")),
    size=st.integers(1, 2**41),
    own=sites.parts(),
)
def test_any_source(minor: str, source: str, kept: str, size: int, own: tuple[Any, ...]) -> None:
    fits = {} if source.startswith(("oci", "pvc")) else {"cache": {"type": kept, "loader": LOADER}}
    at = site(*own, spec={"source": source, **fits}, planned={"checkpoint": size}, here={"kubernetes": minor})
    found = made(at, minor=minor)
    assert (len(of(found, "Job")) == 1) == (fits != {} and kept == "shared")
    for item in (*of(found, "Deployment"), *of(found, "LeaderWorkerSet")):
        assert "hostPath" not in repr(item)


def test_every_pod_of_a_group_has_the_weights() -> None:
    found = one(made(site(wide(), part("b"), spec={"source": HUB})), "LeaderWorkerSet")
    assert [len(pod["spec"]["initContainers"]) for pod in templates(found)] == [1, 1]
