"""Policies, where only some subjects or some clusters were compiled.

What they came to in each cell of the others is remembered. Findings are on whole fleets, so wherever something is
wrong, or what shows that nothing is may be gone, the whole fleet is compiled.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, cast

from fleetc.check.findings import Counts, total
from fleetc.check.fleet.policy import Here, readied, ruled, spaces_of
from fleetc.check.fleet.view import Cell
from fleetc.check.policy.usage import Usage, Use
from fleetc.check.run import Face, Report
from fleetc.driver.lower import Lowered
from fleetc.driver.memory import Body
from fleetc.language.policy import Policy
from fleetc.plan import Plan

if TYPE_CHECKING:
    from fleetc.check.rules.access import Map


class Rulings:
    """What policies come to in cells, by their faces, and what changed cells no longer use."""

    def __init__(self, usage: Usage) -> None:
        self._usage = usage
        self._lost: set[Use] = set()

    def moved(self, was: Face, face: Face) -> bool:
        """Note a cell that changed; whether rules may see something else of its Namespaces."""
        before, after = self._usage.told(was[5]), self._usage.told(face[5])
        self._lost |= before.used - after.used
        return before.spaces != after.spaces

    def counts(self, faces: Iterable[Face]) -> Counts:
        """How the rules ended in several cells."""
        return total(self._usage.told(face[5]).counts for face in faces)

    def hold(self, faces: Iterable[Face]) -> bool:
        """Whether all that changed cells no longer use is used by one of these, which are all of the fleet."""
        left = set(self._lost)
        for face in faces:
            if not left:
                break
            left -= self._usage.told(face[5]).used
        return not left


def meet_policies(planned: Plan, lowered: Lowered, report: Report, body: Body) -> Rulings | None:
    """Judge what subjects that were compiled alone emit, and note it in the report. None: something does not meet a
    rule, or it would no longer be known of each rule that it can be broken."""
    policies = [subject for subject in planned.subjects.values() if subject.kind == "Policy"]
    usage, emission = Usage(), lowered.emission
    report.policies = usage
    placed = {policy.id: frozenset(policy.placed) for policy in policies}
    for n, name in enumerate(emission.clusters):
        on = [cast(Policy, planned.world.variant(id, n)) for id, clusters in placed.items() if n in clusters]
        if not on:
            continue
        cells = {row.subject: report.cell(n, emission.minors[n], shapes) for row, shapes in emission.objects_at(n)}
        others = [number for subject, number in body.clusters[name].cells.items() if subject not in emission.rows]
        spaces = dict(_remembered(others, body, usage)) | dict(_made(cells.values(), usage))
        here = Here(n, name, readied(on, planned.world.clusters[n], usage), spaces)
        rulings = [ruled(here, subject, cell, usage) for subject, cell in cells.items()]
        if any(ruling.broken for ruling in rulings):
            return None
    usage.witnesses = body.witnesses.copy()
    again = [key for key, (subject, _) in body.witnesses.items() if subject in emission.rows]
    return Rulings(usage) if _witnessed(again, usage) else None


def _made(cells: Iterable[Cell], usage: Usage) -> Iterator[tuple[str, Map]]:
    return (space for cell in cells for space in spaces_of(cell, usage))


def _remembered(cells: Iterable[int], body: Body, usage: Usage) -> Iterator[tuple[str, Map]]:
    """The Namespaces of cells that were not compiled."""
    for number in cells:
        packed = body.cells[number].face[5]
        for n, space in enumerate(usage.told(packed).spaces if packed else ()):
            yield space["metadata"]["name"], usage.space((packed, n), space)


def _witnessed(rules: Iterable[tuple[str, str]], usage: Usage) -> bool:
    """Find for rules another object that could break them, where none does."""
    # Imported here: an edit that takes nothing away does without.
    from fleetc.check.policy.mutants import witness  # noqa: PLC0415

    for key in rules:
        del usage.witnesses[key]
        if ("rule", *key) in usage.used:
            continue
        seen = usage.seen.get(key[0], [])
        rule = next((rule for one in seen for rule in one.ready.rules if rule.name == key[1]), None)
        found = witness(rule, seen) if rule is not None else None
        if found is None:
            return False
        usage.witnesses[key] = found.subject, found.cluster
    return True


def join_others(usage: Usage, body: Body, here: Collection[str]) -> bool:
    """Add to what was told on the clusters that were compiled (`here`) what is remembered of the others. False: what
    was used here is not any more, by any cluster."""
    was, others = set[Use](), set[Use]()
    for name, cluster in body.clusters.items():
        used = was if name in here else others
        for number in cluster.cells.values():
            used |= usage.told(body.cells[number].face[5]).used
    usage.used |= others
    usage.witnesses = {key: found for key, found in body.witnesses.items() if found[1] not in here}
    return was <= usage.used


def all_witnessed(usage: Usage, before: Mapping[tuple[str, str], object]) -> bool:
    """Whether for each of these rules it is still known that it can be broken."""
    return all(key in usage.witnesses or ("rule", *key) in usage.used for key in before)
