"""What is asked and what is answered: workloads, machines, layouts, verdicts."""

from __future__ import annotations

from enum import StrEnum

from fleetc.catalogue.accelerators import Accelerator
from fleetc.catalogue.architectures import Architecture
from fleetc.catalogue.engines import Overhead, Release
from fleetc.catalogue.precisions import Precision
from fleetc.tuples import NamedTuple


class Constraint(StrEnum):
    """What decides: why a layout does not fit, or which share of memory is the largest where it does."""

    WEIGHTS = "weights"
    CACHE = "kv cache"
    RUNTIME = "activations and runtime"
    HEADS = "attention heads not divisible"
    KV_HEADS = "kv heads not divisible"
    LAYERS = "more stages than layers"
    BLOCKS = "quantised blocks not divisible"
    DENSE = "no experts to spread"
    DOMAIN = "fast domain too small"
    PRECISION = "precision not supported"
    CACHE_PRECISION = "cache precision not supported"
    CONTEXT = "context beyond the model's"
    MIG_PARALLEL = "mig slices cannot work together"
    MIG_PROFILE = "no such mig profile"
    MIG_MEMORY = "memory of the mig profile not known"


class Layout(NamedTuple):
    """How one replica is spread: tensor x pipeline x data parallel ranks, one device each.

    With `expert`, routed experts are spread over tensor x data ranks instead of cut by tensor rank; data ranks hold
    their own cache and share of the sequences, and whole copies of everything else.
    """

    tensor: int
    pipeline: int = 1
    data: int = 1
    expert: bool = False

    @property
    def devices(self) -> int:
        """Devices of one replica."""
        return self.tensor * self.pipeline * self.data


class Machine(NamedTuple):
    """A kind of node: an accelerator, how many of it, and the MIG profile that each is sliced into."""

    accelerator: Accelerator
    devices: int
    profile: str | None = None

    @property
    def domain(self) -> int:
        """How many devices tensor parallelism may span: those of a node, or of the fast domain where it is larger."""
        return self.accelerator.fast_domain if self.accelerator.across_nodes else self.devices


class Workload(NamedTuple):
    """A model as it is to be served: `context` tokens for each of `concurrency` sequences at once."""

    architecture: Architecture
    weights: Precision
    cache: Precision
    context: int
    concurrency: int = 1


class Terms(NamedTuple):
    """What an engine takes: its share of the memory in thousandths, its granules in tokens, its overhead."""

    utilization_permille: int
    block_tokens: int
    prefill_tokens: int
    overhead: Overhead

    @classmethod
    def of(
        cls,
        release: Release,
        overhead: Overhead,
        utilization_permille: int | None = None,
        sequences: int | None = None,
    ) -> Terms:
        """The terms of an engine's release: its defaults, or another share, or another limit of sequences at once."""
        share = release.utilization_permille if utilization_permille is None else utilization_permille
        taken = overhead if sequences is None else overhead._replace(sequences=sequences)
        return cls(share, release.block_tokens, release.prefill_tokens, taken)


class Fit(NamedTuple):
    """The verdict on one layout. Bytes of the fullest device; zeros where the layout is impossible.

    `margin` is what is left of `usable`, negative where it does not fit. `over_pcie` says that tensor parallelism
    leaves the fast domain, which works and is slow.
    """

    layout: Layout
    fits: bool
    binding: Constraint
    weights: int = 0
    cache: int = 0
    runtime: int = 0
    usable: int = 0
    over_pcie: bool = False

    @property
    def margin(self) -> int:
        """Bytes left on the fullest device."""
        return self.usable - self.weights - self.cache - self.runtime


class Change(StrEnum):
    """In what a proposal differs from what was asked, the smallest change first."""

    SEQUENCES = "fewer concurrent sequences"
    CONTEXT = "shorter context"
    CACHE = "narrower cache"
    WEIGHTS = "narrower weights"
    DEVICES = "more devices"
    ACCELERATOR = "another accelerator"


class Suggestion(NamedTuple):
    """A configuration that fits: the change, what would be served, on what, and the verdict with its margin."""

    change: Change
    workload: Workload
    machine: Machine
    fit: Fit
