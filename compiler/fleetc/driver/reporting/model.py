"""The facts of a report: plain data, of the whole fleet. Where something stands is a Span of a spec file."""

from __future__ import annotations

from collections.abc import Mapping

from fleetc.diagnostics import Diagnostic
from fleetc.driver.summary import Summary
from fleetc.plan.view import PlanView
from fleetc.source.span import Span
from fleetc.tuples import NamedTuple


class Inputs(NamedTuple):
    """What was compiled: a digest of all files that the specs are made of, how many these are, and the commit that
    they are of. `modified`: not all are as that commit has them. Without a repository there is no revision."""

    digest: str
    files: int
    revision: str | None
    modified: bool


class Cluster(NamedTuple):
    """A cluster, with how many teams and objects are on it."""

    name: str
    provider: str
    region: str | None
    environment: str
    kubernetes: str
    role: str
    residency: str | None
    platform: str | None
    delivery: str | None
    teams: int
    objects: int
    span: Span


class PolicyOn(NamedTuple):
    """A Policy on a cluster: how it is enforced, what happens to what does not meet it, how many objects of each kind
    it is for, and whether it is emitted for the API server."""

    cluster: str
    enforce: str
    action: str
    objects: Mapping[str, int]
    admitted: bool


class Rule(NamedTuple):
    """A rule of a Policy, its own or its pack's; `ends` counts how it ended by state. `idle`: nothing could break it;
    None where nothing is said of that."""

    name: str
    own: bool
    message: str
    ends: Mapping[str, int]
    idle: bool | None


class Exemption(NamedTuple):
    """An exception of a Policy; `needed` counts the objects that need it."""

    name: str
    owner: str
    reason: str
    expires: str
    rules: tuple[str, ...]
    namespaces: tuple[str, ...]
    names: tuple[str, ...]
    needed: int
    span: Span


class Policy(NamedTuple):
    """A Policy on all of its clusters."""

    name: str
    pack: str | None
    rules: tuple[Rule, ...]
    exceptions: tuple[Exemption, ...]
    on: tuple[PolicyOn, ...]
    span: Span


class Objective(NamedTuple):
    """An Objective as it is on some clusters; one that overrides change is several."""

    name: str
    team: str
    about: str
    """What it is about: `Model/chat` or `Queue/batch`."""
    indicator: str
    threshold: str | None
    target: str
    window: str
    anomalies: tuple[str, ...]
    """The signals that are watched for what is unusual."""
    notices: Mapping[str, str]
    """Who is told, by severity: the type of the receiver."""
    runbook: str | None
    clusters: tuple[str, ...]
    span: Span


class Panel(NamedTuple):
    """A panel of a dashboard on Grafana's grid of 24 columns. `inside`: the titles of those in a row that is folded."""

    title: str
    type: str
    x: int
    y: int
    w: int
    h: int
    inside: tuple[str, ...] = ()


class Dashboard(NamedTuple):
    """A dashboard that is emitted, on all clusters where it is the same. `problem`: why its layout is not known, or not
    all of it."""

    title: str
    uid: str
    kind: str
    namespace: str
    name: str
    key: str
    """The key of a ConfigMap; empty for other kinds."""
    subject: str
    """The spec that it is of."""
    panels: tuple[Panel, ...]
    problem: str
    clusters: tuple[str, ...]
    span: Span


class Compiled(NamedTuple):
    """What a fleet that can be planned tells. `organisation`, `environments`: of the Fleet. `pools`, `workloads`: where
    those stand, by id."""

    organisation: str
    environments: tuple[str, ...]
    clusters: tuple[Cluster, ...]
    view: PlanView
    pools: Mapping[str, Span]
    workloads: Mapping[str, Span]
    policies: tuple[Policy, ...]
    objectives: tuple[Objective, ...]
    dashboards: tuple[Dashboard, ...]


class Report(NamedTuple):
    """All that a report tells. `outputs`: how many files a build would write and delete. What an error keeps from being
    known is None."""

    diagnostics: tuple[Diagnostic, ...]
    inputs: Inputs
    summary: Summary | None
    outputs: tuple[int, int] | None
    compiled: Compiled | None
