"""What stands against Dashboards where they are: panels that nothing fills, and that there is nothing to show."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import cast

from fleetc.diagnostics import Code, Diagnostic, codes
from fleetc.emission.site import DashboardSite
from fleetc.language.dashboard import AnyIntent
from fleetc.language.document import Locate
from fleetc.language.intents import Topic, filled, is_here, missing, suits, topic
from fleetc.language.table import TABLE_FILE
from fleetc.plan.plan import Plan, Subject
from fleetc.plan.waiting import is_waiting
from fleetc.resolve.places import Places
from fleetc.source.span import Path

_Against = tuple[Code, Path, str, str]


def charted(plan: Plan, locate: Locate, *, whole: bool = True) -> Iterator[Diagnostic]:
    """Everything that is wrong, each thing once. Without `whole`, the plan is of some clusters."""
    found: list[Diagnostic] = []
    for subject in plan.subjects.values():
        if subject.kind == "Dashboard":
            found += _dashboard(plan, subject, locate, whole)
    yield from dict.fromkeys(found)


def _dashboard(plan: Plan, subject: Subject, locate: Locate, whole: bool) -> Iterator[Diagnostic]:
    heard, said = False, set[tuple[str, str, str]]()
    sites = [(n, cast(DashboardSite, plan.site(subject, n))) for n in subject.placed]
    topics = [(n, site, of) for n, site in sites if (of := topic(site.dashboard)) is not None and is_here(site, of)]
    elsewhere = {intent for _, site, of in topics for intent in site.dashboard.panels if _is_filled(site, of, intent)}
    for n, site, of in topics:
        heard = True
        for code, path, message, hint in _against(site, of, elsewhere):
            if path[:1] == ("panels",) and _is_waited_for(plan, of):
                continue
            # What is the same of several clusters is said of the first of them.
            if (code.code, repr(path), hint) not in said:
                said.add((code.code, repr(path), hint))
                yield _problem(plan, subject, n, locate, (code, path, message, hint))
    if whole and subject.placed and not heard and not is_waiting(plan, subject):
        n = subject.placed[0]
        of = topic(cast(DashboardSite, plan.site(subject, n)).dashboard)
        assert of is not None
        message = f"{_called(of)} is on none of the clusters of Dashboard {subject.name}"
        against = (codes.NOT_SHOWN, ("for", of.about), message, "widen the placement of one of them")
        yield _problem(plan, subject, n, locate, against)


def _is_waited_for(plan: Plan, of: Topic) -> bool:
    """Whether some model of a team or of the fleet is served nowhere: that it has no room is what is wrong."""
    models = [doc for doc in plan.world.docs.values() if doc.kind == "Model"]
    theirs = [doc for doc in models if of.about == "fleet" or doc.tree["spec"].get("team") == of.name]
    served = {name for n in range(len(plan.world.clusters)) for name in plan.names_on("Serving", n)}
    return of.about in ("team", "fleet") and any(doc.name not in served for doc in theirs)


def _problem(plan: Plan, subject: Subject, cluster: int, locate: Locate, found: _Against) -> Diagnostic:
    doc = plan.doc(subject, cluster)
    places = Places(doc, plan.world.layers(doc, cluster), locate)
    code, path, message, hint = found
    # What the built-in table says nobody can mend there.
    return places.problem(code, message, () if places.span(path).file == TABLE_FILE else path, hint)


def _called(of: Topic) -> str:
    names = {"model": "Model", "pool": "GPUPool", "team": "Team", "fleet": "the fleet"}
    return f"{names[of.about]} {of.name}".rstrip()


def _is_filled(site: DashboardSite, of: Topic, intent: AnyIntent) -> bool:
    return intent != "auto" and suits(of.about, intent) and missing(site, of, intent) is None


def _against(site: DashboardSite, of: Topic, elsewhere: Collection[str]) -> Iterator[_Against]:
    """`elsewhere`: the intents that something fills on some cluster. What is on a team's clusters, and on those of the
    fleet, changes with every move of a model: a panel has to be filled on one of them."""
    node, at = site.dashboard, f"on cluster {site.cluster.name}"
    serving = site.servings.get(of.name) if of.about == "model" else None
    if serving is not None and node.team not in (None, serving.team):
        message = f"Model {of.name} is team {serving.team}'s, not team {node.team}'s"
        hint = f"name one of its own, or make it a Dashboard of team {serving.team}"
        yield codes.INVALID_VALUE, ("for", "model"), message, hint
        return
    if node.team is None and site.cluster.monitoring.namespace is None:
        message = f"where Dashboard {node.name} is {at} is not known"
        hint = "write `monitoring.namespace` of the cluster, or a team in the metadata of the Dashboard"
        yield codes.NOT_SHOWN, ("placement",), message, hint
    if "auto" in node.panels:
        if not filled(site, of) and not node.queries:
            message = f"nothing is measured of {_called(of)} {at}"
            hint = "leave the cluster out of the placement, or write `queries`"
            yield codes.NOT_SHOWN, ("panels",), message, hint
        return
    for n, intent in enumerate(node.panels):
        if of.about in ("team", "fleet") and intent in elsewhere:
            continue
        why = missing(site, of, intent) if intent != "auto" and suits(of.about, intent) else None
        if why is not None:
            message = f"nothing fills panels of `{intent}` of {_called(of)} {at}: {why}"
            hint = f"leave {intent} out, or the cluster out of the placement"
            yield codes.EMPTY_PANEL, ("panels", n), message, hint
