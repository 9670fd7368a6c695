"""What Kubernetes AI Conformance requires of a minor, and what providers say of their own products."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Literal

from fleetc.catalogue.accelerators import Vendor
from fleetc.catalogue.read import load, typed
from fleetc.tuples import NamedTuple

Level = Literal["MUST", "SHOULD"]
Group = Literal["accelerators", "networking", "schedulingOrchestration", "observability", "security", "operator"]

_SUBMISSIONS = "https://github.com/cncf/k8s-ai-conformance/blob/main"


class Requirement(NamedTuple):
    """One requirement: `what` it asks for, and what `decides` it for a cluster. `levels` are by Kubernetes minor; `kar`
    is the number of its proposal, where it has one. `accelerators`: it is about nothing else."""

    id: str
    group: Group
    levels: Mapping[str, Level]
    what: str
    decides: str
    kar: int | None = None
    accelerators: bool = False


class Submission(NamedTuple):
    """What a provider submitted for its product at a minor: it says `Implemented` of every requirement of the minor."""

    provider: str
    minor: str

    @property
    def url(self) -> str:
        """Where it is published."""
        return f"{_SUBMISSIONS}/v{self.minor}/{self.provider}/PRODUCT.yaml"


class Conformance(NamedTuple):
    """The whole table. `operators` are components that the requirement on controllers names, `other_operators` ones
    that it does not; `exporters` of metrics are by vendor of the accelerator."""

    requirements: tuple[Requirement, ...]
    operators: tuple[str, ...]
    other_operators: tuple[str, ...]
    exporters: Mapping[Vendor, str]
    network_drivers: tuple[str, ...]
    submissions: tuple[Submission, ...]

    def of_minor(self, minor: str) -> tuple[Requirement, ...]:
        """What a Kubernetes minor requires, in upstream's order; nothing where there is no list of it."""
        return tuple(r for r in self.requirements if minor in r.levels)

    def minors(self) -> tuple[str, ...]:
        """The minors that there are lists of, oldest first."""
        return tuple(sorted({minor for r in self.requirements for minor in r.levels}, key=lambda m: m.split(".")))

    def submission(self, provider: str, minor: str) -> Submission | None:
        """What a provider submitted at a minor."""
        return next((s for s in self.submissions if (s.provider, s.minor) == (provider, minor)), None)


@cache
def conformance() -> Conformance:
    """The table."""
    return typed(Conformance, load("conformance"), "conformance")
