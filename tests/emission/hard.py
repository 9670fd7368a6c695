"""Lowerings that are hard to explain, each with a site where it is hard."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from tests.emission.nodes import cluster, site, team

from fleetc.emission.site import Lowering, TeamSite
from fleetc.language.team import Team
from fleetc_kubernetes.quantity import parse, split

Object = Mapping[str, Any]


class Case(NamedTuple):
    """A lowering and a site; `elsewhere` are teams that are not on its cluster."""

    name: str
    lower: Callable[[TeamSite], Iterator[Object]]
    site: TeamSite
    elsewhere: tuple[Team, ...]

    @property
    def lowering(self) -> Lowering[TeamSite]:
        return Lowering(self.name, self.lower)


CASES: dict[str, Case] = {}
DEFAULTS = cluster(
    region="r1",
    storage={"a": {"default": True}, "b": {}, "c": {}},
    priorityClasses={"high": {"value": 10}, "low": {"value": 5}},
)
OWN = team(
    namespaces={"a": {"share": 1}, "b": {"share": 3}},
    contact="ops@acme.example",
    costCenter="cc-1207",
    quota={"pods": 5, "jobs": 9, "services": 9, "memory": "4Gi"},
    priorityClasses=["low"],
    network={"egress": {"team/risk": {"to": "team/risk", "ports": ["443"]}, "10.0.0.0/8": {"to": "10.0.0.0/8"}}},
)


def case(
    where: TeamSite | None = None, elsewhere: tuple[Team, ...] = ()
) -> Callable[[Callable[[TeamSite], Any]], Callable[[TeamSite], Any]]:
    """Register a function of a site; what it returns is the object's `v`, next to something that never moves."""

    def register(function: Callable[[TeamSite], Any]) -> Callable[[TeamSite], Any]:
        def lower(s: TeamSite) -> Iterator[Object]:
            yield {"kind": "Case", "v": function(s), "constant": "same"}

        name = function.__name__
        CASES[name] = Case(name, lower, where or site(OWN, DEFAULTS, team("risk")), elsewhere)
        return function

    return register


def own(**spec: Any) -> TeamSite:
    return site(team(**spec), DEFAULTS, team("risk"))


def on(**spec: Any) -> TeamSite:
    return site(OWN, cluster(**spec), team("risk"))


@case()
def minimum(s: TeamSite) -> Any:
    return min(s.team.quota.pods or 0, s.team.quota.jobs or 0)


@case()
def maximum(s: TeamSite) -> Any:
    return max(s.team.quota.pods or 0, s.team.quota.jobs or 0, s.team.quota.services or 0)


@case()
def any_of_items(s: TeamSite) -> Any:
    return any(c.default for c in s.cluster.storage.classes)


@case(on(storage={"a": {"default": True}, "b": {"default": True}}))
def any_of_two_that_hold(s: TeamSite) -> Any:
    return any(c.default for c in s.cluster.storage.classes)


@case(own(priorityClasses=["batch", "best", "other"]))
def any_of_two_texts_that_hold(s: TeamSite) -> Any:
    return any(name.startswith("b") for name in s.team.priority_classes)


@case(on(storage={"a": {}, "b": {}}))
def all_of_items(s: TeamSite) -> Any:
    return all(not c.default for c in s.cluster.storage.classes)


@case()
def sorted_names(s: TeamSite) -> Any:
    return sorted(n.name for n in s.team.namespaces)


@case()
def joined(s: TeamSite) -> Any:
    return ",".join([n.name for n in s.team.namespaces])


@case()
def conditional_block(s: TeamSite) -> Any:
    return {"contact": s.team.contact, "more": {"of": "it"}} if s.team.contact else {}


@case()
def threshold(s: TeamSite) -> Any:
    return "many" if (s.team.quota.pods or 0) > 37 else "few"


@case()
def window(s: TeamSite) -> Any:
    return "in" if 40 <= (s.team.quota.pods or 0) <= 60 else "out"


@case()
def minor(s: TeamSite) -> Any:
    return "dra" if int(s.cluster.kubernetes.partition(".")[2]) >= 37 else "plugin"


@case()
def deduplicated(s: TeamSite) -> Any:
    return list(dict.fromkeys([s.team.contact, s.team.cost_center]))


@case()
def modulo(s: TeamSite) -> Any:
    return "even week" if (s.team.quota.pods or 0) % 7 == 3 else "odd week"


@case()
def modulo_of_a_hundred(s: TeamSite) -> Any:
    return "here" if (s.team.quota.pods or 0) % 100 == 42 else "there"


@case(site(team(namespaces={"a": {"labels": {"x": "1", "y": "2"}}}, labels={"y": "3", "z": "4"}), DEFAULTS))
def merged(s: TeamSite) -> Any:
    return {**s.team.labels, **s.team.namespaces[0].labels, "z": "ours"}


@case()
def either_of_two(s: TeamSite) -> Any:
    return "reachable" if s.team.contact or s.team.cost_center else "unreachable"


@case(own(namespaces={"a": {}, "b": {"podSecurity": "baseline"}}))
def first_that_is_set(s: TeamSite) -> Any:
    return [n.pod_security or s.team.pod_security for n in s.team.namespaces]


@case(own(contact="x"))
def neither(s: TeamSite) -> Any:
    return "unknown" if not s.team.contact and not s.team.cost_center and not s.cluster.region else "known"


@case(own())
def both_of_two(s: TeamSite) -> Any:
    # Both are read whatever they are, and neither is set.
    return "both" if bool(s.team.contact) & bool(s.team.cost_center) else "not both"


@case()
def two_of_three(s: TeamSite) -> Any:
    held = [s.team.contact, s.team.cost_center, s.cluster.region]
    return "most" if sum(map(bool, held)) >= 2 else "few"


@case()
def sum_over_threshold(s: TeamSite) -> Any:
    return "over" if (s.team.quota.pods or 0) + (s.team.quota.jobs or 0) > 100 else "under"


@case()
def equal_reads(s: TeamSite) -> Any:
    return "same" if s.cluster.region == s.team.cost_center else "different"


@case()
def equal_numbers(s: TeamSite) -> Any:
    return "same" if s.team.quota.jobs == s.team.quota.services else "different"


@case()
def prefix(s: TeamSite) -> Any:
    return "sre" if (s.team.contact or "").startswith("sre-") else "other"


@case()
def suffix(s: TeamSite) -> Any:
    return "outside" if not (s.team.contact or "").endswith("@acme.example") else "ours"


@case()
def one_of_constants(s: TeamSite) -> Any:
    return "eu" if s.cluster.region in ("eu-1", "eu-2") else "elsewhere"


@case()
def long_text(s: TeamSite) -> Any:
    return "long" if len(s.team.contact or "") > 20 else "short"


@case()
def first_and_last(s: TeamSite) -> Any:
    return {"first": s.team.namespaces[0].name, "last": s.team.namespaces[-1].share}


@case()
def related(s: TeamSite) -> Any:
    risk = s.teams.get("risk")
    return [n.name for n in risk.namespaces] if risk else "nobody"


@case(elsewhere=(team("audit"),))
def unrelated(s: TeamSite) -> Any:
    return "watched" if s.teams.get("audit") else "unwatched"


@case(elsewhere=(team("audit"),))
def all_teams(s: TeamSite) -> Any:
    return {"names": [t.name for t in s.teams], "number": len(s.teams.names())}


@case()
def shares(s: TeamSite) -> Any:
    return split(s.team.quota.memory or "0", [n.share for n in s.team.namespaces], (parse("1Mi").value,))


@case()
def digest(s: TeamSite) -> Any:
    return {
        "start": (s.team.contact or "")[:3],
        "hash": hashlib.sha256((s.team.contact or "").encode()).hexdigest()[:8],
    }


@case()
def number_of_items(s: TeamSite) -> Any:
    return len(s.team.namespaces)


@case()
def sorted_by_value(s: TeamSite) -> Any:
    return [n.name for n in sorted(s.team.namespaces, key=lambda n: n.share)]


@case()
def first_that_holds(s: TeamSite) -> Any:
    return next((c.name for c in s.cluster.storage.classes if c.default), "none")


@case()
def divided(s: TeamSite) -> Any:
    return (s.team.quota.pods or 0) // 10


@case(on(storage={"a": {"default": True}, "b": {}}))
def exclusive_or(s: TeamSite) -> Any:
    a, b = s.cluster.storage.classes
    return "one" if a.default != b.default else "none or both"


@case()
def the_other_is_not_read(s: TeamSite) -> Any:
    return s.team.contact if s.cluster.kubernetes == "1.35" else s.team.cost_center


@case()
def amount_over_threshold(s: TeamSite) -> Any:
    return "big" if parse(s.team.quota.memory or "0").value > parse("1Ti").value else "small"


@case()
def excluded(s: TeamSite) -> Any:
    return [c.name for c in s.cluster.priority_classes if c.name not in s.team.priority_classes]


@case()
def ports(s: TeamSite) -> Any:
    return [r.last - r.first for peer in s.team.network.egress for r in peer.port_ranges()]


@case()
def peers_by_sort(s: TeamSite) -> Any:
    return {peer.to: "team" if peer.team() else "range" if peer.cidr() else "host" for peer in s.team.network.egress}


@case()
def capped_sum(s: TeamSite) -> Any:
    return min(sum(c.value for c in s.cluster.priority_classes), 1000)


@case()
def text_around(s: TeamSite) -> Any:
    return [f"http://{s.team.name}.{s.cluster.name}:{port}/{s.team.quota.pods}" for port in s.cluster.network.dns.ports]


@case()
def digits_only(s: TeamSite) -> Any:
    return "".join(c for c in s.team.cost_center or "" if c.isdigit())


@case()
def nothing(s: TeamSite) -> Any:
    return [bool(s.team.contact) or True, len(s.cluster.region or "") * 0]
