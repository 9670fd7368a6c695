"""One cluster with what somebody emits there, from texts: what the checks say of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from tests.language.texts import doc, spec

from fleetc.check.run import Report, check
from fleetc.driver.front import load_table
from fleetc.driver.load import Sources
from fleetc.emission.emission import Emission, Row
from fleetc.emission.shapes import Shapes
from fleetc.language.document import Doc
from fleetc.resolve import World

Object = dict[str, Any]

FLEET = spec("Fleet", "{organisation: acme, environments: [dev]}", "{name: acme}")


@lru_cache(maxsize=1)
def table() -> Doc:
    """The built-in defaults."""
    return load_table(Sources(Path()))


def cluster(fields: str = "", minor: str = "1.35") -> str:
    """Cluster `c`."""
    return spec("Cluster", f"{{kubernetes: '{minor}', provider: onprem, environment: dev, {fields}}}", "{name: c}")


def team(name: str = "t", fields: str = "", namespaces: str = "") -> str:
    """A team; its namespace has its name unless others are given."""
    return spec("Team", f"{{namespaces: [{namespaces or name}], {fields}}}", f"{{name: {name}}}")


def manifest(name: str = "m", owner: str = "") -> str:
    """A Manifest; what it emits is given by the test."""
    item = "{apiVersion: v1, kind: ConfigMap, metadata: {name: x, namespace: t}}"
    return spec(
        "Manifest", f"{{objects: [{item}]}}", f"{{name: {name}, team: {owner}}}" if owner else f"{{name: {name}}}"
    )


def world(*texts: str) -> World:
    """A fleet of specs with the built-in defaults; with a cluster of its own when none is given."""
    docs = [doc(text) for text in (FLEET, *texts)]
    if not any(found.kind == "Cluster" for found in docs):
        docs.append(doc(cluster()))
    return World({found.id: found for found in docs}, table())


def emission(fleet: World, rows: Mapping[str, Sequence[Object]], paths: Mapping[str, str] | None = None) -> Emission:
    """What subjects emit on the fleet's first cluster."""
    shapes = Shapes()
    made = {
        subject: Row(subject, (paths or {}).get(subject, f"{subject}.yaml"), {0: ""}, {0: shapes.intern(objects)})
        for subject, objects in rows.items()
    }
    first = fleet.clusters[0]
    return Emission([first.name], [first.kubernetes], made)


def objects(text: str) -> list[Object]:
    """The objects of a YAML text."""
    return [item for item in yaml.safe_load_all(text) if item]


def report(fleet: World, rows: Mapping[str, str | Sequence[Object]], paths: Mapping[str, str] | None = None) -> Report:
    """What the checks say of what subjects emit."""
    parsed = {subject: objects(text) if isinstance(text, str) else text for subject, text in rows.items()}
    return check(emission(fleet, parsed, paths), fleet)


def said(found: Report, code: str = "") -> list[str]:
    """The findings, or those of a code, as `about at path: message`."""
    out: list[str] = []
    for finding in found.findings:
        if not code or finding.code.name == code:
            where = ".".join(str(step) for step in finding.place.path)
            out.append(f"{finding.about} at {where}: {finding.message}")
    return out


def hints(found: Report, code: str) -> list[str]:
    """What the findings of a code say to do."""
    return [finding.hint for finding in found.findings if finding.code.name == code]


def ends(found: Report, rule: str) -> dict[str, int]:
    """How many checks of a rule on whole clusters ended in each state."""
    (counts,) = found.by_cluster
    return {state: sum(reasons.values()) for state, reasons in counts.get(rule, {}).items()}


def reasons(found: Report, rule: str, state: str) -> dict[str, int]:
    """The same for one state, by the reason that was given."""
    (counts,) = found.by_cluster
    return counts.get(rule, {}).get(state, {})
