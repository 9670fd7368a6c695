"""What a model asks of the devices that it runs on."""

from __future__ import annotations

from typing import Any, NamedTuple

from fleetc.catalogue.architectures import Architecture, Attention, Experts, Latent, architecture
from fleetc.catalogue.engines import Engine, engine
from fleetc.catalogue.precisions import Precision
from fleetc.language import model as kinds
from fleetc.language.amounts import millis, source, tokens
from fleetc.language.model import Model
from fleetc.plan.fit import Terms, Workload

_WIDE = (Precision.FP32, Precision.BF16, Precision.FP16)


class Asked(NamedTuple):
    """A model as the fit takes it, its engine and that engine's version."""

    workload: Workload
    engine: Engine
    version: str
    terms: Terms


def asked(model: Model) -> Asked | None:
    """What is asked; None where the shape of the model or the version of the engine is not known."""
    shape = shape_of(model)
    made = engine(model.engine.name)
    version = model.engine.version or (made.releases[-1].since if made else "")
    release, overhead = (made.release(version), made.overhead(version)) if made else (None, None)
    if shape is None or made is None or release is None or overhead is None:
        return None
    weights = Precision(model.precision) if model.precision else shape.precision
    # Engines cache in the format in which they compute: 16 bits for all that is quantised.
    computed = weights if weights in _WIDE else shape.precision if shape.precision in _WIDE else Precision.BF16
    cached = Precision(model.cache_precision) if model.cache_precision else computed
    context = tokens(model.context) if model.context is not None else shape.max_context
    share = model.engine.memory * 10 if model.engine.memory is not None else None
    workload = Workload(shape, weights, cached, context, model.concurrency)
    return Asked(workload, made, version, Terms.of(release, overhead, share))


def shape_of(model: Model) -> Architecture | None:
    """The architecture: that of the source's repository or of a name, with the numbers that are given instead; or of
    the numbers alone."""
    given = model.architecture
    named = architecture(given.name) if given.name else architecture(source(model.source).name)
    numbers = {n: v for n in _NUMBERS if (v := getattr(given, n)) is not None}
    if given.attention is not None:
        numbers["attention"] = Attention(given.attention)
    numbers |= _parts(given)
    if named is not None:
        return named._replace(**numbers)
    precision = Precision(model.precision or "bf16")
    whole: dict[str, Any] = {"full_layers": numbers.get("layers"), "precision": precision, "weights": {}, **numbers}
    return Architecture(name=model.name, ids=(), **whole) if not lacking(model) else None


_NUMBERS = (
    "parameters",
    "layers",
    "hidden",
    "intermediate",
    "heads",
    "kv_heads",
    "head_dim",
    "vocabulary",
    "tied",
    "full_layers",
    "max_context",
    "window",
    "state_bytes",
)
_OPTIONAL = ("full_layers", "window", "state_bytes")


def lacking(model: Model) -> list[str]:
    """The numbers (as attributes) without which an architecture that has no name says too little."""
    return [n for n in (*_NUMBERS, "attention") if n not in _OPTIONAL and getattr(model.architecture, n) is None]


def _parts(given: kinds.Architecture) -> dict[str, Any]:
    out: dict[str, Any] = {}
    if given.latent.rank is not None and given.latent.rope is not None:
        out["latent"] = Latent(given.latent.rank, given.latent.rope)
    routed = given.experts
    numbers = (routed.routed, routed.per_token, routed.intermediate, routed.layers)
    known = [n for n in numbers if n is not None]
    if len(known) == len(numbers):
        out["experts"] = Experts(*known)
    return out


def room_of(model: Model, devices: int) -> tuple[int, int]:
    """Millicores and bytes that a pod with so many devices asks for."""
    pod = model.pod
    cpu = millis(pod.cpu) + devices * millis(pod.per_device.cpu)
    return cpu, millis(pod.memory) // 1000 + devices * (millis(pod.per_device.memory) // 1000)
