"""How what serves a model is called and labelled, and which engine it is.

Objects of the model as a whole have its name; those of a part `MODEL-POOL`, also where there is one part only, so that
nothing is renamed when another comes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

from fleetc.catalogue.engines import Engine, Release, engine
from fleetc.emission.site import ModelSite
from fleetc.language.serving import ServingPart
from fleetc_kubernetes.metadata import team_labels

if TYPE_CHECKING:
    from fleetc_kubernetes.objects import Labels, Metadata

MODEL: Final = "fleetc.dev/model"
POOL: Final = "fleetc.dev/pool"
"""On pods and what makes them, the pool that they are for."""
COMPONENT: Final = "app.kubernetes.io/component"

Component = Literal["server", "worker", "loader", "picker"]
"""Pods that answer requests, the other nodes of a group, what fetches weights, and what chooses among servers."""

HTTP: Final = "http"
"""The name of the engine's port."""


def namespace(s: ModelSite) -> str:
    """Where all of it is: the team's first namespace."""
    return s.team.namespaces[0].name


def model_metadata(s: ModelSite, name: str) -> Metadata:
    """The metadata of an object of the model."""
    return {"name": name, "namespace": namespace(s), "labels": {**team_labels(s), MODEL: s.model.name}}


def part_name(s: ModelSite, part: ServingPart) -> str:
    """The name of a part's objects."""
    return f"{s.model.name}-{part.pool}"


def part_metadata(s: ModelSite, part: ServingPart) -> Metadata:
    """The metadata of an object of a part."""
    made = model_metadata(s, part_name(s, part))
    made["labels"][POOL] = part.pool
    return made


def pod_labels(s: ModelSite, component: Component, part: ServingPart | None = None) -> Labels:
    """The labels of a part's pods, or of pods of the model."""
    made = {**team_labels(s), MODEL: s.model.name}
    if part is not None:
        made[POOL] = part.pool
    return {**made, COMPONENT: component}


def servers(s: ModelSite) -> Labels:
    """What selects the pods that answer requests, of all parts."""
    return {MODEL: s.model.name, COMPONENT: "server"}


def of_part(s: ModelSite, part: ServingPart) -> Labels:
    """What selects the pods of a part. No label of a selector may ever change, so these are the least that do."""
    return {MODEL: s.model.name, POOL: part.pool}


def engine_of(s: ModelSite) -> Engine:
    """The engine; the plan has only those that the catalogue knows."""
    found = engine(s.serving.engine)
    assert found is not None, s.serving.engine
    return found


def release_of(s: ModelSite) -> Release:
    """What holds for the engine's version."""
    found = engine_of(s).release(s.serving.version)
    assert found is not None, s.serving.version
    return found
