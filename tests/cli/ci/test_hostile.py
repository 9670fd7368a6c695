"""Messages and names that would break out of what CI systems read."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.cli.ci.readers import commands, path_of, sarif

from fleetc.cli import github
from fleetc.cli import sarif as log
from fleetc.cli.findings import Report
from fleetc.cli.places import File, file_of, region_of, repository_of
from fleetc.diagnostics import CODES, Diagnostic, Related
from fleetc.language.table import TABLE_FILE
from fleetc.source.span import Span

BAD: Final = ["::error::", "%0A", "%", "\r", "\n", "\r\n", ",", ":", "=", "]", "](1)", "[", "\\", "{0}", "\u2028",
              "\x85", "\0", "\udce9", "\N{BOMB}", "##[error]", "é", "file=x", " ", "%25", "#", "?"]  # fmt: skip
TEXTS: Final = st.lists(st.sampled_from(BAD) | st.text(max_size=4), max_size=8).map("".join)
NAMES: Final = (
    st.lists(
        st.sampled_from([b for b in BAD if "\0" not in b]) | st.sampled_from(["a", "specs", "\n"]),
        min_size=1,
        max_size=5,
    )
    .map("".join)
    .filter(lambda name: name.strip("./") == name != "")
)
SPANS: Final = st.builds(Span, NAMES, st.integers(0, 5), st.integers(0, 12), st.integers(0, 9))
CONTENTS: Final = st.none() | st.text(alphabet="ab\n\r\t'\"[{: \N{BOMB}é", max_size=40)
DIAGNOSTICS: Final = st.builds(
    Diagnostic,
    st.sampled_from([*CODES.values()]),
    TEXTS,
    st.none() | SPANS,
    TEXTS,
    st.lists(TEXTS | st.integers(0, 9), max_size=3).map(tuple),
    st.lists(st.builds(Related, SPANS, TEXTS), max_size=2).map(tuple),
)


def shown(text: str) -> str:
    """Text as UTF-8 has it."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


@settings(max_examples=150, deadline=None)
@given(st.lists(DIAGNOSTICS, max_size=4), CONTENTS, st.lists(TEXTS, max_size=2), st.sampled_from((0, 1, 2)))
def test_everything_can_be_told(
    found: Sequence[Diagnostic], content: str | None, notes: list[str], status: int
) -> None:
    with tempfile.TemporaryDirectory() as root:
        report = Report(found, status, lambda _: content, root, tuple(notes))
        run = sarif(log.text(report, "check"))
        told = commands(github.text(report, "check"))
    once = [*dict.fromkeys(found)]
    assert len(run["results"]) == sum(d.span is not None for d in once)
    assert len(run["invocations"][0]["toolExecutionNotifications"]) == len(once) - len(run["results"]) + len(notes)
    assert len(told) == len(once) + len(notes)
    texts = {shown(d.message.replace("](", "] (")) for d in once}
    assert all(any(r["message"]["text"].startswith(text) for text in texts) for r in run["results"])
    assert {(d.message + "\n")[: len(d.message)] for d in once} <= {
        c.message[: len(d.message)] for c in told for d in once
    }
    files = {file_of(d.span.file, root, os.path.realpath(root)).path for d in once if d.span}
    assert {c.properties["file"] for c in told if "file" in c.properties} == files
    for result in run["results"]:
        assert path_of(result["locations"][0], run["originalUriBaseIds"]).is_relative_to(Path(root).resolve())


@given(CONTENTS.filter(lambda text: text is not None), st.integers(0, 6), st.integers(0, 20), st.integers(0, 9))
def test_regions_lie_in_their_line(content: str, line: int, column: int, length: int) -> None:
    span = Span("specs/x.yaml", line, column, length)
    at = region_of(span, lambda _: content)
    lines = content.split("\n")
    assert at.line == max(line, 1)
    if at.end is not None:
        text = lines[at.line - 1].rstrip("\r").encode("utf-16-le")
        assert 1 <= at.column < at.end <= len(text) // 2 + 1
        text[2 * (at.column - 1) : 2 * (at.end - 1)].decode("utf-16-le")  # no pair is cut in half
        assert region_of(span, lambda _: content, hidden=True) == at._replace(end=None)


def test_files_in_and_out_of_the_repository(tmp_path: Path) -> None:
    root = str(tmp_path.resolve())
    (tmp_path / ".git").mkdir()
    (tmp_path / "platform").mkdir()
    assert repository_of(f"{root}/platform") == root
    assert file_of("specs/fleet.yaml", f"{root}/platform", root) == File("platform/specs/fleet.yaml", "repository")
    assert file_of("../other/x.yaml", f"{root}/platform", root) == File("other/x.yaml", "repository")
    assert file_of("../../x.yaml", f"{root}/platform", root) == File(f"{os.path.dirname(root)}/x.yaml", "")
    assert file_of("/etc/x.yaml", f"{root}/platform", root) == File("/etc/x.yaml", "")
    assert file_of("x.yaml", "/", "/") == File("x.yaml", "repository")
    assert file_of(TABLE_FILE, root, root) == File(TABLE_FILE, "fleetc")


def test_a_table_is_found_where_fleetc_is(tmp_path: Path) -> None:
    found = Diagnostic(CODES["FLT123"], "two", Span(TABLE_FILE, 1, 1))
    run = sarif(log.text(Report([found], 1, root=str(tmp_path)), "check"))
    assert path_of(run["results"][0]["locations"][0], run["originalUriBaseIds"]).is_file()


def test_what_is_alike_is_told_apart() -> None:
    found = [Diagnostic(CODES["FLT121"], "one", Span("a", n, 1), path=("spec", "x")) for n in (1, 2)]
    run = sarif(log.text(Report(found, 1), "check"))
    assert len(run["results"]) == 2


def test_every_rule_has_its_texts() -> None:
    found = [Diagnostic(code, "x", Span("a", 1, 1)) for code in CODES.values()]
    for rule in sarif(log.text(Report(found, 1), "check"))["tool"]["driver"]["rules"]:
        assert re.match(r"[A-Z].*\S\.$", rule["shortDescription"]["text"])
        assert len(rule["fullDescription"]["text"]) > 20
        assert rule["help"]["text"] == rule["help"]["markdown"]
