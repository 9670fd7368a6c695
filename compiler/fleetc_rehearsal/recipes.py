"""The real servers as they are built from source: what each is made of, and the folder that its binary has.

A tool is a folder of the checkout's `tools/` with a go.mod. It is built once per content by `tools/build_tools.py`,
into a folder of the user's cache that is named after a digest of the tool's files, the Go release, the platform and the
recipe below. Equal inputs are never built twice, a changed pin never meets an old binary, and the source tree stays as
it is.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Final

from fleetc_rehearsal.errors import NoGo, ToolError

CHECKOUT: Final = Path(__file__).parents[2] / "tools"
"""Where the recipes stand in a checkout; an installed wheel has no such folder."""
CRDS: Final = (
    "cilium",
    "gateway-api",
    "gateway-api-inference-extension",
    "grafana-operator",
    "karpenter-provider-aws",
    "keda",
    "mcs-api",
    "prometheus-operator",
)
"""Tools of which only data is used: CRDs."""
NAMES: Final = (
    *("etcd", "kubernetes-1.33", "kubernetes-1.35", "kubernetes-1.36", "kwok", "lws", "kueue"),
    *("helm", "cue", "argocd", "pulumi", "pulumi-language-python", "promtool", "prometheus"),
    *CRDS,
)
"""Every tool that `make tools` builds."""
ON_DEMAND: Final = ("kind",)
"""Tools that are built where they are named: kind is of use only with Docker. With NAMES, the folders of CHECKOUT."""
VERSION: Final = "VERSION"
"""The file beside a tool that tells its version: of data, and of binaries that do not."""
GO_FLAGS: Final = ("-trimpath", "-buildvcs=false", "-mod=readonly")
_GO_SETTINGS: Final = {"CGO_ENABLED": "0", "GOWORK": "off"}
_TOOLCHAIN: Final = re.compile(r"^toolchain ", re.MULTILINE)
_KUBERNETES: Final = ("kube-apiserver", "kube-scheduler", "kube-controller-manager", "kubectl")
_KUEUE_CONVERTED: Final = ("clusterqueues", "cohorts", "localqueues", "multikueueclusters", "workloads")
"""Kinds of Kueue whose versions a webhook converts."""
_KUEUE: Final = (
    *_KUEUE_CONVERTED,
    *("admissionchecks", "multikueueconfigs", "provisioningrequestconfigs", "resourceflavors", "topologies"),
    "workloadpriorityclasses",
)
_VERSIONS: Final = ("k8s.io/component-base/version", "k8s.io/client-go/pkg/version")


@dataclass(frozen=True)
class Recipe:
    """What go.mod cannot say: the module that gives a tool its version, and what is made around its binary."""

    module: str
    names: tuple[str, ...] = ()
    """Links to the binary, for one that looks at the name it is called by."""
    variables: tuple[tuple[str, str], ...] = ()
    """Go variables set at link time; {version}, {major} and {minor} are those of the module, {number} is the version
    without its v."""
    data: tuple[str, ...] = ()
    """Files of the module that are copied to data/ beside the binary."""
    tags: str = ""
    """Build constraints that hold."""


_RECIPES: Final = {
    "etcd": Recipe("go.etcd.io/etcd/server/v3"),
    "kubernetes": Recipe(
        "k8s.io/kubernetes",
        names=_KUBERNETES,
        variables=tuple(
            (f"{package}.{name}", value)
            for package in _VERSIONS
            for name, value in (("gitVersion", "{version}"), ("gitMajor", "{major}"), ("gitMinor", "{minor}"))
        ),
    ),
    "kwok": Recipe(
        "sigs.k8s.io/kwok",
        data=(
            "kustomize/stage/node/fast/node-initialize.yaml",
            "kustomize/stage/node/heartbeat-with-lease/node-heartbeat-with-lease.yaml",
            "kustomize/stage/pod/fast/pod-complete.yaml",
            "kustomize/stage/pod/fast/pod-delete.yaml",
            "kustomize/stage/pod/fast/pod-ready.yaml",
        ),
    ),
    "lws": Recipe(
        "sigs.k8s.io/lws",
        variables=(("sigs.k8s.io/lws/pkg/version.GitVersion", "{version}"),),
        data=(
            "config/crd/bases/disaggregatedset.x-k8s.io_disaggregatedsets.yaml",
            "config/crd/bases/leaderworkerset.x-k8s.io_leaderworkersets.yaml",
            "config/webhook/manifests.yaml",
        ),
    ),
    "kueue": Recipe(
        "sigs.k8s.io/kueue",
        variables=(("sigs.k8s.io/kueue/pkg/version.GitVersion", "{version}"),),
        data=(
            *(f"config/components/crd/bases/kueue.x-k8s.io_{name}.yaml" for name in _KUEUE),
            *(f"config/components/crd/patches/webhook_in_{name}.yaml" for name in _KUEUE_CONVERTED),
            "config/components/webhook/manifests.yaml",
        ),
    ),
    "helm": Recipe("helm.sh/helm/v4", variables=(("helm.sh/helm/v4/internal/version.version", "{version}"),)),
    "cue": Recipe("cuelang.org/go"),
    "argocd": Recipe(
        "github.com/argoproj/argo-cd/v3",
        names=("argocd-application-controller", "argocd-redis", "argocd-repo-server"),
        variables=(("github.com/argoproj/argo-cd/v3/common.version", "{number}"),),
        data=(
            *(f"manifests/crds/{name}-crd.yaml" for name in ("application", "applicationset", "appproject")),
            *(f"manifests/base/config/argocd-{name}.yaml" for name in ("cm", "secret")),
            "hack/git-verify-wrapper.sh",
        ),
    ),
    "pulumi": Recipe(
        "github.com/pulumi/pulumi/sdk/v3",  # released together with the command's own module, pkg/v3
        variables=(("github.com/pulumi/pulumi/sdk/v3/go/common/version.Version", "{version}"),),
        data=("python/cmd/pulumi-language-python-exec",),
    ),
    "pulumi-language-python": Recipe("github.com/pulumi/pulumi/sdk/v3"),
    "kind": Recipe("sigs.k8s.io/kind"),
    "promtool": Recipe(
        "github.com/prometheus/prometheus",
        variables=(("github.com/prometheus/common/version.Version", "{number}"),),
        # Without what discovers targets and the SDKs of clouds for that, which take longest: none of it is asked.
        tags="remove_all_sd",
    ),
    "prometheus": Recipe(
        "github.com/prometheus/prometheus",
        variables=(("github.com/prometheus/common/version.Version", "{number}"),),
        tags="remove_all_sd",  # as above; and without the pages of its own, which are built apart
    ),
    "cilium": Recipe(
        "github.com/cilium/cilium",
        data=(
            "pkg/k8s/apis/cilium.io/client/crds/v2/ciliumclusterwidenetworkpolicies.yaml",
            "pkg/k8s/apis/cilium.io/client/crds/v2/ciliumnetworkpolicies.yaml",
        ),
    ),
    "gateway-api": Recipe(
        "sigs.k8s.io/gateway-api",
        data=tuple(
            f"config/crd/standard/gateway.networking.k8s.io_{name}.yaml"
            for name in ("gatewayclasses", "gateways", "httproutes", "referencegrants")
        ),
    ),
    "gateway-api-inference-extension": Recipe(
        "sigs.k8s.io/gateway-api-inference-extension",
        data=("config/crd/bases/inference.networking.k8s.io_inferencepools.yaml",),
    ),
    "karpenter-provider-aws": Recipe(
        "github.com/aws/karpenter-provider-aws",
        data=("pkg/apis/crds/karpenter.k8s.aws_ec2nodeclasses.yaml", "pkg/apis/crds/karpenter.sh_nodepools.yaml"),
    ),
    "keda": Recipe(
        "github.com/kedacore/keda/v2",
        data=("config/crd/bases/keda.sh_scaledobjects.yaml", "config/crd/bases/keda.sh_triggerauthentications.yaml"),
    ),
    "grafana-operator": Recipe(
        "github.com/grafana/grafana-operator/v5",
        data=("config/crd/bases/grafana.integreatly.org_grafanadashboards.yaml",),
    ),
    "mcs-api": Recipe(
        "sigs.k8s.io/mcs-api",
        data=(
            "config/crd/multicluster.x-k8s.io_serviceexports.yaml",
            "config/crd/multicluster.x-k8s.io_serviceimports.yaml",
        ),
    ),
    "prometheus-operator": Recipe(
        "github.com/prometheus-operator/prometheus-operator",
        data=(
            "example/prometheus-operator-crd/monitoring.coreos.com_alertmanagerconfigs.yaml",
            "example/prometheus-operator-crd/monitoring.coreos.com_podmonitors.yaml",
            "example/prometheus-operator-crd/monitoring.coreos.com_prometheuses.yaml",
            "example/prometheus-operator-crd/monitoring.coreos.com_prometheusrules.yaml",
            "example/prometheus-operator-crd/monitoring.coreos.com_servicemonitors.yaml",
        ),
    ),
}
"""By the name of the tool, without its minor."""


@dataclass(frozen=True)
class Tool:
    """One tool as it would be built now."""

    name: str
    source: Path
    recipe: Recipe
    version: str
    home: Path
    """The folder that holds its binary, once that is built."""

    @property
    def binary(self) -> str:
        """The file name of what is linked: the tool's name without a minor."""
        return self.name if self.name in _RECIPES else self.name.partition("-")[0]

    def is_built(self) -> bool:
        """Whether the folder is there; it appears whole or not at all."""
        return self.home.is_dir()

    @property
    def link_flags(self) -> str:
        """What the linker is told: no symbol tables, and the version where the source does not hold it."""
        major, minor, *_ = self.version.removeprefix("v").split(".")
        known = {"version": self.version, "number": self.version.removeprefix("v"), "major": major, "minor": minor}
        return " ".join(["-s -w", *(f"-X {name}={value.format(**known)}" for name, value in self.recipe.variables)])


def cache_folder() -> Path:
    """The folder of all built tools: $XDG_CACHE_HOME/fleetc/tools."""
    base = os.environ.get("XDG_CACHE_HOME", "")
    return (Path(base) if base.startswith("/") else Path.home() / ".cache") / "fleetc" / "tools"


def recipe_of(name: str, *, offline: bool = False) -> Tool:
    """One tool of this checkout by its name, with the folder that its binary has or would have.

    With `offline` nothing is fetched, not even the Go release that a go.mod asks for. Raises ToolError for a name
    that is no tool, and NoGo where there is no Go that could build it.
    """
    source = CHECKOUT / name
    if name not in (*NAMES, *ON_DEMAND) or not source.is_dir():
        raise ToolError(f"no tool is named `{name}`; there are {', '.join((*NAMES, *ON_DEMAND))}")
    recipe = _RECIPES.get(name) or _RECIPES[name.partition("-")[0]]
    version = pinned_version(source, recipe.module)
    platform = _platform(source, os.environ.get("PATH", ""), offline)
    return Tool(name, source, recipe, version, cache_folder() / _digest(source, recipe, platform))


def pinned_version(source: Path, module: str) -> str:
    """The version that a go.mod requires of a module. Raises ToolError if it does not."""
    pins = (source / "go.mod").read_text(encoding="utf-8")
    declared = re.search(rf"^(?:require)?[ \t]+{re.escape(module)} (v\S+)", pins, re.MULTILINE)
    if declared is None:
        raise ToolError(f"{source.name}/go.mod does not require {module}")
    return declared[1]


def go(folder: Path, *arguments: str, offline: bool = False) -> str:
    """What a go command prints, run in a folder. Raises NoGo and ToolError.

    The proxy, the caches and further flags are those of the user's environment, and so is the Go release, unless a
    go.mod names a newer one: that is fetched, also where an image forbids it for itself.
    """
    program = shutil.which("go")
    if program is None:
        raise NoGo("there is no `go` on PATH")
    env = {**os.environ, **_GO_SETTINGS}
    if _TOOLCHAIN.search((folder / "go.mod").read_text(encoding="utf-8")):
        env["GOTOOLCHAIN"] = "auto"
    if offline:
        env["GOPROXY"] = "off"
    words = [program, *arguments]
    # Our own arguments, and no shell.
    done = subprocess.run(words, cwd=folder, env=env, capture_output=True, text=True, check=False)  # noqa: S603 - above
    if done.returncode:
        kind = NoGo if arguments[0] == "env" else ToolError
        raise kind(f"{folder.name}: go {arguments[0]} failed\n{done.stderr.strip()}")
    return done.stdout


@cache
def _platform(source: Path, path: str, offline: bool) -> Sequence[str]:
    """The Go release that builds a folder, the system and the architecture; `path` is where `go` was looked for."""
    del path  # part of the key: another PATH, another Go
    return go(source, "env", "GOVERSION", "GOOS", "GOARCH", offline=offline).split()


def _digest(source: Path, recipe: Recipe, platform: Sequence[str]) -> str:
    """The name of what is built from these files, so, on this platform."""
    made = {field: value for field, value in asdict(recipe).items() if field != "tags" or value}
    how = [made, platform, GO_FLAGS, _GO_SETTINGS]
    digest = hashlib.sha256(json.dumps(how, sort_keys=True).encode())
    for path in sorted(path for path in source.iterdir() if path.is_file()):
        content = path.read_bytes()
        digest.update(f"\n{path.name} {len(content)}\n".encode() + content)
    return digest.hexdigest()[:32]
