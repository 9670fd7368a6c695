"""What cannot be of a model, with its layers merged; and the architecture that follows from its spec."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final

from fleetc.catalogue import architectures, engines
from fleetc.catalogue.precisions import Precision
from fleetc.diagnostics import Diagnostic, codes
from fleetc.language import amounts
from fleetc.language.model import Architecture, Engine, Model
from fleetc.language.schema import struct_of
from fleetc.language.types import IMAGE
from fleetc.language.wording import listing, nearest
from fleetc.resolve.facts import unknown
from fleetc.resolve.places import Places
from fleetc.source.span import Path

_NEEDED: Final = (
    "parameters",
    "layers",
    "hidden",
    "intermediate",
    "heads",
    "kvHeads",
    "headDim",
    "attention",
    "vocabulary",
    "maxContext",
)
"""Numbers without which memory cannot be computed. `tied` is false, and all layers are full, when nothing is said."""
_PINNED: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "hf": ("[0-9a-f]{40}", "write @ and the commit, 40 hexadecimal digits: a branch or tag may move"),
        "oci": ("sha256:[0-9a-f]{64}", "write @sha256: and the digest of the manifest: a tag may move"),
    }
)
_VERSIONED: Final = ("[^@]+", "write @ and the version of the files that is meant, such as @2026-11-01")


def model_findings(model: Model, at: Places) -> Iterator[Diagnostic]:
    """Everything that is wrong with a model, as it is on some cluster."""
    yield from _revision(model, at)
    yield from _architecture(model, at)
    yield from _version(model.engine, at)
    yield from _image(model, at)
    yield from _cache(model, at)


def _revision(model: Model, at: Places) -> Iterator[Diagnostic]:
    source = amounts.source(model.source)
    pattern, hint = _PINNED.get(source.scheme, _VERSIONED)
    if not re.fullmatch(pattern, source.revision):
        what = "names no revision" if not source.revision else f"is not pinned by `{source.revision}`"
        message = f"the source of Model {model.name} {what}"
        yield at.problem(codes.UNPINNED_REVISION, message, ("source",), hint)


def _architecture(model: Model, at: Places) -> Iterator[Diagnostic]:
    given = model.architecture
    numbers = [field for field, value in _numbers(given).items() if value is not None]
    if given.name is not None:
        if numbers:
            path: Path = ("architecture", numbers[0])
            message = f"`{numbers[0]}` beside the name of an architecture, which says it already"
            name = (("architecture", "name"), "the name")
            yield at.problem(codes.INVALID_VALUE, message, path, "keep the name, or the numbers", name)
    elif numbers:
        absent = _absent(given)
        if absent:
            verb = "are" if len(absent) > 1 else "is"
            fields = ", ".join(f"`{name}`" for name in absent)
            message = f"{fields} {verb} missing in the architecture of Model {model.name}"
            hint = "add what the model's config.json says, or name an architecture of the catalogue instead"
            yield at.problem(codes.MISSING_FIELD, message, ("architecture",), hint)
    elif architecture_of(model) is None:
        yield from _unknown_source(model, at)


def _unknown_source(model: Model, at: Places) -> Iterator[Diagnostic]:
    name = amounts.source(model.source).name
    near = nearest(name, architectures.architecture_names())
    hint = f"did you mean `{near}`? Else give" if near else "give"
    hint += f" `architecture`: a name of the catalogue, or {listing(_NEEDED)} of the model's config.json"
    message = f"the catalogue does not know the architecture of `{name}`"
    yield at.problem(codes.UNKNOWN_IN_CATALOGUE, message, ("source",), hint)


def _numbers(given: Architecture) -> dict[str, Any]:
    """What an architecture says by itself: each field by its name, parts as one."""
    out: dict[str, Any] = {}
    for name, field in struct_of(Architecture).fields.items():
        value = getattr(given, field.attribute)
        if name in ("latent", "experts"):
            value = value if any(v is not None for v in _values(value)) else None
        if name != "name":
            out[name] = value
    return out


def _values(part: Any) -> list[Any]:
    return [getattr(part, field.attribute) for field in struct_of(type(part)).fields.values()]


def _absent(given: Architecture) -> list[str]:
    """The numbers that are missing, in the order of the fields."""
    numbers = _numbers(given)
    out = [name for name in _NEEDED if numbers[name] is None]
    for name, part in (("latent", given.latent), ("experts", given.experts)):
        wanted = numbers[name] is not None or (name == "latent" and given.attention == "latent")
        fields = struct_of(type(part)).fields
        out += [f"{name}.{n}" for n, f in fields.items() if wanted and getattr(part, f.attribute) is None]
    if given.full_layers is not None and given.layers is not None and given.full_layers < given.layers:
        out += ["window"] if given.window is None and given.state_bytes is None else []
    return out


def _version(engine: Engine, at: Places) -> Iterator[Diagnostic]:
    found = engines.engine(engine.name)
    if found is not None and engine.version is not None and found.release(engine.version) is None:
        path: Path = ("engine", "version")
        known = [release.since for release in found.releases]
        got = unknown("version", engine.version, known, at.span(path), ("spec", *path), of=engine.name)
        yield got._replace(hint=f"it knows {engine.name} from {known[0]} on")


def _image(model: Model, at: Places) -> Iterator[Diagnostic]:
    if model.engine.image is None:
        message = f"Model {model.name} has no `image` of its engine"
        hint = f"add the image of {model.engine.name} in your registry, such as {IMAGE.example}"
        yield at.problem(codes.MISSING_FIELD, message, ("engine", "image"), hint)


def _cache(model: Model, at: Places) -> Iterator[Diagnostic]:
    """Where weights can be kept: artifacts are mounted, claims are there, and buckets take an image to read them."""
    cache, scheme = model.cache, amounts.source(model.source).scheme
    source = (("source",), "the source")
    if cache.type is not None and (scheme == "pvc" or (cache.type == "image") != (scheme == "oci")):
        what = {"oci": "an OCI artifact", "pvc": "a volume claim"}.get(scheme, f"a source of {scheme}")
        fits = {"oci": "write `cache: image`", "pvc": "leave `cache` out"}.get(scheme, "use `shared` or `local`")
        message = f"{what} cannot be kept by `{cache.type}`"
        yield at.problem(codes.INVALID_VALUE, message, ("cache", "type"), fits, source)
    if scheme in ("s3", "gs") and cache.loader is None:
        message = f"Model {model.name} has no `loader` to read its weights from {scheme} with"
        hint = "add `cache.loader`, an image of rclone in your registry, pinned by digest"
        yield at.problem(codes.MISSING_FIELD, message, ("cache", "loader"), hint, source)


def architecture_of(model: Model) -> architectures.Architecture | None:
    """The architecture of a model in which nothing is wrong: by name, by its own numbers, or by its repository."""
    given = model.architecture
    if given.name is not None:
        return architectures.architecture(given.name)
    if given.parameters is None:
        return architectures.architecture(amounts.source(model.source).name)
    return _own(model)


def _own(model: Model) -> architectures.Architecture:
    """An architecture by the numbers that a model gives."""
    given = model.architecture
    values = {name: getattr(given, name) for name in ("parameters", "layers", "hidden", "intermediate", "heads")}
    values |= {name: getattr(given, name) for name in ("kv_heads", "head_dim", "vocabulary", "max_context", "window")}
    latent = given.latent.rank is not None
    experts = given.experts.routed is not None
    return architectures.Architecture(
        **values,
        name=model.name,
        ids=(),
        attention=architectures.Attention(str(given.attention)),
        tied=bool(given.tied),
        full_layers=int(given.layers or 0) if given.full_layers is None else given.full_layers,
        precision=Precision.BF16,
        weights=MappingProxyType({}),
        state_bytes=given.state_bytes,
        latent=architectures.Latent(*_values(given.latent)) if latent else None,
        experts=architectures.Experts(*_values(given.experts)) if experts else None,
    )


def engine_version(engine: Engine) -> str:
    """The version of an engine: the one that is given, else the newest that the catalogue tells something of."""
    found = engines.engine(engine.name)
    assert found is not None
    return engine.version or engines.newest(found)
