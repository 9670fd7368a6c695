"""What a model asks of the devices that it runs on."""

from __future__ import annotations

from fleetc.catalogue.engines import Engine, engine
from fleetc.catalogue.precisions import Precision
from fleetc.language.amounts import millis, tokens
from fleetc.language.model import Model
from fleetc.plan.fit import Terms, Workload
from fleetc.resolve.models import architecture_of, engine_version
from fleetc.tuples import NamedTuple

_WIDE = (Precision.FP32, Precision.BF16, Precision.FP16)


class Asked(NamedTuple):
    """A model as the fit takes it, its engine and that engine's version."""

    workload: Workload
    engine: Engine
    version: str
    terms: Terms


def asked(model: Model) -> Asked | None:
    """What is asked; None where the shape of the model or the version of the engine is not known."""
    shape = architecture_of(model)
    made = engine(model.engine.name)
    version = engine_version(model.engine) if made else ""
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


def room_of(model: Model, devices: int) -> tuple[int, int]:
    """Millicores and bytes that a pod with so many devices asks for."""
    pod = model.pod
    cpu = millis(pod.cpu) + devices * millis(pod.per_device.cpu)
    return cpu, millis(pod.memory) // 1000 + devices * (millis(pod.per_device.memory) // 1000)
