"""Names of the catalogue, wherever a document writes one: specs, overrides and defaults, before layers are merged."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

from fleetc.catalogue.accelerators import Accelerator, accelerator, accelerator_names
from fleetc.catalogue.architectures import architecture, architecture_names
from fleetc.catalogue.components import component, component_names
from fleetc.diagnostics import Diagnostic, Related, codes
from fleetc.language import amounts
from fleetc.language.document import Doc, Locate, Tree, lookup
from fleetc.language.team import Team
from fleetc.language.wording import did_you_mean
from fleetc.resolve.places import Places
from fleetc.source.span import Path, Span

SHARED: Final = ("timeSlicing", "mps")
"""Ways of sharing that stand in the place of a MIG profile."""


def check_facts(docs: Iterable[Doc], locate: Locate) -> Iterator[Diagnostic]:
    """Whether the catalogue has what documents name."""
    for doc in docs:
        for kind, base, tree in _partial_specs(doc):
            match kind:
                case "Platform" | "Cluster":
                    yield from _components(doc, (*base, "components"), tree.get("components", {}), locate)
                    yield from _valued(doc, (*base, "values"), tree.get("values", ()), locate)
                case "Team":
                    yield from _quota(doc, (*base, "quota", "devices"), tree, locate)
                case "GPUPool" if "accelerators" in tree:
                    yield from _device(doc, (*base, "accelerators"), tree["accelerators"], locate)
                case "Model":
                    yield from _resources(doc, (*base, "resources"), tree.get("resources", ()), locate)
                    yield from _architecture(doc, (*base, "architecture", "name"), tree, locate)
                case _:
                    pass


def _partial_specs(doc: Doc) -> Iterator[tuple[str, Path, Tree]]:
    """Each partial spec that a document holds: of which kind it is, and where it stands."""
    yield doc.kind, ("spec",), doc.tree["spec"]
    for n, override in enumerate(doc.tree["overrides"]):
        yield doc.kind, ("overrides", n, "set"), override["set"]
    for kind, tree in doc.tree["defaults"].items():
        yield kind, ("defaults", kind), tree


def unknown(what: str, name: str, known: Iterable[str], span: Span, path: Path, of: str = "") -> Diagnostic:
    """Something, perhaps of something else, that the catalogue does not have."""
    message = f"the catalogue has no {what} `{name}`{f' of {of}' if of else ''}"
    hint = did_you_mean(name, known, "it has")
    return Diagnostic(codes.UNKNOWN_IN_CATALOGUE, message, span, hint, path)


def _components(doc: Doc, base: Path, versions: Tree, locate: Locate) -> Iterator[Diagnostic]:
    for name, version in versions.items():
        path = (*base, name)
        found = component(name)
        if found is None:
            yield unknown("component", name, component_names(), doc.span(locate, path, key=True), path)
        elif found.at(version) is None:
            known = [v.version.removeprefix("v") for v in found.versions]
            yield unknown("version", version, known, doc.span(locate, path), path, of=name)


def _valued(doc: Doc, base: Path, names: Iterable[str], locate: Locate) -> Iterator[Diagnostic]:
    """Components whose charts get values."""
    for name in names:
        if component(name) is None:
            path = (*base, name)
            yield unknown("component", name, component_names(), doc.span(locate, path, key=True), path)


def _quota(doc: Doc, base: Path, tree: Tree, locate: Locate) -> Iterator[Diagnostic]:
    keys = lookup(tree, ("quota", "devices"))[1] or ()
    first: dict[str, Path] = {}
    for key in keys:
        path = (*base, key)
        span = doc.span(locate, path, key=True)
        yield from device_problems(key, span, path)
        yield from _twice(doc, canonical(key), path, span, first, locate)


def _device(doc: Doc, path: Path, text: str, locate: Locate) -> Iterator[Diagnostic]:
    yield from device_problems(text.rpartition(":")[0], doc.span(locate, path), path)


def _resources(doc: Doc, base: Path, texts: Iterable[str], locate: Locate) -> Iterator[Diagnostic]:
    first: dict[str, Path] = {}
    for n, text in enumerate(texts):
        path = (*base, n)
        span = doc.span(locate, path)
        if ":" in text:
            device, _, count = text.rpartition(":")
            yield from device_problems(device, span, path)
            yield from _twice(doc, f"{canonical(device)}:{count}", path, span, first, locate)


def _twice(
    doc: Doc, meant: str, path: Path, span: Span, first: dict[str, Path], locate: Locate
) -> Iterator[Diagnostic]:
    """One accelerator under two of its names."""
    if meant in first:
        related = (Related(doc.span(locate, first[meant], key=True), "first here"),)
        yield Diagnostic(codes.DUPLICATE_ITEM, f"`{meant}` is listed twice", span, "remove one of them", path, related)
    first.setdefault(meant, path)


def quota_findings(team: Team, at: Places) -> Iterator[Diagnostic]:
    """One accelerator under two names, of which each stands in another layer."""
    first: dict[str, str] = {}
    for key in team.quota.devices:
        other = first.setdefault(canonical(key), key)
        path, before = ("quota", "devices", key), ("quota", "devices", other)
        if other != key and at.span(path) != at.span(before):
            message = f"`{key}` is `{other}`, which has a quota already"
            yield at.problem(codes.DUPLICATE_ITEM, message, path, f"write it as `{other}`", (before, "the other name"))


def canonical(device: str) -> str:
    """`ACCELERATOR` or `ACCELERATOR/PROFILE` by the accelerator's own name, for comparison."""
    name, slash, profile = device.partition("/")
    found = accelerator(name)
    return f"{found.name if found is not None else name}{slash}{profile}"


def device_problems(device: str, span: Span, path: Path) -> Iterator[Diagnostic]:
    """What is wrong with an `ACCELERATOR` or `ACCELERATOR/PROFILE`."""
    name, _, profile = device.partition("/")
    found = accelerator(name)
    if found is None:
        yield unknown("accelerator", name, accelerator_names(), span, path)
    elif profile and profile not in SHARED:
        yield from profile_problems(found, profile, span, path, also=SHARED)


def profile_problems(
    device: Accelerator, profile: str, span: Span, path: Path, also: Iterable[str] = ()
) -> Iterator[Diagnostic]:
    """What is wrong with a MIG profile; `also`: what could stand in its place."""
    if device.profile(profile) is None:
        known = [*(p.name for p in device.mig), *also]
        yield unknown("MIG profile", profile, known or ["none"], span, path, of=device.name)


def _architecture(doc: Doc, path: Path, tree: Tree, locate: Locate) -> Iterator[Diagnostic]:
    name: Any = lookup(tree, ("architecture", "name"))[1]
    if name is not None and architecture(name) is None:
        yield unknown("architecture", name, architecture_names(), doc.span(locate, path), path)


def devices_of(text: str | None) -> tuple[Accelerator, amounts.Devices] | None:
    """The accelerator and the number of `ACCELERATOR:COUNT`; None for none, and for one that is not known."""
    parsed = amounts.devices(text) if text is not None else None
    found = accelerator(parsed.accelerator) if parsed is not None else None
    return (found, parsed) if found is not None and parsed is not None else None
