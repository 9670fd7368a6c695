"""Kind Model: a model to be served, how large requests may be, on which devices, and where."""

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal

from fleetc.language.placement import Selector
from fleetc.language.types import (
    NAME,
    AlternativeText,
    Bytes,
    Count,
    CountRange,
    ImageText,
    Key,
    Line,
    Name,
    Node,
    Part,
    Quantity,
    Range,
    SourceText,
    Subdomain,
    TeamText,
    TokensText,
    UrlPathText,
    VersionText,
)

Weights = Literal["fp32", "bf16", "fp16", "fp8", "int8", "mxfp4", "nvfp4", "int4"]
"""The number formats of the catalogue; a test holds the two together."""


class Latent(Part):
    """Multi-head latent attention: the cached vector has `rank` + `rope` values."""

    rank: Count | None
    rope: Count | None


class Experts(Part):
    """A mixture of experts: `layers` layers of `routed` experts of width `intermediate`, `perToken` used."""

    routed: Count | None
    per_token: Count | None
    intermediate: Count | None
    layers: Count | None


class Architecture(Part):
    """The shape of the model: by its name in the catalogue, else by the numbers of its config.json."""

    SHORT: ClassVar[str] = "name"

    name: Line | None
    parameters: Annotated[int, Range(1, 2**53)] | None
    layers: Count | None
    hidden: Count | None
    intermediate: Count | None
    heads: Count | None
    kv_heads: Count | None
    head_dim: Count | None
    attention: Literal["multiHead", "groupedQuery", "multiQuery", "latent", "encoder"] | None
    vocabulary: Count | None
    tied: bool | None
    full_layers: Count | None
    max_context: Count | None
    latent: Latent
    window: Count | None
    state_bytes: Annotated[int, Range(1, 2**53)] | None
    experts: Experts


class Engine(Part):
    """What serves the model: `image` is pinned by digest, `memory` the share of the device's memory that it takes, in
    percent."""

    SHORT: ClassVar[str] = "name"

    name: Literal["vllm", "sglang"]
    version: VersionText | None
    image: ImageText | None
    memory: Annotated[int, Range(1, 100)] | None


class PerDevice(Part):
    """CPU and memory of a pod for each of its devices."""

    cpu: Quantity
    memory: Bytes


class Pod(Part):
    """CPU and memory that a pod asks for: these, and `perDevice` for each of its devices."""

    cpu: Quantity
    memory: Bytes
    per_device: PerDevice


class ModelPlacement(Selector):
    """Which clusters it may run on, and how its replicas are spread over them."""

    spread: Literal["none", "cluster", "zone"]
    count: CountRange | None
    failover: bool
    weights: Annotated[Mapping[str, Annotated[int, Range(1, 1000)]], Key(NAME)]


class Credentials(Part):
    """What its source asks for: a Secret in the team's first namespace. Its keys are environment variables of what
    loads the weights; of an OCI registry it is one of type kubernetes.io/dockerconfigjson."""

    secret: Subdomain | None


class Cache(Part):
    """Where the weights are kept: an `image` volume of the node, one volume `shared` by all replicas, or one `local` to
    each. `storage` is a class of the cluster's storage, `loader` the image with which object storage is read."""

    SHORT: ClassVar[str] = "type"

    type: Literal["image", "shared", "local"] | None
    storage: Subdomain | None
    loader: ImageText | None


class Autoscaling(Part):
    """When replicas are added, up to the most of `replicas`: above so many waiting requests for each replica, or above
    so many percent of its KV cache; whichever asks for more."""

    queue: Annotated[int, Range(1, 100_000)] | None
    kv_cache: Annotated[int, Range(1, 100)] | None


class Routing(Part):
    """At which host name and below which path the cluster's gateway serves it, and from which clusters: its own, or all
    that the model is on."""

    hostname: Subdomain | None
    path: UrlPathText
    clusters: Literal["own", "all"]

    def shared(self) -> bool:
        """Whether requests go to servers on other clusters, too."""
        return self.hostname is not None and self.clusters == "all"


class Model(Node):
    """A model of a team. Where values differ between clusters, those with equal ones are planned together, and
    `replicas` are totals of these."""

    FROM_METADATA: ClassVar[tuple[str, ...]] = ("team",)

    team: Name
    source: SourceText
    credentials: Credentials
    cache: Cache
    architecture: Architecture
    precision: Weights | None
    cache_precision: Weights | None
    engine: Engine
    context: TokensText | None
    concurrency: Annotated[int, Range(1, 100_000)]
    resources: tuple[AlternativeText, ...]
    pod: Pod
    replicas: CountRange
    autoscaling: Autoscaling
    routing: Routing
    access: tuple[TeamText, ...]
    placement: ModelPlacement
