"""Where a model's weights are on a cluster, and how they get there.

- `image`: an OCI artifact that the kubelet pulls and mounts, once for each node
- `shared`: a volume of the model, which a Job fills; replicas wait for it
- `local`: a volume of each replica, which it fills itself before it starts
- `claim`: a volume that is there already
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING, Final, Literal, assert_never

from fleetc.emission.site import ModelSite
from fleetc.language.amounts import Source, source
from fleetc_kubernetes.quantity import Quantity, write

if TYPE_CHECKING:
    from fleetc_kubernetes.objects import Labels
    from fleetc_kubernetes.pod_objects import EnvironmentFrom, Named, Volume, VolumeClaim, VolumeMount

VOLUME: Final = "weights"
SHARED: Final = "shared"
"""The purpose of storage that several nodes mount at once, by the name that the built-in StorageClasses have."""
MOUNT: Final = "/models"
_GIB: Final = 2**30

Kept = Literal["image", "shared", "local", "claim"]

# What repositories hold besides the weights that engines load: other formats of the same ones.
_OTHER_FORMATS: Final = ("original/*", "metal/*", "*.pth", "*.gguf", "*.onnx", "*.h5", "*.msgpack", "*.ot")
_HUB: Final = (
    "import sys; from huggingface_hub import snapshot_download;"
    " snapshot_download(sys.argv[1], revision=sys.argv[2], local_dir=sys.argv[3], ignore_patterns=sys.argv[5:]);"
    " open(sys.argv[4], 'w').close()"
)
# A remote without configuration, as in https://rclone.org/docs/#connection-strings: credentials come from variables or
# from the cloud's identity (env_auth of the backends s3 and gcs).
_BUCKET: Final = 'rclone copy "$1" "$2" && rclone touch "$3"'
_REMOTES: Final = {"s3": "s3", "gs": "gcs"}
_WAIT: Final = "import os, sys, time\nwhile not os.path.exists(sys.argv[1]): time.sleep(5)"


def kept(s: ModelSite) -> Kept:
    """Where the weights are: unless the spec says it, an artifact is mounted, and each replica loads all else."""
    scheme = source(s.model.source).scheme
    if scheme == "pvc":
        return "claim"
    return s.model.cache.type or ("image" if scheme == "oci" else "local")


def directory(s: ModelSite) -> str:
    """Where on a volume the weights are: by their source, so that another revision is loaded beside the old one."""
    return f"{MOUNT}/{digest(s)}"


def digest(s: ModelSite) -> str:
    """What is different for each source and revision, and can stand in names."""
    return hashlib.sha256(s.model.source.encode()).hexdigest()[:10]


def marker(s: ModelSite) -> str:
    """The file that says that the weights are all there."""
    return f"{directory(s)}/.complete"


def path(s: ModelSite) -> str:
    """Where the engine finds the weights."""
    return MOUNT if kept(s) in ("image", "claim") else directory(s)


def claim_name(s: ModelSite) -> str:
    """The name of the model's own volume."""
    return f"{s.model.name}-weights"


def volume(s: ModelSite, labels: Labels) -> Volume:
    """The volume of a server's pod that has the weights."""
    how = kept(s)
    match how:
        case "image":
            found = source(s.model.source)
            reference = f"{found.name}@{found.revision}"
            return {"name": VOLUME, "image": {"reference": reference, "pullPolicy": "IfNotPresent"}}
        case "shared":
            return {"name": VOLUME, "persistentVolumeClaim": {"claimName": claim_name(s), "readOnly": True}}
        case "local":
            made = volume_claim(s, how)
            return {
                "name": VOLUME,
                "ephemeral": {"volumeClaimTemplate": {"metadata": {"labels": labels}, "spec": made}},
            }
        case "claim":
            name = _claim(source(s.model.source))[0]
            return {"name": VOLUME, "persistentVolumeClaim": {"claimName": name, "readOnly": True}}
        case _:
            assert_never(how)


def mount(s: ModelSite) -> VolumeMount:
    """How a server mounts the weights: nothing writes to them."""
    made: VolumeMount = {"name": VOLUME, "mountPath": MOUNT, "readOnly": True}
    if kept(s) == "claim":
        folder = _claim(source(s.model.source))[1]
        if folder:
            made = {"name": VOLUME, "mountPath": MOUNT, "subPath": folder, "readOnly": True}
    return made


def _claim(found: Source) -> tuple[str, str]:
    name, _, folder = found.name.partition("/")
    return name, folder


def volume_claim(s: ModelSite, how: Literal["shared", "local"]) -> VolumeClaim:
    """The claim of a volume for the weights.

    A quarter more than the checkpoint: tokenizers, file systems, and formats that are not left out. Two revisions have
    room on a shared one, which outlives a rollout.
    """
    revisions = 2 if how == "shared" else 1
    size = (s.serving.checkpoint * 5 // 4 // _GIB + 1) * revisions
    made: VolumeClaim = {
        "accessModes": ["ReadWriteMany" if how == "shared" else "ReadWriteOnce"],
        "resources": {"requests": {"storage": write(Quantity(Fraction(size * _GIB), True))}},
    }
    # Without a name it is the cluster's default class.
    named = s.model.cache.storage or (SHARED if how == "shared" else None)
    if named:
        made["storageClassName"] = named
    return made


def load(s: ModelSite) -> list[str]:
    """The command that loads the weights, and marks them as complete."""
    found = source(s.model.source)
    if found.scheme == "hf":
        where = [found.name, found.revision, directory(s), marker(s)]
        return ["python3", "-c", _HUB, *where, *_OTHER_FORMATS]
    remote = f":{_REMOTES.get(found.scheme, found.scheme)},env_auth=true:{found.name}"
    return ["/bin/sh", "-c", _BUCKET, "sh", remote, directory(s), marker(s)]


def loader(s: ModelSite) -> str:
    """The image that loads the weights: of a Hugging Face repository the engine's own, which has the Hub's library."""
    return s.model.cache.loader or s.model.engine.image or ""


def wait(s: ModelSite) -> list[str]:
    """The command that waits until the weights are there."""
    return ["python3", "-c", _WAIT, marker(s)]


def credentials(s: ModelSite) -> Iterator[EnvironmentFrom]:
    """What the loader is told from the Secret of the source."""
    secret = s.model.credentials.secret
    if secret is not None and source(s.model.source).scheme != "oci":
        yield {"secretRef": {"name": secret}}


def pull_secrets(s: ModelSite) -> list[Named]:
    """With what the kubelet pulls the artifact."""
    secret = s.model.credentials.secret
    return [{"name": secret}] if secret is not None and source(s.model.source).scheme == "oci" else []
