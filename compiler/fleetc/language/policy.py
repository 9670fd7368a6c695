"""Kind Policy: rules in CEL on emitted objects, judged at build and, as admission policies, by each cluster's API
server."""

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal

from fleetc.language.placement import Selector
from fleetc.language.types import (
    DateText,
    Expression,
    Key,
    KindText,
    LabelSelector,
    Line,
    Name,
    Node,
    Parameter,
    Part,
    Raw,
    Text,
)

On = Literal["object", "pod", "container"]
Enforce = Literal["build", "admission", "both"]
Action = Literal["deny", "warn", "audit"]
Pack = Literal["baseline", "restricted", "regulated", "ai-conformance"]

PARAMETER = Text("the name of a parameter", "[A-Za-z_][A-Za-z0-9_]*", "registries", 63)


class Rule(Part):
    """What must be true of every object, every pod (Pods and the templates of workloads), or every container in them.
    `pass` and `fail` are merged over a valid one, and judged as tests."""

    KEY: ClassVar[str] = "name"

    name: Name
    on: On
    expression: Expression
    message: Line
    fix: Line
    pass_: Raw | None
    fail: Raw | None


class Match(Part):
    """Which objects: those in the namespaces of teams, or of `teams` alone, or in `namespaces`; of `kinds`, if there
    are any; with all of `labels`."""

    kinds: tuple[KindText, ...]
    teams: tuple[Name, ...]
    namespaces: tuple[Name, ...]
    labels: LabelSelector


class Excepted(Part):
    """What an exception is for: objects in one of `namespaces`, if there are any, with one of `names`, if there are
    any; or what a controller made of such an object."""

    namespaces: tuple[Name, ...]
    names: tuple[Name, ...]


class Exemption(Part):
    """Objects that need not meet some rules, or any: who answers for it, why, and until when."""

    KEY: ClassVar[str] = "name"

    name: Name
    owner: Line
    reason: Line
    expires: DateText
    rules: tuple[Name, ...]
    match: Excepted


class Policy(Node):
    """Rules, those of a pack and its own; the objects that have to meet them; and what happens when one does not."""

    pack: Pack | None
    exclude: tuple[Name, ...]
    rules: tuple[Rule, ...]
    match: Match
    enforce: Enforce
    action: Action
    parameters: Annotated[Mapping[str, Parameter], Key(PARAMETER)]
    exceptions: tuple[Exemption, ...]
    placement: Selector
