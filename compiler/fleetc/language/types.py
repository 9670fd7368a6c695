"""What the language's types are made of: parts, nodes, and the constraints that a field's annotation carries.

A kind is declared once, as frozen dataclasses. The normaliser, the decoder and `explain` read the declaration through
`schema`; lowerings read instances. No field has a default here: defaults are data (`tables/`), applied by resolve.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar


@dataclass(frozen=True, kw_only=True)
class Part:
    """A value inside a node. `KEY` names the field by which items of this type are told apart in a list."""

    KEY: ClassVar[str | None] = None


@dataclass(frozen=True, kw_only=True)
class Node(Part):
    """One spec, resolved for one cluster. `id` is `Kind/name`."""

    id: str
    name: Name
    labels: Mapping[str, LabelValue]


@dataclass(frozen=True)
class Text:
    """A string that matches `pattern` whole and is at most `limit` characters long; `what` names it in messages."""

    what: str
    pattern: re.Pattern[str]
    example: str
    limit: int = 253
    number: bool = False
    """A bare integer is taken as its text (quantities, ports)."""

    def accepts(self, text: str) -> bool:
        """Whether `text` is one."""
        return len(text) <= self.limit and self.pattern.fullmatch(text) is not None


@dataclass(frozen=True)
class Range:
    """An integer from `low` to `high`, both inclusive."""

    low: int
    high: int


@dataclass(frozen=True)
class Key:
    """The keys of a mapping match this text."""

    text: Text


_LABEL = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_QUALIFIED = rf"({_LABEL}(\.{_LABEL})*/)?[A-Za-z0-9]([-A-Za-z0-9_.]{{0,61}}[A-Za-z0-9])?"

NAME = Text("a name of lower-case letters, digits and '-'", re.compile(_LABEL), "search", 63)
SUBDOMAIN = Text("a DNS subdomain", re.compile(rf"{_LABEL}(\.{_LABEL})*"), "ceph-rbd.example", 253)
LABEL_KEY = Text("a label key", re.compile(_QUALIFIED), "acme.example/tier", 317)
LABEL_VALUE = Text("a label value", re.compile(r"([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?"), "gold", 63)
QUANTITY = Text(
    "a Kubernetes quantity",
    re.compile(r"(?=.{1,32}\Z)([0-9]+(\.[0-9]{1,3})?|\.[0-9]{1,3})(m|k|M|G|T|P|Ki|Mi|Gi|Ti|Pi)?"),
    "80Gi",
    32,
    number=True,
)
MINOR = Text("a Kubernetes minor version", re.compile(r"1\.[1-9][0-9]"), '"1.35"', 5)
CIDR = Text("an IPv4 or IPv6 range", re.compile(r"[0-9a-fA-F.:]+/[0-9]{1,3}"), "10.0.0.0/8", 49)
PORT = Text(
    "a port", re.compile(r"[0-9]{1,5}(-[0-9]{1,5})?(/(TCP|UDP|SCTP))?"), '443, "53/UDP" or "8000-8100"', 16, number=True
)
PEER = Text(
    "a peer: team/NAME, namespace/NAME, an IP range or a host name",
    re.compile(
        r"(team|namespace)/[a-z0-9]([-a-z0-9]*[a-z0-9])?|[0-9a-fA-F.:]+/[0-9]{1,3}|(\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)+"
    ),
    "team/search, api.bank.example:443",
    259,
)
RELATIVE_PATH = Text("a path below the root", re.compile(r"(?!/)(?!.*(?:^|/)\.\.?(?:/|$))[^\0\\]+"), "golden", 255)
LINE = Text("one line of text", re.compile(r"[^\r\n\0]+"), "search-oncall@acme.example", 1024)
GROUP = Text(
    "the name of a group, user or other identity", re.compile(r"[^\s\0]([^\r\n\0]*[^\s\0])?"), "risk-leads", 256
)

Name = Annotated[str, NAME]
Subdomain = Annotated[str, SUBDOMAIN]
LabelKey = Annotated[str, LABEL_KEY]
LabelValue = Annotated[str, LABEL_VALUE]
Quantity = Annotated[str, QUANTITY]
Minor = Annotated[str, MINOR]
Cidr = Annotated[str, CIDR]
PortText = Annotated[str, PORT]
PeerText = Annotated[str, PEER]
RelativePath = Annotated[str, RELATIVE_PATH]
Line = Annotated[str, LINE]
Group = Annotated[str, GROUP]
Count = Annotated[int, Range(0, 2**31 - 1)]

Labels = Annotated[Mapping[str, LabelValue], Key(LABEL_KEY)]
Annotations = Annotated[
    Mapping[str, Annotated[str, Text("a text", re.compile(r"(?s).*"), "text", 262144)]], Key(LABEL_KEY)
]
Strings = Mapping[str, str]
Raw = Mapping[str, Any]
"""JSON-like data, carried as it is."""
