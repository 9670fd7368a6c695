"""What a plan takes of each pool, in the unit that its nodes are divided by: devices, or CPU where there are none."""

from __future__ import annotations

from collections.abc import Mapping

from fleetc.plan.placement.model import Pool, Room
from fleetc.plan.placement.result import Placement, Proof, Result
from fleetc.tuples import NamedTuple


class Use(NamedTuple):
    """A pool and its use, in devices or shares of one; in millicores of pools without.

    `most` is there with all nodes up, of which promises may count on `guaranteed`. Of nodes that are kept apart for
    larger pods `aside` is promised, and `apart` is not. A pool in maintenance offers nothing.
    """

    pool: Pool
    proof: Proof | None
    most: int
    guaranteed: int
    promised: int
    at_most: int
    aside: int
    apart: int

    @property
    def burst(self) -> int:
        """What replicas above the promised ones would take."""
        return self.at_most - self.promised

    @property
    def free(self) -> int:
        """Guaranteed, and neither promised nor set aside."""
        return self.guaranteed - self.promised - self.apart

    @property
    def set_aside(self) -> int:
        """The nodes that are kept apart."""
        return self.proof.set_aside() if self.proof else 0


def uses(result: Result) -> list[Use]:
    """All pools, by id."""
    parts: dict[str, list[Placement]] = {}
    for placed in result.placed:
        for part in placed.parts:
            parts.setdefault(part.pool, []).append(part)
    proofs = {proof.pool: proof for proof in result.proofs}
    pools = sorted(result.problem.pools, key=lambda p: p.id)
    return [_use(pool, proofs.get(pool.id), parts.get(pool.id, [])) for pool in pools]


def taken(part: Placement, replicas: int) -> int:
    """The devices of so many replicas, whole ones or shares."""
    return part.pod.devices * part.pods * replicas


def unit_of(pool: Pool) -> str:
    """What a pool is counted in: `H100`, `A100/1g.10gb`, or `CPU`."""
    return "/".join(p for p in (pool.accelerator, pool.sharing.profile) if p) or "CPU"


def short_name(pool: Pool) -> str:
    """The name of a pool in its cluster."""
    return pool.id.removeprefix(f"{pool.cluster}/")


def by_unit(found: list[Use]) -> Mapping[str, list[Use]]:
    """Pools by what they are counted in; CPU last."""
    made: dict[str, list[Use]] = {}
    for use in sorted(found, key=lambda u: (not u.pool.accelerator, unit_of(u.pool))):
        made.setdefault(unit_of(use.pool), []).append(use)
    return made


def _use(pool: Pool, proof: Proof | None, parts: list[Placement]) -> Use:
    node = _amount(pool, pool.node())
    offers = 0 if pool.maintenance else node
    # A pod that has its node to itself takes all of it.
    each = [(p, (node if p.whole_nodes else _amount(pool, p.pod)) * p.pods) for p in parts]
    promised = sum(size * part.least for part, size in each)
    at_most = sum(size * part.most for part, size in each)
    pods = [pods for group in proof.groups[1:] for pods in group.pods] if proof else []
    aside = sum(_amount(pool, p.room) * p.pods for p in pods)
    apart = node * proof.set_aside() - aside if proof else 0
    return Use(pool, proof, offers * pool.nodes.most, offers * pool.guaranteed(), promised, at_most, aside, apart)


def _amount(pool: Pool, room: Room) -> int:
    return room.devices if pool.accelerator else room.cpu
