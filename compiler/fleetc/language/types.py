"""What the language's types are made of: parts, nodes, and the constraints that a field's annotation carries.

A kind is declared once, as records. The normaliser, the decoder and `explain` read the declaration through
`schema`; lowerings read instances. No field has a default here: defaults are data (`tables/`), applied by resolve.

The modules of kinds do without postponed annotations: `schema` reads every one of them at each start.
"""

import re
from collections.abc import Callable, Mapping
from typing import Annotated, Any, ClassVar, Literal, NamedTuple

from fleetc.language.record import Record
from fleetc.language.texts import (
    is_cidr,
    is_date,
    is_peer,
    is_port,
    is_quantity,
    is_range,
    mend_cidr,
    mend_devices,
    mend_label,
    mend_name,
    mend_path,
    mend_peer,
    mend_port,
    mend_quantity,
    mend_range,
    mend_subdomain,
)


class Text(NamedTuple):
    """A string that matches `pattern` whole and is at most `limit` characters long; `what` names it in messages.

    A pattern is compiled when it is first asked for: together they would cost each start several milliseconds.
    """

    what: str
    pattern: str
    example: str
    limit: int = 253
    number: bool = False
    """A bare integer is taken as its text (quantities, ports)."""
    check: Callable[[str], bool] | None = None
    """What a pattern cannot say."""
    mend: Callable[[str], str] | None = None
    """A guess at what was meant by a text that is not one."""

    def meant(self, text: str) -> str | None:
        """What was probably meant, when that is known."""
        guess = self.mend(text) if self.mend else text
        return guess if guess != text and self.accepts(guess) else None

    def accepts(self, text: str) -> bool:
        """Whether `text` is one."""
        fits = len(text) <= self.limit and re.fullmatch(self.pattern, text) is not None
        return fits and (self.check is None or self.check(text))


class Range(NamedTuple):
    """An integer from `low` to `high`, both inclusive."""

    low: int
    high: int


class Whole(Record):
    """A stronger layer replaces the mapping whole, for its entries only mean something together."""


class Key(NamedTuple):
    """The keys of a mapping match this text."""

    text: Text


_ACCELERATOR = "[A-Za-z0-9][-A-Za-z0-9]*"
_PROFILE = "[A-Za-z0-9.+-]+"
_COUNT = r"(0|[1-9][0-9]{0,5})"
_LABEL = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_SHORT_LABEL = r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?"
_STEP = r"(?!\.\.?(?:/|\Z))[^/\\\x00-\x1f\x7f]+"
_RANGE = r"[0-9a-fA-F.:]+/(0|[1-9][0-9]{0,2})"
_QUALIFIED = rf"((?=[^/]{{1,253}}/){_LABEL}(\.{_LABEL})*/)?[A-Za-z0-9]([-A-Za-z0-9_.]{{0,61}}[A-Za-z0-9])?"

NAME = Text("a name of lower-case letters, digits and '-'", _LABEL, "search", 63, mend=mend_name)
SUBDOMAIN = Text(
    "a name of lower-case letters, digits, '-' and '.'",
    rf"{_LABEL}(\.{_LABEL})*",
    "ceph-rbd.example",
    253,
    mend=mend_subdomain,
)
LABEL_KEY = Text("a label key", _QUALIFIED, "acme.example/tier", 317, mend=mend_label)
LABEL_VALUE = Text(
    "a label value (letters, digits, '-', '_' and '.')",
    r"([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?",
    "gold",
    63,
    mend=mend_label,
)
QUANTITY = Text(
    "a Kubernetes quantity of at least 0",
    r"[0-9]+m|([0-9]+(\.[0-9]{1,3})?|\.[0-9]{1,3})([kMGTPE]|[KMGTPE]i)?",
    '500m, "4" or 80Gi',
    32,
    number=True,
    check=is_quantity,
    mend=mend_quantity,
)
BYTES = Text(
    "an amount of bytes",
    # `512m` is half a byte: whoever writes it means something else.
    r"[0-9]+|([0-9]+(\.[0-9]{1,3})?|\.[0-9]{1,3})([kMGTPE]|[KMGTPE]i)",
    "80Gi",
    32,
    number=True,
    check=is_quantity,
    mend=mend_quantity,
)
CIDR = Text("an IPv4 or IPv6 range", _RANGE, "10.0.0.0/8", 49, check=is_cidr, mend=mend_cidr)
PORT = Text(
    "a port from 1 to 65535",
    r"[1-9][0-9]{0,4}(-[1-9][0-9]{0,4})?(/(TCP|UDP|SCTP))?",
    '443, "53/UDP" or "8000-8100"',
    16,
    number=True,
    check=is_port,
    mend=mend_port,
)
PEER = Text(
    "a peer: team/NAME, namespace/NAME, an IP range or a host name",
    rf"(team|namespace)/{_SHORT_LABEL}|{_RANGE}|(\*\.)?{_SHORT_LABEL}(\.{_SHORT_LABEL})+",
    "team/search, 10.0.0.0/8 or api.bank.example:443",
    255,
    check=is_peer,
    mend=mend_peer,
)
RELATIVE_PATH = Text("a path below the root", rf"{_STEP}(/{_STEP})*", "golden", 255, mend=mend_path)
LINE = Text("one line of text", r"[^\x00-\x1f\x7f-\x9f\u2028\u2029]+", "search-oncall@acme.example", 1024)
GROUP = Text(
    "the name of a group of your identity provider (Kubernetes' own `system:` groups hold everybody)",
    r"(?!system:(?!serviceaccounts:))[^\s\x00]([^\r\n\x00]*[^\s\x00])?",
    "risk-leads",
    256,
)
OWN_LABEL_KEY = Text(
    "a label key that is yours to set: not below kubernetes.io or fleetc.dev",
    rf"(?!([^/]+\.)?(kubernetes\.io|fleetc\.dev)/){_QUALIFIED}",
    "acme.example/tier",
    317,
)
COUNT_RANGE = Text(
    "a count, or the least and the most (`0..16`)",
    rf"{_COUNT}(\.\.{_COUNT})?",
    "4 or 2..8",
    15,
    number=True,
    check=is_range,
    mend=mend_range,
)
DEVICE = Text(
    "an accelerator, or ACCELERATOR/PROFILE where it is shared",
    rf"{_ACCELERATOR}(/{_PROFILE})?",
    "H100 or A100-80/3g.40gb",
    63,
)
DEVICES = Text(
    "an accelerator and how many",
    rf"{_ACCELERATOR}:[1-9][0-9]{{0,3}}",
    "H100:8",
    63,
    mend=mend_devices,
)
ALTERNATIVE = Text(
    "an accelerator (and its profile) and how many of it, nor cpu or auto",
    rf"auto|cpu|{_ACCELERATOR}(/{_PROFILE})?:[1-9][0-9]{{0,3}}",
    "H100:8, A100-80/3g.40gb:1 or auto",
    63,
    mend=mend_devices,
)
TOKENS = Text("a number of tokens", r"[1-9][0-9]{0,9}|[1-9][0-9]{0,6}(k|Ki|M|Mi)", "32Ki", 12, number=True)
MONEY = Text(
    "an amount of money of at most six decimals",
    r"(0|[1-9][0-9]{0,8})(\.[0-9]{1,6})?",
    '"98.32"',
    16,
    number=True,
)
NUMBER = Text(
    "a number",
    # With an exponent as Python writes what YAML reads as a number: 0.00001 is 1e-05.
    r"-?(0|[1-9][0-9]{0,15})(\.[0-9]{1,15})?(e[-+]?[0-9]{1,2})?",
    "0.01",
    40,
    number=True,
)
COMMIT = Text(
    "the whole id of a commit, 40 or 64 hexadecimal digits",
    "[0-9a-f]{40}([0-9a-f]{24})?",
    "6f6073b423013f6a7d4d9f39144961bfbfbc386b",
    64,
    mend=str.lower,
)
# Whole numbers of one unit: what Prometheus, its operator and PromQL all take.
DURATION = Text("a length of time", r"[1-9][0-9]{0,4}(ms|s|m|h|d|w)", "30s, 12h or 28d", 12)
LATENCY = Text(
    "a length of time",
    r"[1-9][0-9]{0,4}(\.[0-9]{1,3})?(ms|s|m)|0\.[0-9]{1,3}(s|m)",
    "500ms, 2.5s or 1m",
    12,
)
SHARE = Text(
    "a share in percent, of at most four decimals",
    r"(100|[1-9]?[0-9])(\.[0-9]{1,4})?%",
    "99.5%",
    9,
)
METRIC = Text(
    "the name of a metric, or how names begin and `*`", r"[a-zA-Z_:][a-zA-Z0-9_:]*\*?", "http_requests_total", 253
)
METRIC_LABEL = Text("the name of a label of a metric", r"[a-zA-Z_][a-zA-Z0-9_]*", "code", 253)
URL = Text("a URL", r"https?://[^\s\x00-\x1f\x7f\"'<>\\`{}|^]+", "https://runbooks.acme.example/search/latency", 1024)
CURRENCY = Text("a currency's code of three capital letters", "[A-Z]{3}", "EUR", 3, mend=str.upper)
VERSION = Text("a version", r"v?[0-9]+(\.[0-9]+)*([-+.][A-Za-z0-9.+-]+)?", "0.19.2", 63, number=True)
IMAGE = Text(
    "an image that is pinned by its digest",
    # The grammar of distribution/reference: a registry with its port, a repository, a tag that only informs.
    r"[a-z0-9]([-a-z0-9._]*[a-z0-9])?(:[0-9]{1,5})?(/[a-z0-9]+([-._]+[a-z0-9]+)*)*(:[A-Za-z0-9_][-A-Za-z0-9._]{0,127})?"
    r"@sha256:[0-9a-f]{64}",
    "registry.acme.example/vllm-openai@sha256:" + "0" * 64,
    512,
)
URL_PATH = Text("a path of a URL", r"/([-A-Za-z0-9._~/]*[-A-Za-z0-9._~])?", "/models/llama", 255)
ADDRESS = Text(
    "the URL of a server",
    r"https?://[a-z0-9]([-a-z0-9.]*[a-z0-9])?(:[1-9][0-9]{0,4})?(/[-A-Za-z0-9._~/]*)?",
    "http://prometheus-operated.monitoring:9090",
    253,
)
REPOSITORY = Text(
    "the URL of a git repository, without a user's password in it",
    # git-clone(1), "GIT URLS"; credentials belong to whoever syncs, never to a spec.
    r"(https?|file|ssh|git)://([A-Za-z0-9._-]+@)?[^\s:@]*(:[0-9]{1,5})?/[^\s@]+|[A-Za-z0-9._-]+@[A-Za-z0-9.-]+:[^\s:]+",
    "https://git.acme.example/platform.git",
    1024,
)
REVISION = Text("a branch, a tag or a commit", r"(?!.*(\.\.|@\{|//|\.lock$))[A-Za-z0-9][-A-Za-z0-9._/+]*", "main", 255)
SERVER = Text(
    "the URL of an API server",
    r"https://([A-Za-z0-9]([-A-Za-z0-9.]*[A-Za-z0-9])?|\[[0-9a-f:]+\])(:[1-9][0-9]{0,4})?",
    "https://203.0.113.7:6443",
    253,
    mend=lambda text: text.rstrip("/"),
)
BASE64 = Text(
    "text in Base64 (RFC 4648, 4)",
    r"([A-Za-z0-9+/]{4})+([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?",
    "LS0tLS1CRUdJTg==",
    65536,
)
TEAM = Text("a team: team/NAME", rf"team/{_SHORT_LABEL}", "team/search", 68)
# What Karpenter's CRD asks of an alias (EC2NodeClass.spec.amiSelectorTerms), of the families that run on Linux; a
# version that moves by itself would replace nodes by itself.
IMAGE_ALIAS = Text(
    "an image family and its version, as Karpenter writes them",
    r"(al2023|bottlerocket)@v?[0-9][A-Za-z0-9._-]*",
    "al2023@v20260827",
    63,
)
RESERVATION = Text(
    "the id of a capacity reservation of EC2, or the name of one of Google's, projects/PROJECT/reservations/NAME for "
    "another project's",
    rf"(projects/[a-z0-9][a-z0-9:.-]*/reservations/)?{_LABEL}",
    "cr-0123456789abcdef0",
)
SOURCE = Text(
    "where a model comes from, and which revision of it",
    r"(hf|oci|s3|gs|pvc)://[^\s@]+(@[^\s@]+)?",
    "hf://meta-llama/Llama-3.3-70B-Instruct@6f6073b423013f6a7d4d9f39144961bfbfbc386b",
    1024,
)

EXPRESSION = Text("an expression of CEL", r"[\s]*[^\s][\s\S]*", 'container.image.contains("@sha256:")', 16384)
PROMQL = Text("an expression of PromQL", r"[\s]*[^\s][\s\S]*", 'sum(rate(http_requests_total{code="500"}[5m]))', 16384)
KIND = Text(
    "a kind, with its API group unless that is the core one",
    rf"({_LABEL}(\.{_LABEL})*/)?[A-Z][A-Za-z0-9]*",
    "Service or apps/Deployment",
    317,
)
DATE = Text("a date", "[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])", '"2027-06-30"', 10, check=is_date)
PARAMETER_VALUE = Text("a text", r"(?s).*", "registry.acme.example/", 65536, number=True)

Name = Annotated[str, NAME]
Subdomain = Annotated[str, SUBDOMAIN]
LabelKey = Annotated[str, LABEL_KEY]
LabelValue = Annotated[str, LABEL_VALUE]
Quantity = Annotated[str, QUANTITY]
Bytes = Annotated[str, BYTES]
Minor = Literal["1.33", "1.34", "1.35", "1.36", "1.37"]
"""The Kubernetes minors whose schemas are packed (`check/packs`); a test holds the two together."""
Cidr = Annotated[str, CIDR]
PortText = Annotated[str, PORT]
PeerText = Annotated[str, PEER]
RelativePath = Annotated[str, RELATIVE_PATH]
Line = Annotated[str, LINE]
Group = Annotated[str, GROUP]
Count = Annotated[int, Range(0, 2**31 - 1)]
CountRange = Annotated[str, COUNT_RANGE]
DevicesText = Annotated[str, DEVICES]
AlternativeText = Annotated[str, ALTERNATIVE]
TokensText = Annotated[str, TOKENS]
MoneyText = Annotated[str, MONEY]
NumberText = Annotated[str, NUMBER]
CommitText = Annotated[str, COMMIT]
CurrencyText = Annotated[str, CURRENCY]
ImageAlias = Annotated[str, IMAGE_ALIAS]
ReservationText = Annotated[str, RESERVATION]
VersionText = Annotated[str, VERSION]
SourceText = Annotated[str, SOURCE]
ImageText = Annotated[str, IMAGE]
UrlPathText = Annotated[str, URL_PATH]
AddressText = Annotated[str, ADDRESS]
TeamText = Annotated[str, TEAM]
RepositoryText = Annotated[str, REPOSITORY]
RevisionText = Annotated[str, REVISION]
ServerText = Annotated[str, SERVER]
Base64Text = Annotated[str, BASE64]
Expression = Annotated[str, EXPRESSION]
PromqlText = Annotated[str, PROMQL]
KindText = Annotated[str, KIND]
DateText = Annotated[str, DATE]
Parameter = Annotated[str, PARAMETER_VALUE]
DurationText = Annotated[str, DURATION]
LatencyText = Annotated[str, LATENCY]
ShareText = Annotated[str, SHARE]
MetricText = Annotated[str, METRIC]
MetricLabel = Annotated[str, METRIC_LABEL]
UrlText = Annotated[str, URL]

Labels = Annotated[Mapping[str, LabelValue], Key(LABEL_KEY)]
OwnLabels = Annotated[Mapping[str, LabelValue], Key(OWN_LABEL_KEY)]
"""Labels that never stand in the way of those which fleetc or Kubernetes sets."""
LabelSelector = Annotated[Mapping[str, LabelValue], Key(LABEL_KEY), Whole()]
"""Labels that all have to be met."""
Annotations = Annotated[Mapping[str, Annotated[str, Text("a text", r"(?s).*", "text", 262144)]], Key(LABEL_KEY)]
Strings = Mapping[str, str]
Raw = Mapping[str, Any]
"""JSON-like data, carried as it is."""


class Part(Record):
    """A value inside a node. `KEY` names the field by which items of this type are told apart in a list."""

    KEY: ClassVar[str | None] = None
    SHORT: ClassVar[str | None] = None
    """The field that is meant by a scalar in place of the part: `engine: vllm` is `engine: {name: vllm}`."""
    FROM_METADATA: ClassVar[tuple[str, ...]] = ()
    """Fields that stand in the metadata: no default and no override reaches them."""


class Node(Part):
    """One spec, resolved for one cluster. `id` is `Kind/name`; of what belongs to a cluster, `Kind/CLUSTER/name`."""

    id: str
    name: Name
    labels: Mapping[str, LabelValue]
