"""One test on one fleet: what is not as it expects, with the emitted line and the spec line behind it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from fleetc.check.findings import Place
from fleetc.diagnostics import Code, Diagnostic, Related, codes
from fleetc.driver.explain import Page, holds_more, value_at
from fleetc.driver.testing.fleet import Fleet
from fleetc.driver.testing.match import Miss, closest
from fleetc.driver.testing.select import Found, clusters_of, objects_of, vacuous
from fleetc.driver.trace import own_span, spec_span
from fleetc.language.document import Locate
from fleetc.language.expectation import Case, Expect
from fleetc.language.table import TABLE_FILE
from fleetc.language.wording import quoted
from fleetc.source.span import Path, Span

_MOST: Final = 5
"""Of what is the same in many objects, as many are shown."""
_MEND: Final = "correct the specs, or the test"


class Judge:
    """Judges the tests of one fleet; `locate` finds places in test files."""

    def __init__(self, fleet: Fleet, locate: Locate) -> None:
        self.fleet = fleet
        self.locate = locate
        self._pages: dict[tuple[str, int], Page | None] = {}

    def judge(self, case: Case) -> list[Diagnostic]:
        """What is not as a test expects."""
        expect = case.expect
        if expect is not None and expect.form in ("codes", "valid"):
            return list(self._refusal(case, expect))
        if self.fleet.emission is None:
            return self._refused(case)
        wrong = list(vacuous(case, self.fleet, self.fleet.emission, self.locate))
        if wrong:
            return wrong
        found = self.found(case)
        return list(self._expected(case, expect, found)) if expect is not None else self._some(case, found)

    def found(self, case: Case) -> list[Found]:
        """The objects that a test selects."""
        emission, explainer = self.fleet.emission, self.fleet.explainer
        assert emission is not None
        assert explainer is not None
        clusters = clusters_of(case, emission, explainer.plan.world.clusters)
        return list(objects_of(case.objects or {}, emission, clusters))

    def text(self, file: str) -> str | None:
        """The text of an emitted file as the specs give it, or of any other as it stands."""
        explainer = self.fleet.explainer
        page = explainer.find_page(file) if explainer is not None else None
        return page.text().decode() if page is not None else self.fleet.sources.text(file)

    def _refusal(self, case: Case, expect: Expect) -> Iterator[Diagnostic]:
        """The codes that come out, held against those that are expected."""
        wanted: list[Code] = expect.value if expect.form == "codes" else []
        got = [d.code for d in self.fleet.diagnostics]
        missing = [code.code for code in wanted if code not in got]
        more = [d for d in self.fleet.diagnostics if d.code not in wanted]
        if not missing and not more:
            return
        said = f"{', '.join(missing)} does not come out" if missing else ""
        if more:
            listed = ", ".join(sorted({d.code.code for d in more}))
            said += f"{', and ' if said else ''}{listed} comes out"
        related = tuple(Related(d.span, d.message) for d in more[:_MOST] if d.span is not None)
        hint = "correct the specs that are tried, or what is expected of them"
        yield self._diagnostic(case, said, hint, related)

    def _refused(self, case: Case) -> list[Diagnostic]:
        """Specs that are tried are refused, where something is expected of what they emit."""
        found = self.fleet.diagnostics
        related = tuple(Related(d.span, f"{d.code.code} {d.message}") for d in found[:_MOST] if d.span is not None)
        hint = "correct the specs that are tried, or expect the codes: {codes: [...]}"
        return [self._diagnostic(case, "the specs are refused, so nothing is emitted", hint, related)]

    def _some(self, case: Case, found: Sequence[Found]) -> list[Diagnostic]:
        return [] if found else [self._nothing(case)]

    def _nothing(self, case: Case) -> Diagnostic:
        """A test that needs objects finds none."""
        emission, explainer = self.fleet.emission, self.fleet.explainer
        assert emission is not None
        assert explainer is not None
        hint, objects = "correct what is selected", case.objects or {}
        elsewhere = list(objects_of(objects, emission, list(range(len(emission.clusters)))))
        if elsewhere:
            names = list(dict.fromkeys(emission.clusters[one.cluster] for one in elsewhere))
            hint = f"there are {len(elsewhere)} on {', '.join(names[:_MOST])}: correct `clusters`"
        else:
            without = {field: {k: v for k, v in objects.items() if k != field} for field in objects}
            clusters = clusters_of(case, emission, explainer.plan.world.clusters)
            many = {field: sum(1 for _ in objects_of(rest, emission, clusters)) for field, rest in without.items()}
            more = [f"{count} without `{field}`" for field, count in many.items() if count]
            hint = f"it would select {', '.join(more)}" if more else hint
        span = case.doc.span(self.locate, (*case.at, "objects"), key=True)
        message = f"test {quoted(case.name)}: no object is selected, so that nothing is tested"
        return Diagnostic(codes.EMPTY_TEST, message, span, hint, (*case.at, "objects"))

    def _expected(self, case: Case, expect: Expect, found: Sequence[Found]) -> Iterator[Diagnostic]:
        match expect.form:
            case "count" if len(found) != expect.value:
                wanted = expect.value or "none"
                what = f"{len(found)} object{'s are' if len(found) != 1 else ' is'} selected, and {wanted} expected"
                related = tuple(r for one in found[:_MOST] for r in self.where(one, ("metadata", "name"), one.about))
                hint = _MEND if found else self._nothing(case).hint
                yield self._diagnostic(case, what, hint, related)
            case "some" | "each" | "any" if not found:
                yield self._nothing(case)
            case "each":
                yield from self._each(case, expect, found)
            case "any":
                missed = [(one, closest(expect.value, one.shape.object)) for one in found]
                if all(miss for _, miss in missed):
                    one, (miss, *_) = min(missed, key=lambda pair: len(pair[1]))
                    what = f"none of {len(found)} objects is" if len(found) > 1 else "the only object is not"
                    said = f"{one.about} is the nearest: {miss.found}; expected is {miss.expected}"
                    related = self.where(one, miss.path, said)
                    yield self._diagnostic(case, f"{what} as expected", _MEND, related, miss.at)
            case _:
                return

    def _each(self, case: Case, expect: Expect, found: Sequence[Found]) -> Iterator[Diagnostic]:
        known: dict[int, list[Miss]] = {}
        groups: dict[tuple[object, ...], list[tuple[Found, Miss]]] = {}
        for one in found:
            number = one.shape.number
            if number not in known:
                known[number] = closest(expect.value, one.shape.object)
            for miss in known[number]:
                groups.setdefault((one.about, miss), []).append((one, miss))
        assert self.fleet.emission is not None
        names = self.fleet.emission.clusters
        for group in [*groups.values()][:_MOST]:
            one, miss = group[0]
            on = list(dict.fromkeys(names[each.cluster] for each, _ in group))
            where = on[0] if len(on) == 1 else f"{on[0]} and {len(on) - 1} more cluster{'s' if len(on) > 2 else ''}"
            what = f"{one.about}: {miss.found}; expected is {miss.expected} (on {where})"
            related = self.where(one, miss.path, "emitted here")
            yield self._diagnostic(case, what, _MEND, related, miss.at)
        if len(groups) > _MOST:
            left = len(groups) - _MOST
            what = f"{left} more place{'s are' if left > 1 else ' is'} not as expected"
            yield self._diagnostic(case, what, "mend those that are shown first")

    def where(self, one: Found, path: Path, text: str) -> tuple[Related, ...]:
        """The emitted line of a value, and the spec line that it comes from."""
        explainer = self.fleet.explainer
        assert explainer is not None
        page = self.page(one)
        if page is None:
            return ()
        line = page.place((one.position, *path)).start
        written = page.text().decode().split("\n")[line - 1]
        column = len(written) - len(written.lstrip("- ")) + 1
        place = Place(one.subject, one.cluster, one.position, path)
        behind = spec_span(explainer.tracer, place)
        emitted = Related(Span(page.file, line, column), text)
        if behind.file != TABLE_FILE:
            return (emitted, Related(behind, self._why(one, path)))
        spec = own_span(explainer.tracer, place)
        return (emitted, Related(behind, "the built-in default"), Related(spec, "which this spec leaves as it is"))

    def _why(self, one: Found, path: Path) -> str:
        explainer = self.fleet.explainer
        assert explainer is not None
        why = explainer.tracer.line(explainer.plan.subjects[one.subject], one.cluster, one.position, path)
        leaf = not holds_more(value_at(one.shape.object, path))
        return f"a constant of {why.lowering}, there because of this" if why.constant and leaf else "it comes from here"

    def page(self, one: Found) -> Page | None:
        """The file that an object is in."""
        key = (one.subject, one.cluster)
        explainer = self.fleet.explainer
        assert explainer is not None
        if key not in self._pages:
            self._pages[key] = explainer.page(explainer.plan.subjects[one.subject], one.cluster)
        return self._pages[key]

    def _diagnostic(
        self, case: Case, what: str, hint: str, related: tuple[Related, ...] = (), at: Path = ()
    ) -> Diagnostic:
        """At a place of the test: that of `at`, or its expectation."""
        path = at or (*case.at, "expect")
        span = case.doc.span(self.locate, path, key=bool(at))
        message, related = f"test {quoted(case.name)}: {what}", tuple(dict.fromkeys(related))
        return Diagnostic(codes.UNMET_EXPECTATION, message, span, hint, path, related)
