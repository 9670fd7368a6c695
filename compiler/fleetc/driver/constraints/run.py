"""Constraints, held against a compiled fleet."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from fleetc.check.findings import Counts, Tally
from fleetc.check.states import State
from fleetc.diagnostics import Diagnostic, Failure, codes
from fleetc.driver.constraints.data import seen
from fleetc.driver.constraints.errors import complaints
from fleetc.driver.constraints.judge import Judge
from fleetc.driver.constraints.program import Program
from fleetc.driver.constraints.read import Constraints, constraints
from fleetc.driver.constraints.vet import Limits, Said, vet
from fleetc.driver.files import SPECS
from fleetc.driver.load import Sources
from fleetc.driver.trace import Tracer
from fleetc.emission.emission import Emission
from fleetc.plan import Plan
from fleetc.source.span import Span
from fleetc.tuples import NamedTuple

RULE: Final = "constraint"
Fleet = Callable[[], tuple[Plan, Emission]]


class Judged(NamedTuple):
    """How constraints ended, a check for each file, and what they found."""

    counts: Counts
    diagnostics: list[Diagnostic]


def judge(sources: Sources, names: Sequence[str], program: Program, plan: Plan, emission: Emission) -> Judged:
    """Hold a fleet against the files of constraints among `names`."""
    texts, found = _texts(sources, names)
    if found:
        return Judged({}, found)
    read, tally = constraints(texts), Tally()
    embedding = list(_embedding(read))
    if embedding:
        return Judged({}, embedding)
    for reason in read.left_out.values():
        tally.add(RULE, State.SKIPPED, reason=reason)
    if not read.files:
        return Judged(tally.counts, [])
    if program.reason:
        tally.add(RULE, State.SKIPPED, len(read.files), program.reason)
        return Judged(tally.counts, [])
    data = seen(plan, emission, read.mentions)
    folder = f"{sources.root}/{SPECS}"
    files = [file.removeprefix(f"{SPECS}/") for file in read.files]
    said = vet(program.path, folder, files, data.text(), Limits())
    if said.cut:
        return Judged({}, [_cut(said, read)])
    if not said.text:
        tally.add(RULE, State.VALID, len(read.files))
        return Judged(tally.counts, [])
    told = Judge(Tracer(plan, sources.locate), data, sources.root, texts)
    return Judged({}, list(told.diagnostics(complaints(said.text, folder))))


def _texts(sources: Sources, names: Sequence[str]) -> tuple[dict[str, str], list[Diagnostic]]:
    out: dict[str, str] = {}
    found: list[Diagnostic] = []
    for name in names:
        try:
            out[name] = sources.read(name).decode("utf-8")
        except UnicodeDecodeError:
            hint = "save it as UTF-8"
            found.append(Diagnostic(codes.BROKEN_CONSTRAINT, f"{name} is not UTF-8", Span(name, 1, 1), hint))
        except Failure as failure:
            found += failure.diagnostics
    return out, found


def _embedding(read: Constraints) -> Iterator[Diagnostic]:
    """What depends on files that no build looks at."""
    for path, line in read.embedding.items():
        hint = "write the values into the file"
        message = "a constraint embeds other files, which fleetc does not look at"
        yield Diagnostic(codes.BROKEN_CONSTRAINT, message, Span(path, line, 1), hint)


def _cut(said: Said, read: Constraints) -> Diagnostic:
    limits = Limits()
    of = f"{limits.seconds} s of processor time" if said.cut == "time" else f"{limits.bytes // 2**30} GiB of memory"
    number = len(read.files)
    what = read.files[0] if number == 1 else f"the {number} files of constraints"
    message = f"{what} took more than {of}, and {'was' if number == 1 else 'were'} not checked"
    hint = "let constraints mention only what they need, such as `emitted.HTTPRoute`, and nest no loops over the fleet"
    return Diagnostic(codes.UNBOUNDED_CONSTRAINT, message, Span(read.files[0], 1, 1), hint)
