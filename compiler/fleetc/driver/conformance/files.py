"""The evidence as files: one a cluster, in the form in which upstream takes it, written like all that is generated."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import Any, Final

from fleetc.check.conformance.facts import Status
from fleetc.diagnostics import Diagnostic, Failure, codes
from fleetc.driver.build import STATE, ignore
from fleetc.driver.conformance.seen import Conforming
from fleetc.driver.files import SPECS
from fleetc.driver.testing.current import Finding, differences, wanted_files
from fleetc.driver.tree.api import Place, Plan, Wanted, Written, apply, locked, plan_writes, seal
from fleetc.emission.yaml import emit
from fleetc.language.fleet import Fleet

PERSONS: Final = (
    "platformName", "platformVersion", "vendorName", "websiteUrl", "repoUrl", "documentationUrl", "productLogoUrl",
    "description", "contactEmailAddress", "k8sConformanceUrl",
)  # fmt: skip
"""What only the people of the platform can say: upstream's checks refuse what stands in brackets."""
UNKNOWN: Final = "[to be filled in]"
UNTESTED: Final = "Decided from files; upstream's test of it was not run on the cluster."


def product(cluster: Conforming) -> dict[str, Any]:
    """The evidence of a cluster, as upstream's PRODUCT.yaml has it."""
    spec: dict[str, list[dict[str, Any]]] = {}
    for requirement, level, verdict in cluster.decided:
        after = f" To do: {verdict.fix}." if verdict.fix else ""
        if verdict.status is Status.IMPLEMENTED:
            after = f" {UNTESTED}"
        said: dict[str, Any] = {
            "id": requirement.id,
            "description": requirement.what,
            "level": level,
            "status": str(verdict.status),
            "evidence": list(dict.fromkeys(f"{e.file}:{e.line}" for e in verdict.evidence)),
            "notes": f"{verdict.note[0].upper()}{verdict.note[1:]}.{after}",
        }
        spec.setdefault(requirement.group, []).append(said)
    version = {"kubernetesVersion": f"v{cluster.cluster.kubernetes}"}
    return {"metadata": version | dict.fromkeys(PERSONS, UNKNOWN), "spec": spec}


def contents(folder: str, clusters: Iterable[Conforming]) -> dict[str, bytes]:
    """The files of clusters, by path; none for a cluster whose minor has no list of requirements."""
    return {f"{folder}/{c.cluster.name}.yaml": seal(emit(product(c)).encode(), c.source) for c in clusters if c.listed}


class Folder:
    """The folder of evidence, below a root. `whole`: all clusters are known, so that files of others are stale."""

    def __init__(self, root: str, folder: str, fleet: Fleet, *, whole: bool) -> None:
        self.root = root
        self.folder = _sound(folder, fleet)
        self.whole = whole

    def write(self, clusters: Iterable[Conforming]) -> Written:
        """Write what is not as it should be, all or nothing. Raises Failure, for what a hand edited, too."""
        state = f"{self.root}/{STATE}"
        wanted = wanted_files(contents(self.folder, clusters))
        with locked(Place(self.root, self.folder, state)) as lock:
            ignore(state)
            return apply(self._plan(wanted), lock, 1)

    def stale(self, clusters: Iterable[Conforming]) -> list[Finding]:
        """What does not stand there as it is made today."""
        wanted = wanted_files(contents(self.folder, clusters))
        found = differences(self.root, self._plan(wanted), wanted, codes.STALE_OUTPUT)
        hint = f"run `fleetc conformance --out {self.folder}`, and commit what it writes"
        return [f._replace(diagnostic=_with_hint(f.diagnostic, hint)) for f in found]

    def _plan(self, wanted: Mapping[str, Wanted]) -> Plan:
        plan = plan_writes(Place(self.root, self.folder, f"{self.root}/{STATE}"), wanted, {})
        if self.whole:
            return plan
        diagnostics = tuple(d for d in plan.diagnostics if d.span is None or d.span.file in wanted)
        return plan._replace(deletes=(), drop=(), diagnostics=diagnostics)


def _with_hint(diagnostic: Diagnostic, hint: str) -> Diagnostic:
    return diagnostic._replace(hint=hint) if diagnostic.code is codes.STALE_OUTPUT else diagnostic


def _sound(folder: str, fleet: Fleet) -> str:
    """The folder, if it is apart from all others that fleetc reads or writes. Raises Failure."""
    shortest = os.path.normpath(folder)
    others = {
        fleet.outputs.manifests: "`fleetc build` writes",
        fleet.outputs.stacks: "`fleetc build` writes",
        fleet.tests: "tests are in",
        SPECS: "specs are in",
        STATE: "runs remember in",
    }
    for other, what in others.items():
        if shortest == "." or f"{shortest}/".startswith(f"{other}/") or f"{other}/".startswith(f"{shortest}/"):
            message = f"`{folder}` cannot hold evidence: that is where {what} {other}/"
            raise Failure(Diagnostic(codes.BAD_USAGE, message, hint="name a folder of its own, such as conformance"))
    return shortest
