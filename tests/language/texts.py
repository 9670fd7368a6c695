"""Specs as texts: brought into canonical form, and where in them something stands."""

from __future__ import annotations

from collections.abc import Mapping

from fleetc.language.document import Doc, Locate
from fleetc.language.envelope import Included, Normalised, normalise
from fleetc.language.problem import Problem
from fleetc.source import yaml
from fleetc.source.span import Path, Span

FILE = "specs/x.yaml"
HEAD = "apiVersion: fleetc/v1alpha1\n"


def spec(kind: str, spec: str, metadata: str = "{name: x}") -> str:
    """A document: its spec and metadata in flow style."""
    return f"{HEAD}kind: {kind}\nmetadata: {metadata}\nspec: {spec}\n"


def read(text: str, included: Mapping[str, str] | None = None) -> list[Normalised]:
    """Every document of a text."""
    extra: list[Included] = []
    for file, content in (included or {}).items():
        extra += [Included(file, n, d.value) for n, d in enumerate(yaml.parse(content.encode()).documents)]
    documents = yaml.parse(text.encode()).documents
    return [normalise(d.value, FILE, n, tuple(extra)) for n, d in enumerate(documents)]


def doc(text: str, included: Mapping[str, str] | None = None) -> Doc:
    """The one document of a text, in which nothing is wrong."""
    (got,) = read(text, included)
    assert got.problems == ()
    assert got.doc is not None
    return got.doc


def docs(*texts: str) -> dict[str, Doc]:
    """One document of each text, by id; `locate` finds them in files named after it."""
    out: dict[str, Doc] = {}
    for text in texts:
        made = doc(text)
        out[made.id] = Doc(made.kind, made.name, ((f"{made.id}.yaml", 0),), made.tree, made.moves)
    return out


def locate(files: Mapping[str, str]) -> Locate:
    """Finds paths in the texts of files."""
    parsed = {file: yaml.parse(text.encode(), marks=True).documents for file, text in files.items()}

    def find(file: str, index: int, path: Path, key: bool) -> Span:
        marks = parsed[file][index].marks
        assert marks is not None
        for length in range(len(path), -1, -1):
            mark = marks.get(path[:length])
            if mark is not None and (key or length < len(path)):
                return Span(file, mark.key_line, mark.key_column)
            if mark is not None:
                return Span(file, mark.line, mark.column)
        raise AssertionError(path)

    return find


def problems(text: str, included: Mapping[str, str] | None = None) -> list[Problem]:
    """What is wrong with the documents of a text."""
    return [problem for got in read(text, included) for problem in got.problems]


def found(text: str, included: Mapping[str, str] | None = None) -> list[str]:
    """What is wrong with the one document of a text: each code, and what it points to."""
    files = {FILE: text, **(included or {})}
    sources = [FILE, *(included or {})]
    find = locate(files)
    out: list[str] = []
    for problem in problems(text, included):
        span = find(sources[problem.source], 0, problem.path, problem.key)
        out.append(f"{problem.code.name} {token(files[span.file], span)}")
    return out


def token(text: str, span: Span) -> str:
    """What stands at a span, up to the next separator."""
    rest = text.split("\n")[span.line - 1][span.column - 1 :]
    if rest[:1] in "\"'" and rest:
        return rest[: rest.index(rest[0], 1) + 1]
    ends = [n for n, c in enumerate(rest) if c in ",]}" or rest.startswith(": ", n)]
    return rest[: min(ends, default=len(rest))]
