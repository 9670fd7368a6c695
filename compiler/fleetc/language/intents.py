"""What fills panels: which intents something measures, of what a Dashboard is about on a cluster.

The plan asks before anything is emitted, and lowerings ask the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Final, Literal, Protocol, TypeVar, get_args

from fleetc.catalogue.accelerators import Vendor, accelerator
from fleetc.catalogue.components import served_in
from fleetc.catalogue.metrics import Metric, source
from fleetc.language import amounts
from fleetc.language.cluster import Cluster
from fleetc.language.dashboard import Dashboard, Intent
from fleetc.language.measures import QUEUES
from fleetc.language.objective import Objective
from fleetc.language.pool import GPUPool
from fleetc.language.serving import Serving
from fleetc.language.team import Quota, Team
from fleetc.language.telemetry import Telemetry
from fleetc.language.types import Node
from fleetc.tuples import NamedTuple

N_co = TypeVar("N_co", bound=Node, covariant=True)
About = Literal["model", "pool", "team", "fleet"]

INTENTS: Final[tuple[Intent, ...]] = get_args(Intent)
OF_POOLS: Final[frozenset[Intent]] = frozenset({"gpu", "errors"})
OF_TEAMS: Final[frozenset[Intent]] = frozenset({"quota"})
"""Of teams and of fleets, and not of models."""
ROLES: Final[Mapping[Intent, tuple[str, ...]]] = {
    "latency": ("timeToFirstToken", "timePerOutputToken", "requestLatency"),
    "throughput": ("generationTokens", "promptTokens", "succeeded"),
    "kvCache": ("kvCache", "prefixHitRate", "prefixCacheHits"),
    "queue": ("waiting", "running", "queueTime"),
    "errors": ("requests",),
}
"""The roles of metrics of engines, any of which fills a panel."""
DEVICES: Final = "dcgm-exporter"
OBJECTS: Final = "kube-state-metrics"
_GROUP: Final = "monitoring.coreos.com"
_LOCAL: Final = "kueue_local_queue_pending_workloads"


class Named(Protocol[N_co]):
    """Nodes of a kind on a cluster."""

    def names(self) -> tuple[str, ...]:
        """Their names."""
        ...

    def get(self, name: str, /) -> N_co | None:
        """One of them."""
        ...

    def __iter__(self) -> Iterator[N_co]: ...


class Here(Protocol):
    """A Dashboard on a cluster, with what is there: its site."""

    @property
    def dashboard(self) -> Dashboard: ...  # noqa: D102 - as the site has it, and those below
    @property
    def cluster(self) -> Cluster: ...  # noqa: D102
    @property
    def teams(self) -> Named[Team]: ...  # noqa: D102
    @property
    def pools(self) -> Named[GPUPool]: ...  # noqa: D102
    @property
    def servings(self) -> Named[Serving]: ...  # noqa: D102
    @property
    def telemetries(self) -> Named[Telemetry]: ...  # noqa: D102
    @property
    def objectives(self) -> Named[Objective]: ...  # noqa: D102


class Topic(NamedTuple):
    """What a Dashboard is about, and its name ("" of a fleet)."""

    about: About
    name: str


def topic(node: Dashboard) -> Topic | None:
    """What a Dashboard is about; None where it says nothing, or two things."""
    of = node.for_
    found = [Topic("model", of.model or ""), Topic("pool", of.pool or ""), Topic("team", of.team or "")]
    said = [one for one in found if one.name] + ([Topic("fleet", "")] if of.scope is not None else [])
    return said[0] if len(said) == 1 else None


def suits(about: About, intent: Intent) -> bool:
    """Whether there can be such a panel of such a thing."""
    if about == "pool":
        return intent in OF_POOLS
    return about != "model" or intent not in OF_TEAMS


def is_here(here: Here, of: Topic) -> bool:
    """Whether that which it is about is on the cluster."""
    match of.about:
        case "model":
            return here.servings.get(of.name) is not None
        case "pool":
            return here.pools.get(of.name) is not None
        case "team":
            return here.teams.get(of.name) is not None
        case _:
            return True


def servings(here: Here, of: Topic) -> list[Serving]:
    """The models on the cluster that it is about."""
    if of.about == "model":
        found = here.servings.get(of.name)
        return [found] if found is not None else []
    if of.about == "pool":
        return []
    return [serving for serving in here.servings if of.about == "fleet" or serving.team == of.name]


def engine_metrics(here: Here, of: Topic, role: str) -> list[Metric]:
    """The metrics of a role, of the engines that serve there in their versions, each once."""
    if served_in(here.cluster.components, _GROUP, "ServiceMonitor", "v1") is None:
        return []
    found: dict[str, Metric] = {}
    for serving in servings(here, of):
        exposes = source(serving.engine)
        metric = exposes.of_role(role, serving.version) if exposes is not None else None
        if metric is not None:
            found.setdefault(metric.name, metric)
    return list(found.values())


def reads(here: Here, wanted: str) -> bool:
    """Whether a Telemetry there reads a source."""
    return any(target.source == wanted for telemetry in here.telemetries for target in telemetry.targets)


def objectives(here: Here, of: Topic) -> list[Objective]:
    """The Objectives about it that something counts there."""
    if of.about == "pool" or served_in(here.cluster.components, _GROUP, "PrometheusRule", "v1") is None:
        return []
    return [node for node in here.objectives if _is_about(here, of, node) and _is_counted(here, node)]


def _is_about(here: Here, of: Topic, node: Objective) -> bool:
    if of.about == "model":
        return node.model == of.name
    return of.about == "fleet" or node.team == of.name


def _is_counted(here: Here, node: Objective) -> bool:
    """An Objective of a model that is not there waits for it."""
    return node.model is None or here.servings.get(node.model) is not None


def has_local_queues(here: Here) -> bool:
    """Whether Kueue's queues of namespaces are there, and what it tells of each."""
    exposes, version = source(QUEUES), here.cluster.components.get(QUEUES)
    known = exposes is not None and version is not None and exposes.metric(_LOCAL, version) is not None
    return known and has_queues(here)


def has_queues(here: Here) -> bool:
    """Whether there are queues of Kueue, which it is asked about."""
    return QUEUES in here.cluster.components and reads(here, QUEUES) and bool(here.pools.names())


def has_devices(here: Here, of: Topic) -> bool:
    """Whether it has devices of which DCGM tells: NVIDIA's."""
    if of.about == "pool":
        pool = here.pools.get(of.name)
        return pool is not None and _nvidia(_accelerator(pool))
    if of.about == "model":
        return any(_nvidia(part.accelerator) for serving in servings(here, of) for part in serving.parts)
    return any(_nvidia(_accelerator(pool)) for pool in here.pools)


def _accelerator(pool: GPUPool) -> str:
    asked = amounts.devices(pool.accelerators) if pool.accelerators is not None else None
    return asked.accelerator if asked is not None else ""


def _nvidia(name: str) -> bool:
    found = accelerator(name) if name else None
    return found is not None and found.vendor is Vendor.NVIDIA


def is_limited(quota: Quota) -> bool:
    """Whether a team may have some of anything, and no more."""
    texts = (quota.cpu, quota.memory, quota.ephemeral_storage, quota.storage)
    counts = (
        *(quota.pods, quota.persistent_volume_claims, quota.services, quota.load_balancers, quota.node_ports),
        *(quota.config_maps, quota.secrets, quota.jobs),
    )
    return any(text is not None and amounts.millis(text) > Fraction(0) for text in texts) or any(counts)


def missing(here: Here, of: Topic, intent: Intent) -> str | None:
    """Why nothing fills an intent there, as the end of `is not known:`; None where something does."""
    match intent:
        case "objectives":
            return None if objectives(here, of) else "no Objective is about it"
        case "gpu":
            return _no_devices(here, of)
        case "quota":
            return _no_quota(here, of)
        case "errors" if of.about == "pool":
            return _no_devices(here, of)
        case _:
            if any(engine_metrics(here, of, role) for role in ROLES[intent]):
                return None
            return None if intent == "queue" and _queues(here, of) else _no_engine(here, of)


def _queues(here: Here, of: Topic) -> bool:
    if of.about == "team":
        return has_local_queues(here)
    return of.about == "fleet" and has_queues(here)


def _no_engine(here: Here, of: Topic) -> str:
    if served_in(here.cluster.components, _GROUP, "ServiceMonitor", "v1") is None:
        return "there is no ServiceMonitor"
    found = list(dict.fromkeys(f"{serving.engine} {serving.version}" for serving in servings(here, of)))
    return f"{' and '.join(found)} does not tell" if found else "no model serves"


def _no_devices(here: Here, of: Topic) -> str | None:
    if not has_devices(here, of):
        return "it has no devices of NVIDIA"
    absent = [name for name in (DEVICES, OBJECTS) if not reads(here, name)]
    return f"no Telemetry reads {' and '.join(absent)}" if absent else None


def _no_quota(here: Here, of: Topic) -> str | None:
    teams = [team for team in here.teams if of.about == "fleet" or team.name == of.name]
    if not any(is_limited(team.quota) for team in teams):
        return "no quota limits it"
    return None if reads(here, OBJECTS) else f"no Telemetry reads {OBJECTS}"


def asked(node: Dashboard) -> tuple[Intent, ...]:
    """The intents that a Dashboard names, in the order of dashboards; all for `auto`."""
    return tuple([intent for intent in INTENTS if "auto" in node.panels or intent in node.panels])


def filled(here: Here, of: Topic) -> list[Intent]:
    """The intents that are asked for and that something fills there."""
    return [intent for intent in asked(here.dashboard) if suits(of.about, intent) and not missing(here, of, intent)]
