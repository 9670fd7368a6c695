"""Boundaries and alternatives, found by asking for verdicts. Everything is ordered, so that answers never vary."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from fleetc.catalogue.precisions import format_of, formats
from fleetc.plan.fit.model import Change, Fit, Layout, Machine, Suggestion, Terms, Workload
from fleetc.plan.fit.verdict import fit


def largest_context(workload: Workload, machine: Machine, layout: Layout, terms: Terms) -> int:
    """The most tokens a sequence can have at the workload's concurrency, at most what the model has; 0 for none."""
    most = workload.architecture.max_context
    return _boundary(lambda n: fit(workload._replace(context=n), machine, layout, terms).fits, most)


def largest_concurrency(workload: Workload, machine: Machine, layout: Layout, terms: Terms) -> int | None:
    """The most sequences at the workload's context; 0 for none, and None where sequences take no memory."""
    one = fit(workload._replace(concurrency=1), machine, layout, terms)
    if not one.fits:
        return 0
    if one.cache == 0:
        return None
    per_sequence = fit(workload._replace(concurrency=1 + layout.data), machine, layout, terms).cache - one.cache
    most = layout.data * (2 + one.margin // per_sequence)
    return _boundary(lambda n: fit(workload._replace(concurrency=n), machine, layout, terms).fits, most)


def layouts(workload: Workload, machine: Machine, terms: Terms, nodes: int = 1) -> tuple[Fit, ...]:
    """Every layout that fits on up to `nodes` such machines, best first.

    A pipeline crosses nodes, so it has at most one stage per node. Data ranks are proposed only with spread experts:
    replicas are the cheaper way for anything else. Better is fewer devices, then fewer stages, then fewer data ranks,
    then cut experts before spread ones, then the larger margin.
    """
    found = (fit(workload, machine, layout, terms) for layout in _candidates(workload, machine, nodes))
    fitting = [verdict for verdict in found if verdict.fits]
    return tuple(sorted(fitting, key=_rank))


def nearest(
    workload: Workload, machine: Machine, layout: Layout, terms: Terms, others: Iterable[Machine] = (), nodes: int = 1
) -> tuple[Suggestion, ...]:
    """What fits instead, smallest change first: nothing when the workload fits as it is.

    Each proposal differs from what was asked in one thing: sequences, context, the cache's format, the weights' format
    (8 bits before 4), the number of devices of the machine on up to `nodes`, or the machine, out of `others` in their
    order.
    """
    if fit(workload, machine, layout, terms).fits:
        return ()
    asked = _Asked(workload, machine, layout, terms)
    return (*asked.smaller(), *asked.narrower(), *asked.larger(others, nodes))


class _Asked:
    def __init__(self, workload: Workload, machine: Machine, layout: Layout, terms: Terms) -> None:
        self._workload, self._machine, self._layout, self._terms = workload, machine, layout, terms

    def smaller(self) -> Iterator[Suggestion]:
        args = (self._workload, self._machine, self._layout, self._terms)
        sequences = largest_concurrency(*args)
        if sequences:
            yield from self._here(Change.SEQUENCES, self._workload._replace(concurrency=sequences))
        tokens = largest_context(*args)
        if tokens:
            yield from self._here(Change.CONTEXT, self._workload._replace(context=tokens))

    def narrower(self) -> Iterator[Suggestion]:
        cached = format_of(self._workload.cache).cache_bytes or 0
        for each in formats():
            if each.cache_bytes is not None and each.cache_bytes < cached:
                yield from self._here(Change.CACHE, self._workload._replace(cache=each.name))
        bits = format_of(self._workload.weights).weight_bits_x64
        for each in formats():
            if each.weight_bits_x64 < bits:
                yield from self._here(Change.WEIGHTS, self._workload._replace(weights=each.name))

    def larger(self, others: Iterable[Machine], nodes: int) -> Iterator[Suggestion]:
        for verdict in layouts(self._workload, self._machine, self._terms, nodes)[:1]:
            yield Suggestion(Change.DEVICES, self._workload, self._machine, verdict)
        for other in others:
            for verdict in layouts(self._workload, other, self._terms, nodes)[:1]:
                yield Suggestion(Change.ACCELERATOR, self._workload, other, verdict)

    def _here(self, change: Change, workload: Workload) -> Iterator[Suggestion]:
        verdict = fit(workload, self._machine, self._layout, self._terms)
        if verdict.fits:
            yield Suggestion(change, workload, self._machine, verdict)


def _candidates(workload: Workload, machine: Machine, nodes: int) -> Iterator[Layout]:
    """Layouts with the tensor ranks of a stage together, and stages only to cross nodes; `fit` says which can be."""
    arch, total = workload.architecture, machine.devices * nodes
    for tensor in range(1, min(machine.domain, total, arch.heads) + 1):
        if arch.heads % tensor:
            continue
        groups = total // tensor if machine.accelerator.across_nodes else machine.devices // tensor * nodes
        for pipeline in range(1, min(groups, nodes) + 1):
            yield Layout(tensor, pipeline)
            if arch.experts is not None:
                yield from (Layout(tensor, pipeline, data, expert=True) for data in range(1, groups // pipeline + 1))


def _rank(verdict: Fit) -> tuple[int, int, int, bool, int, int]:
    at = verdict.layout
    return at.devices, at.pipeline, at.data, at.expert, -verdict.margin, at.tensor


def _boundary(holds: Callable[[int], bool], most: int) -> int:
    """The largest number up to `most` for which something holds that holds for all smaller ones too; 0 for none."""
    low, high = 0, most
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if holds(middle) else (low, middle - 1)
    return low
