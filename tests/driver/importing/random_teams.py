"""Random Teams of one cluster, as their specs say them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from hypothesis import strategies as st

NAMES: Final = ("alpha", "beta", "gamma")
OTHERS: Final = ("monitoring", "web")
"""Namespaces that no team owns."""
CLASSES: Final = ("serving", "standard", "batch", "preemptible")
GROUPS: Final = ("leads", "devs", "sre", "ci bots", "oidc:all of us")

_cpu = st.one_of(st.integers(1, 5000).map(str), st.integers(1, 9000).map("{}m".format))
_bytes = st.one_of(
    st.integers(1, 4000).map("{}Gi".format), st.integers(1, 4000).map("{}M".format), st.integers(1, 9**9).map(str)
)
_counts = st.integers(0, 2000)
_ports = st.one_of(
    st.integers(1, 65535),
    st.integers(1, 65535).map("{}/UDP".format),
    st.integers(1, 30000).map(lambda first: f"{first}-{first + 7}/SCTP"),
)
_levels = st.sampled_from(["privileged", "baseline", "restricted"])
_words = st.text("abcxyz", min_size=1, max_size=5)
_labels = st.dictionaries(_words.map("acme.example/{}".format), _words, max_size=2)


def _some(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional=fields)


_quota = _some(
    cpu=_cpu, memory=_bytes, ephemeralStorage=_bytes, storage=_bytes, pods=_counts, persistentVolumeClaims=_counts,
    services=_counts, loadBalancers=_counts, nodePorts=_counts,
    # One is there in every namespace.
    configMaps=st.integers(100, 2000), secrets=_counts, jobs=_counts,
)  # fmt: skip


def _amounts(least: int, most: int) -> st.SearchStrategy[dict[str, Any]]:
    amount = st.integers(least, most)
    return _some(
        cpu=amount.map("{}m".format), memory=amount.map("{}Mi".format), ephemeralStorage=amount.map("{}M".format)
    )


# Each lies above the one before, and above or below the defaults.
_limits = _some(
    min=_amounts(1, 50), defaultRequest=_amounts(60, 90), default=_amounts(500, 900), max=_amounts(4000, 9000),
    maxVolume=_bytes,
)  # fmt: skip
_members = st.lists(st.sampled_from(GROUPS), min_size=1, max_size=3, unique=True)
_outside = st.sampled_from(["10.0.0.0/8", "192.168.7.0/24", "fd00::/8", *map("namespace/{}".format, OTHERS)])
_hosts = st.sampled_from(["api.bank.example", "*.cdn.example", "git.acme.example"])


def _peers(to: st.SearchStrategy[str]) -> st.SearchStrategy[list[dict[str, Any]]]:
    peer = st.fixed_dictionaries({"to": to}, optional={"ports": st.lists(_ports, min_size=1, max_size=2, unique=True)})
    return st.lists(peer, max_size=3, unique_by=lambda item: str(item["to"]))


@st.composite
def _namespaces(draw: st.DrawFn, team: str) -> list[dict[str, Any]]:
    names = draw(st.lists(st.sampled_from(["", "-a", "-b", "-zz"]), min_size=1, max_size=3, unique=True))
    more = _some(share=st.integers(1, 12), labels=_labels, annotations=_labels, podSecurity=_levels)
    return [{"name": f"{team}{end}", **draw(more)} for end in names]


@st.composite
def teams(draw: st.DrawFn) -> dict[str, dict[str, Any]]:
    """The specs of one to three teams by their names; what one sends to another is let in there."""
    names = NAMES[: draw(st.integers(1, 3))]
    specs: dict[str, dict[str, Any]] = {}
    for name in names:
        more = _some(
            contact=st.sampled_from(["oncall@acme.example", "Ann: see the wiki"]),
            costCenter=_words,
            podSecurity=_levels,
            members=_some(admins=_members, developers=_members, viewers=_members),
            serviceAccounts=st.lists(_some(annotations=_labels), max_size=2),
            quota=_quota,
            limits=_limits,
            priorityClasses=st.lists(st.sampled_from(CLASSES), min_size=1, unique=True),
            network=st.fixed_dictionaries({"ingress": _peers(_outside), "egress": _peers(_outside | _hosts)}),
        )
        spec = draw(more)
        for n, account in enumerate(spec.get("serviceAccounts", ())):
            account["name"] = f"robot{n}"
        specs[name] = {**spec, "namespaces": draw(_namespaces(name))}
    if len(names) > 1 and draw(st.booleans()):
        _peer(specs[names[0]], "egress", names[1])
        _peer(specs[names[1]], "ingress", names[0])
    return specs


def _peer(spec: dict[str, Any], side: str, team: str) -> None:
    spec.setdefault("network", {}).setdefault(side, []).append({"to": f"team/{team}", "ports": [8080]})


def write(root: Path, specs: dict[str, dict[str, Any]], **cluster: Any) -> Path:
    """A fleet of one cluster with these teams."""
    spec = {"kubernetes": "1.35", "provider": "onprem", "environment": "prod", **cluster}
    docs = [
        _doc("Fleet", "acme", {"organisation": "acme", "environments": ["prod"]}),
        _doc("Cluster", "prod", spec),
        _doc("Manifest", "others", {"objects": [_namespace(name) for name in OTHERS]}),
        *(_doc("Team", name, spec) for name, spec in specs.items()),
    ]
    (root / "specs").mkdir(parents=True)
    # JSON is YAML.
    (root / "specs/fleet.yaml").write_text("\n---\n".join(map(json.dumps, docs)), encoding="utf-8")
    return root


def _namespace(name: str) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}


def _doc(kind: str, name: str, spec: dict[str, Any]) -> dict[str, Any]:
    return {"apiVersion": "fleetc/v1alpha1", "kind": kind, "metadata": {"name": name}, "spec": spec}
