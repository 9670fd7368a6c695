"""The test files of a root."""

from __future__ import annotations

from fleetc.diagnostics import Diagnostic, Failure, Related, codes
from fleetc.driver.files import yaml_files
from fleetc.driver.load import Sources
from fleetc.driver.tree.header import find_header
from fleetc.language.expectation import Case, read_cases
from fleetc.language.problem import Problem
from fleetc.language.wording import quoted
from fleetc.source.span import Path
from fleetc.tuples import NamedTuple


class Cases(NamedTuple):
    """The tests in the order of their files, the files, and what is wrong with them."""

    cases: list[Case]
    files: list[str]
    diagnostics: list[Diagnostic]


def cases_of(sources: Sources, folder: str) -> Cases:
    """The tests below a folder. Files that fleetc made are golden files, not tests."""
    cases: list[Case] = []
    files: list[str] = []
    wrong: list[Diagnostic] = []
    for file in yaml_files(sources.root, folder):
        if not _is_made(sources, file):
            files.append(file)
            got, found = _read(sources, file)
            cases += got
            wrong += found
    return Cases(cases, files, [*wrong, *_twice(sources, cases), *_nested(sources, cases)])


def _is_made(sources: Sources, file: str) -> bool:
    try:
        return find_header(sources.read(file)) is not None
    except Failure:
        return False  # Reading it as a test says why.


def _read(sources: Sources, file: str) -> tuple[list[Case], list[Diagnostic]]:
    loaded = sources.load(file)
    if loaded.diagnostics:
        return [], loaded.diagnostics
    if not loaded.documents:
        hint = "write a list of tests below `tests:`, or remove the file"
        return [], [Diagnostic(codes.EMPTY_TEST, f"{file} holds no test", sources.locate(file, 0, ()), hint)]
    cases: list[Case] = []
    wrong: list[Diagnostic] = []
    for number, value in loaded.documents:
        got = read_cases(value, file, number)
        cases += got.tests
        wrong += [_problem(sources, file, number, problem) for problem in got.problems]
    return cases, wrong


def _problem(sources: Sources, file: str, number: int, problem: Problem) -> Diagnostic:
    span = sources.locate(file, number, problem.path, problem.key)
    related = tuple(Related(sources.locate(file, number, path), text) for path, text, _ in problem.related)
    return Diagnostic(problem.code, problem.message, span, problem.hint, problem.path, related)


def _twice(sources: Sources, cases: list[Case]) -> list[Diagnostic]:
    """Tests of one name in two documents; those in one have been found where it was read."""
    first: dict[str, Case] = {}
    out: list[Diagnostic] = []
    for case in cases:
        other = first.setdefault(case.name, case)
        if other.doc is not case.doc:
            at: Path = (*case.at, "name")
            related = (Related(other.doc.span(sources.locate, (*other.at, "name")), "first here"),)
            message = f"two tests are called {quoted(case.name)}"
            span = case.doc.span(sources.locate, at)
            out.append(Diagnostic(codes.DUPLICATE_ITEM, message, span, "rename one of them", at, related))
    return out


def _nested(sources: Sources, cases: list[Case]) -> list[Diagnostic]:
    """Golden folders in one another: whose a file there is could not be told."""
    out: list[Diagnostic] = []
    golden = [(f"{case.golden}/".casefold(), case) for case in cases if case.golden is not None]
    for n, (folder, case) in enumerate(golden):
        other = next((each for path, each in golden[:n] if path.startswith(folder) or folder.startswith(path)), None)
        if other is not None:
            at: Path = (*case.at, "golden")
            related = (Related(other.doc.span(sources.locate, (*other.at, "golden")), "that of this test"),)
            message = f"golden folder {quoted(str(case.golden))} is not of this test alone"
            span = case.doc.span(sources.locate, at)
            out.append(
                Diagnostic(codes.DUPLICATE_ITEM, message, span, "give each test a folder of its own", at, related)
            )
    return out
