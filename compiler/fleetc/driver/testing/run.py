"""`fleetc test`: every test of a root, on the fleet of the working tree and on the fleets that tests try."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fnmatch import fnmatchcase

from fleetc.diagnostics import Diagnostic, Failure, Related, Severity, codes, sort_key
from fleetc.driver.build import STATE, Options, ignore
from fleetc.driver.build import run as build
from fleetc.driver.explain import Page
from fleetc.driver.testing.altered import altered, misplaced
from fleetc.driver.testing.cases import Cases, cases_of
from fleetc.driver.testing.current import Finding, Outputs, differences, outputs, wanted_files
from fleetc.driver.testing.fleet import Fleet, fleet_of
from fleetc.driver.testing.judge import Judge
from fleetc.driver.testing.select import Found
from fleetc.driver.tree.api import Place, Plan, Wanted, apply, locked, plan_writes, seal
from fleetc.driver.tree.lock import Lock
from fleetc.emission.emission import SEPARATOR
from fleetc.language.document import lookup
from fleetc.language.expectation import Case
from fleetc.language.wording import did_you_mean, quoted
from fleetc.source.span import Span
from fleetc.tuples import NamedTuple

Text = Callable[[str], str | None]


class Verdict(NamedTuple):
    """How a test ended: without findings, it passed. `text` gives the files that the findings are about."""

    name: str
    span: Span
    findings: tuple[Finding, ...]
    text: Text


class Results(NamedTuple):
    """How all tests ended.

    - `broken`: what is wrong with the specs, with test files, or with what stands in the way of `--update`
    - `outputs`: None where they were not looked at, since the specs are broken or only some tests were asked for
    - `orphans`: golden files that no test makes any more
    """

    files: int
    broken: list[Diagnostic]
    outputs: Outputs | None
    verdicts: list[Verdict]
    orphans: list[Finding]
    written: tuple[str, ...]
    deleted: tuple[str, ...]
    patch: str | None
    text: Text

    @property
    def passed(self) -> bool:
        """Whether there is nothing to mend."""
        wrong = [*self.broken, *self.orphans, *(self.outputs.findings if self.outputs else ())]
        return not wrong and not any(verdict.findings for verdict in self.verdicts)


def run_tests(root: str, names: Sequence[str] = (), *, update: bool = False) -> Results:
    """Run the tests of a root, those of some names or all. Failure where a name is that of none."""
    written, deleted = tuple[str, ...](), tuple[str, ...]()
    broken: list[Diagnostic] = []
    if update and not names:
        built = build(Options(root, jobs=1))
        written, deleted, broken = built.written, built.deleted, built.diagnostics
    fleet = fleet_of(root)
    folder = _folder(fleet)
    cases = cases_of(fleet.sources, folder)
    chosen = _chosen(cases, names)
    # Of what only warns, checks tell.
    refused = [found for found in fleet.diagnostics if found.code.severity is Severity.ERROR]
    nothing = [] if cases.files or cases.diagnostics else [_no_tests(folder)]
    broken = sorted({*refused, *broken, *cases.diagnostics, *nothing}, key=sort_key)
    if refused:
        return Results(len(cases.files), broken, None, [], [], written, deleted, None, fleet.sources.text)
    ran = _Run(root, folder, fleet)
    verdicts = [ran.verdict(case) for case in chosen]
    goldens = ran.compare(update=update, whole=not names and not cases.diagnostics)
    verdicts = [goldens.added(case, verdict) for case, verdict in zip(chosen, verdicts, strict=True)]
    found = outputs(root, fleet) if not names else None
    files = {case.doc.name for case in chosen} if names else cases.files
    return Results(
        len(files), broken, found, verdicts, goldens.orphans, (*written, *goldens.written),
        (*deleted, *goldens.deleted), goldens.patch, fleet.sources.text,
    )  # fmt: skip


def _folder(fleet: Fleet) -> str:
    """The folder of tests, as the Fleet has it."""
    docs = [doc for doc in fleet.front.docs.values() if doc.kind == "Fleet"]
    found = [lookup(doc.tree, ("spec", "tests")) for doc in docs]
    default: str = lookup(fleet.front.table.tree, ("Fleet", "tests"))[1]
    return next((value for there, value in found if there), default)


def _chosen(cases: Cases, names: Sequence[str]) -> list[Case]:
    for name in names:
        if not any(fnmatchcase(case.name, name) for case in cases.cases):
            hint = did_you_mean(name, [case.name for case in cases.cases], "the tests are")
            raise Failure(
                Diagnostic(codes.BAD_USAGE, f"no test is called {quoted(name)}", hint=hint), *cases.diagnostics
            )
    return [c for c in cases.cases if not names or any(fnmatchcase(c.name, name) for name in names)]


def _no_tests(folder: str) -> Diagnostic:
    hint = f"add one, such as {folder}/fleet.yaml, or name the folder of tests in the Fleet: `tests`"
    return Diagnostic(codes.EMPTY_TEST, f"there is no test in {folder}/", hint=hint)


class _Goldens(NamedTuple):
    by_folder: Mapping[str, list[Finding]]
    orphans: list[Finding]
    written: tuple[str, ...] = ()
    deleted: tuple[str, ...] = ()
    patch: str | None = None

    def added(self, case: Case, verdict: Verdict) -> Verdict:
        """A verdict with what is wrong with the golden files of its test."""
        related = (Related(verdict.span, f"test {quoted(case.name)}"),)
        found = [
            finding._replace(diagnostic=finding.diagnostic._replace(related=(*related, *finding.diagnostic.related)))
            for finding in self.by_folder.get(case.golden or "", ())
        ]
        return verdict._replace(findings=(*verdict.findings, *found))


class _Run:
    """A run of tests: the fleet that all share, and what golden files they want."""

    def __init__(self, root: str, folder: str, fleet: Fleet) -> None:
        self.root = root
        self.folder = folder
        self.fleet = fleet
        self.judge = Judge(fleet, fleet.sources.locate)
        self.wanted: dict[str, dict[str, bytes]] = {}
        self.untold: set[str] = set()
        """Golden folders of tests that select nothing, or whose specs are refused: what is in them is let be."""

    def verdict(self, case: Case) -> Verdict:
        """Run one test."""
        span = case.doc.span(self.fleet.sources.locate, (*case.at, "name"))
        judge, wrong = self.judge, list(misplaced(self.fleet, case))
        if case.specs and not wrong:
            judge = Judge(altered(self.fleet, case), self.fleet.sources.locate)
        found = wrong or judge.judge(case)
        if case.golden is not None:
            selected = judge.found(case) if judge.fleet.emission is not None and not wrong else []
            self.wanted[case.golden] = self._golden(judge, case.golden, selected)
            self.untold |= set() if selected else {case.golden}
        return Verdict(case.name, span, tuple(map(Finding, found)), judge.text)

    def _golden(self, judge: Judge, folder: str, found: list[Found]) -> dict[str, bytes]:
        """The golden files of a test: the output tree's, with the objects that are selected alone."""
        pages: dict[str, tuple[Page, list[str]]] = {}
        for one in found:
            page = judge.page(one)
            assert page is not None
            pages.setdefault(page.file, (page, []))[1].append(one.shape.text)
        output = f"{judge.fleet.explainer.output if judge.fleet.explainer is not None else ''}/"
        return {
            f"{self.folder}/{folder}/{file.removeprefix(output)}": seal(SEPARATOR.join(texts).encode(), page.source)
            for file, (page, texts) in pages.items()
        }

    def compare(self, *, update: bool, whole: bool) -> _Goldens:
        """Compare golden files with what stands there, and write them when asked to. `whole`: all tests are known, so
        that files of none are orphans."""
        wanted = wanted_files({path: data for files in self.wanted.values() for path, data in files.items()})
        if not update:
            return self._found(self._plan(wanted, discard_edits=False, whole=whole), wanted, whole)
        with locked(Place(self.root, self.folder, f"{self.root}/{STATE}")) as lock:
            ignore(f"{self.root}/{STATE}")
            return self._write(wanted, lock, whole)

    def _write(self, wanted: dict[str, Wanted], lock: Lock, whole: bool) -> _Goldens:
        plan = self._plan(wanted, discard_edits=True, whole=whole)
        if plan.diagnostics:
            return self._found(plan, wanted, whole)
        done = apply(plan, lock, 1)
        return _Goldens({}, [], done.written, done.deleted, done.patch)

    def _plan(self, wanted: dict[str, Wanted], *, discard_edits: bool, whole: bool) -> Plan:
        place = Place(self.root, self.folder, f"{self.root}/{STATE}")
        plan = plan_writes(place, wanted, {}, discard_edits=discard_edits)
        untold = tuple(f"{self.folder}/{folder}/" for folder in self.untold)
        mine = tuple(f"{self.folder}/{folder}/" for folder in self.wanted)

        def told(path: str) -> bool:
            """What other tests want is not known where only some run."""
            return not path.startswith(untold) and (whole or path.startswith(mine))

        return plan._replace(
            deletes=tuple(c for c in plan.deletes if told(c.path)),
            drop=tuple(f for f in plan.drop if told(f"{f}/")),
            edits=tuple(e for e in plan.edits if told(e.path)),
            diagnostics=tuple(d for d in plan.diagnostics if d.span is None or told(d.span.file)),
        )

    def _found(self, plan: Plan, wanted: dict[str, Wanted], whole: bool) -> _Goldens:
        by_folder: dict[str, list[Finding]] = {}
        orphans: list[Finding] = []
        for finding in differences(self.root, plan, wanted, codes.STALE_GOLDEN):
            path = finding.diagnostic.span.file if finding.diagnostic.span is not None else ""
            folder = next((f for f in self.wanted if path.startswith(f"{self.folder}/{f}/")), None)
            if folder is not None:
                by_folder.setdefault(folder, []).append(finding)
            elif whole:
                orphans.append(finding)
        return _Goldens(by_folder, orphans)
