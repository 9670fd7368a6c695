"""What the objects of a cell have to do with quotas, by namespace: what counts, what decides how much, and the quotas
themselves. Packed into bytes that are equal where these are, that are remembered, and that are unpacked only for
clusters that are judged.

What counts for what: kubernetes.io/docs/concepts/policy/resource-quotas, and pkg/quota/v1/evaluator/core.
"""

from __future__ import annotations

import marshal
from collections import defaultdict
from collections.abc import Iterable
from typing import Any, Final, cast

from fleetc.tuples import NamedTuple

Amounts = tuple[tuple[str, str], ...]
"""Names of resources, each with a quantity."""

FORMAT: Final = 2
"""Of `marshal`: later ones write equal values differently, as they are shared with others or not."""

MAIN: Final = "main"
INIT: Final = "init"
SIDECAR: Final = "sidecar"


class Container(NamedTuple):
    """A container's role, and what it asks for."""

    role: str
    requests: Amounts
    limits: Amounts


class Group(NamedTuple):
    """Pods of one template of the n-th object, a workload: `replicas` times `each`, unless it is scaled. `level`: the
    requests and limits of the pod as a whole, where the minor reads them. `scopes`: those of quotas that can be told
    from the template alone. `claims`: what the volumes that are made for each pod count for."""

    object: int
    path: tuple[str, ...]
    kind: str
    name: str
    replicas: int
    each: int
    containers: tuple[Container, ...]
    level: tuple[Amounts, Amounts]
    priority: str
    runtime: str
    scopes: tuple[str, ...]
    templates: tuple[str, ...]
    claims: Amounts


class Requirement(NamedTuple):
    """A scope that a quota is for."""

    scope: str
    operator: str
    values: tuple[str, ...]


class Quota(NamedTuple):
    """A ResourceQuota: the n-th object."""

    object: int
    name: str
    hard: Amounts
    requirements: tuple[Requirement, ...]


class Template(NamedTuple):
    """A ResourceClaimTemplate: what each claim made from it counts for, and of what it takes an unknown number."""

    name: str
    usage: Amounts
    unknown: tuple[str, ...]


class Range(NamedTuple):
    """An item of a LimitRange, the n-th object: what is least and most allowed of a container, a pod or a volume claim,
    and how many times the request a limit may be."""

    object: int
    item: int
    type: str
    min: Amounts
    max: Amounts
    ratio: Amounts


class Volume(NamedTuple):
    """A volume claim that the n-th object is, or that is made for each of its pods."""

    object: int
    path: tuple[str | int, ...]
    requests: Amounts


class Stake(NamedTuple):
    """Of one cell in one namespace ("" for none).

    `fixed`: resource, amount, and the first object that counts for it. `scales`: kind, name and least replicas of what
    is scaled. `defaults`: requests and limits that a LimitRange gives to containers. `classes`: PriorityClasses that
    are the default, and `overheads` of RuntimeClasses. `unknown`: resources that take an unknown number more. `own`:
    the objects among those which Kubernetes makes in each namespace that are emitted. `ranges` and `volumes` are of
    LimitRanges alone.
    """

    fixed: tuple[tuple[str, str, int], ...] = ()
    groups: tuple[Group, ...] = ()
    scales: tuple[tuple[str, str, int], ...] = ()
    defaults: tuple[tuple[Amounts, Amounts], ...] = ()
    templates: tuple[Template, ...] = ()
    quotas: tuple[Quota, ...] = ()
    classes: tuple[str, ...] = ()
    overheads: tuple[tuple[str, Amounts], ...] = ()
    unknown: tuple[str, ...] = ()
    own: tuple[str, ...] = ()
    ranges: tuple[Range, ...] = ()
    volumes: tuple[Volume, ...] = ()


Stakes = dict[str, bytes]
"""The packed stake of each namespace."""


def pack(stakes: Iterable[tuple[str, Stake]]) -> bytes:
    """Stakes by namespace as bytes."""
    return marshal.dumps(tuple((namespace, marshal.dumps(_plain(s), FORMAT)) for namespace, s in stakes), FORMAT)


def unpack(packed: bytes) -> Stakes:
    """The namespaces, each with its stake still packed."""
    return dict(marshal.loads(packed)) if packed else {}  # noqa: S302 - our own, see `pack`


def stake_of(packed: bytes) -> Stake:
    """One stake."""
    stake = Stake(*marshal.loads(packed))  # noqa: S302 - our own, see `pack`
    return stake._replace(
        groups=tuple(Group(*g)._replace(containers=tuple(Container(*c) for c in g[6])) for g in stake.groups),
        templates=tuple(Template(*t) for t in stake.templates),
        quotas=tuple(Quota(*q)._replace(requirements=tuple(Requirement(*r) for r in q[3])) for q in stake.quotas),
        ranges=tuple(Range(*r) for r in stake.ranges),
        volumes=tuple(Volume(*v) for v in stake.volumes),
    )


def by_namespace(packed: Iterable[bytes]) -> dict[str, list[tuple[int, bytes]]]:
    """For each namespace, the cells that have a stake in it, by their position, each with its stake still packed."""
    out: dict[str, list[tuple[int, bytes]]] = defaultdict(list)
    for n, cell in enumerate(packed):
        for namespace, stake in unpack(cell).items():
            out[namespace].append((n, stake))
    return out


def unpacked(packed: bytes, memo: dict[object, object]) -> Stake:
    """One stake, unpacked once."""
    key = ("stake", packed)
    if key not in memo:
        memo[key] = stake_of(packed)
    return cast(Stake, memo[key])


def _plain(value: Any) -> Any:
    """Named tuples as plain ones, which `marshal` takes."""
    return tuple(map(_plain, value)) if isinstance(value, tuple) else value
