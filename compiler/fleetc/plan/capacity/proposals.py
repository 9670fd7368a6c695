"""What works instead of what is refused: the smallest changes, each of them tried as the spec that would say it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from fleetc.catalogue.engines import engines
from fleetc.catalogue.precisions import Precision
from fleetc.language.model import Engine, Model
from fleetc.language.wording import gib
from fleetc.plan.capacity.asked import Asked, asked
from fleetc.plan.capacity.misfits import token_text
from fleetc.plan.capacity.pools import Nodes
from fleetc.plan.capacity.ways import AUTO, CPU, Fits, Misfit, Refused, Unfit, Way, memory_for, terms_on, ways
from fleetc.plan.fit import Change, Constraint, Machine, Suggestion, largest_context, nearest
from fleetc.plan.fit.memory import checkpoint
from fleetc.tuples import NamedTuple

_MOST: Final = 3
"""How many proposals a hint has, and how many of them are to ask for less."""
_SMALLER: Final = 2
_KI: Final = 1024
_FIELDS: Final = {
    Change.SEQUENCES: ("concurrency", "concurrency"),
    Change.CONTEXT: ("context", "context"),
    Change.CACHE: ("cache_precision", "cachePrecision"),
    Change.WEIGHTS: ("precision", "precision"),
}
"""The changes of what is asked: the field as an attribute, and as it is written."""
_COMMON: Final = (Precision.BF16, Precision.FP8, Precision.INT8, Precision.INT4)


class Wish(NamedTuple):
    """A model, what it asks, and the kinds of nodes that there are where it may run (in the order of `by_name`)."""

    model: Model
    asked: Asked
    kinds: Sequence[Nodes]

    def changed(self, **changes: Any) -> Wish | None:
        """With other values; None where what is asked cannot be told then."""
        model = self.model.__replace__(**changes)
        wanted = asked(model)
        return None if wanted is None else Wish(model, wanted, self.kinds)

    def way(self, **changes: Any) -> Way | None:
        """The first way with other values; None where something is refused."""
        other = self.changed(**changes)
        found = ways(other.model, other.asked, self.kinds, Fits()) if other else None
        return found.ways[0] if found and found.ways and not found.refused else None

    def has(self, nodes: Nodes) -> bool:
        """Whether there is a pool with such devices."""
        return any(n.accelerator is nodes.accelerator and n.profile == nodes.profile for n in self.kinds)


def proposals(wish: Wish, refused: Refused) -> str:
    """A hint: what works instead, the smallest change of each kind first."""
    text = wish.model.resources[refused.item]
    match refused.why:
        case Misfit():
            said = [*_of_misfit(wish, text, refused.why)]
        case Unfit():
            said = [*_of_unfit(wish, text, refused.why)]
        case _ if text == AUTO:
            said = [*_on_cpu(wish)]
            return f"add a GPUPool with accelerators to its clusters{''.join(f', or write {one}' for one in said)}"
        case _:
            return refused.why[1]
    if said:
        return f"write {_either(said[:_MOST])}"
    if isinstance(refused.why, Unfit):
        return refused.why.hint
    return "nothing that was tried works on its pools: add a GPUPool with more memory, or take a smaller model"


def elsewhere(wish: Wish, own: Nodes | None = None, without: bool = False) -> Iterator[str]:
    """The smallest `resources` that fit: on nodes like `own` (not so `without`), then on others by their memory; last
    those whose devices exchange data over PCIe or the network."""
    fits, slow = Fits(), list[str]()
    for nodes in _ordered(wish, own, without):
        other = wish.model.__replace__(resources=(AUTO,))
        for way in ways(other, wish.asked, [nodes], fits).ways[:1]:
            text = written(way)
            if way.fit is None or not (text in wish.model.resources or wish.way(resources=(text,))):
                continue
            if way.alternative.nodes > 1 or way.fit.over_pcie:
                slow.append(f"`resources: [{text}]`, which is slow: its devices share no fast link")
            else:
                yield f"`resources: [{text}]` (leaves {gib(way.fit.margin)} on each)"
    yield from slow


def written(way: Way) -> str:
    """A way as `resources` name it."""
    own = way.alternative
    kind = "/".join(part for part in (own.accelerator, own.profile) if part)
    return f"{kind}:{own.devices * own.nodes}"


def _ordered(wish: Wish, own: Nodes | None, without: bool) -> Iterable[Nodes]:
    """The kinds of nodes to try, of each accelerator and profile the largest only."""
    seen: set[tuple[str, str]] = {(own.accelerator.name, own.profile)} if own else set()
    out: list[Nodes] = [own] if own and not without else []
    for nodes in sorted(
        wish.kinds, key=lambda n: (n.accelerator.memory_mib, n.accelerator.name, n.profile, -n.devices)
    ):
        if (nodes.accelerator.name, nodes.profile) not in seen:
            seen.add((nodes.accelerator.name, nodes.profile))
            out.append(nodes)
    return out


def _of_misfit(wish: Wish, text: str, misfit: Misfit) -> Iterator[str]:
    """Smaller first; but nothing of devices that no pool has."""
    work = wish.asked.workload
    if misfit.verdict.binding is Constraint.CONTEXT:
        yield from _shorter(wish, text, misfit)
        return
    if misfit.verdict.binding is Constraint.CACHE_PRECISION and wish.way(resources=(text,), cache_precision=None):
        yield "no `cachePrecision`"
    here = wish.has(misfit.nodes)
    others = [*elsewhere(wish, misfit.nodes, without=not here)]
    if here or not others:
        machine = Machine(misfit.nodes.accelerator, misfit.each, misfit.nodes.mig)
        terms = terms_on(wish.asked, misfit.nodes)
        found = [*_smaller(wish, text, nearest(work, machine, misfit.verdict.layout, terms, (), misfit.many))]
        yield from found[:_SMALLER] if others else found
    yield from others


def _smaller(wish: Wish, text: str, found: Iterable[Suggestion]) -> Iterator[str]:
    """Less of what is asked, one proposal of each change."""
    seen: set[Change] = set()
    for one in sorted((s for s in found if s.change in _FIELDS), key=_order):
        name, shown = _FIELDS[one.change]
        value = _value(one)
        way = wish.way(resources=(text,), **{name: value}) if value and one.change not in seen else None
        if way is not None and way.fit is not None:
            seen.add(one.change)
            yield f"`{shown}: {value}` (leaves {gib(way.fit.margin)} on each)"


def _order(one: Suggestion) -> tuple[int, int]:
    """As they are in `_FIELDS`; formats of weights by how many checkpoints there are in them."""
    weights = one.workload.weights if one.change is Change.WEIGHTS else None
    return [*_FIELDS].index(one.change), _COMMON.index(weights) if weights in _COMMON else len(_COMMON)


def _value(one: Suggestion) -> object:
    """What a change writes; None for what nobody could use."""
    work = one.workload
    match one.change:
        case Change.SEQUENCES:
            return work.concurrency
        case Change.CONTEXT:
            return token_text(_round(work.context)) if work.context >= _KI else None
        case Change.CACHE:
            return str(work.cache)
        case _:
            return str(work.weights)


def _round(tokens: int) -> int:
    """Down to what people write."""
    return tokens - tokens % _KI if tokens >= _KI else tokens


def _shorter(wish: Wish, text: str, misfit: Misfit) -> Iterator[str]:
    """For a context that the model does not have: as much as it has, or as fits."""
    whole = wish.asked.workload.architecture.max_context
    machine = Machine(misfit.nodes.accelerator, misfit.each, misfit.nodes.mig)
    largest = largest_context(wish.asked.workload, machine, misfit.verdict.layout, terms_on(wish.asked, misfit.nodes))
    for tokens in (whole, _round(largest)):
        if tokens and wish.way(resources=(text,), context=token_text(tokens)):
            yield f"`context: {token_text(tokens)}` or less"
            return
    other = wish.changed(context=token_text(whole))
    if other is not None:
        found = elsewhere(other, misfit.nodes, without=not wish.has(misfit.nodes))
        yield from (f"`context: {token_text(whole)}` and {one}" for one in found)


def _of_unfit(wish: Wish, text: str, unfit: Unfit) -> Iterator[str]:
    """A count that nodes have, or an engine that runs on them; else other devices."""
    if unfit.instead and wish.way(resources=(unfit.instead,)):
        yield f"`resources: [{unfit.instead}]`"
    memory = wish.model.engine.memory
    foreign = unfit.nodes.accelerator.vendor not in wish.asked.engine.vendors
    if foreign:
        for one in engines():
            # No image: the other engine has its own, which the fit does not look at.
            engine = Engine(name=one.name, version=None, image=None, memory=memory)  # type: ignore[arg-type]
            if one.name != wish.asked.engine.name and wish.way(resources=(text,), engine=engine):
                yield f"`engine: {one.name}`"
    yield from (one for one in elsewhere(wish, unfit.nodes, without=foreign) if f"[{unfit.instead}]" not in one)


def _on_cpu(wish: Wish) -> Iterator[str]:
    """Without devices, if need be with more memory."""
    work, pod = wish.asked.workload, wish.model.pod
    more = f"{memory_for(checkpoint(work.architecture, work.weights))}Gi"
    if wish.way(resources=(CPU,)):
        yield "`resources: [cpu]`"
    elif wish.way(resources=(CPU,), pod=pod.__replace__(memory=more)):
        yield f"`resources: [cpu]` and `pod: {{memory: {more}}}`"


def _either(said: Sequence[str]) -> str:
    """`a, b or c`."""
    return f"{', '.join(said[:-1])} or {said[-1]}" if len(said) > 1 else said[0]
