"""Model architectures: the numbers of a published config.json that decide how much memory serving takes."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from functools import cache

from fleetc.catalogue.precisions import Precision
from fleetc.catalogue.read import rows
from fleetc.tuples import NamedTuple


class Attention(StrEnum):
    """What is cached of a token, per layer: a key and a value per KV head, one latent vector, or nothing."""

    MULTI_HEAD = "multiHead"
    GROUPED_QUERY = "groupedQuery"
    MULTI_QUERY = "multiQuery"
    LATENT = "latent"
    ENCODER = "encoder"


class Latent(NamedTuple):
    """Multi-head latent attention: the cached vector has `rank` + `rope` values."""

    rank: int
    rope: int


class Experts(NamedTuple):
    """A mixture of experts: `layers` layers with `routed` experts of width `intermediate`, `per_token` used."""

    routed: int
    per_token: int
    intermediate: int
    layers: int


class Architecture(NamedTuple):
    """One architecture, with the Hugging Face repositories that it describes.

    `full_layers` of the `layers` attend to, and cache, the whole context. The others keep the last `window` tokens
    (sliding attention) or `state_bytes` for a sequence of any length (linear attention). `intermediate` is the width
    of dense layers. `weights` are bytes of whole checkpoints as engines load them, where published or measured; other
    formats are computed from `parameters`. `block` is the width of quantised blocks of its 8-bit checkpoints: what
    tensor parallelism leaves of an expert has to be a multiple.
    """

    name: str
    ids: tuple[str, ...]
    parameters: int
    layers: int
    hidden: int
    intermediate: int
    heads: int
    kv_heads: int
    head_dim: int
    attention: Attention
    vocabulary: int
    tied: bool
    full_layers: int
    max_context: int
    precision: Precision
    weights: Mapping[Precision, int]
    active_parameters: int | None = None
    latent: Latent | None = None
    window: int | None = None
    state_bytes: int | None = None
    experts: Experts | None = None
    block: int | None = None

    def embedding_parameters(self) -> int:
        """Parameters of the input embedding and of the head, which quantised checkpoints leave in 16 bits."""
        return self.vocabulary * self.hidden * (1 if self.tied else 2)

    def expert_parameters(self) -> int:
        """Parameters of all routed experts (three projections each)."""
        if self.experts is None:
            return 0
        return self.experts.layers * self.experts.routed * 3 * self.hidden * self.experts.intermediate


@cache
def architectures() -> tuple[Architecture, ...]:
    """Every architecture, in the order of the table."""
    return rows("architectures", Architecture)


@cache
def _by_name() -> dict[str, Architecture]:
    found = {id.lower(): a for a in architectures() for id in a.ids}
    return {**found, **{a.name.lower(): a for a in architectures()}}


def architecture(name: str) -> Architecture | None:
    """The architecture of a catalogue name or of a Hugging Face repository id, in any case; None when unknown."""
    return _by_name().get(name.lower())


def architecture_names() -> tuple[str, ...]:
    """Catalogue names and repository ids, to propose one where a name is unknown."""
    return tuple(n for a in architectures() for n in (a.name, *a.ids))
