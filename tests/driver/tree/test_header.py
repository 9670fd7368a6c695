"""The first line: ownership, hand edits, conflicts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleetc.driver.tree.api import Header, State, read_header, seal, state_of

OURS = seal(b"a: 1\n", "specs/a.yaml")
THEIRS = seal(b"a: 2\n", "specs/a.yaml")
CONFLICT = b"<<<<<<< HEAD\n" + OURS + b"=======\n" + THEIRS + b">>>>>>> other\n"


def test_the_first_line_word_by_word() -> None:
    digest = "0af9e2bcf8a7fb10c9e0d3ac6d6ef2ef9e2bcf8a7fb10c9e0d3ac6d6ef2ef111"
    line = b"# Made by fleetc from specs/a.yaml; edit that instead. sha256:" + digest.encode() + b"\n"
    assert read_header(line) == Header("specs/a.yaml", digest)
    assert OURS.startswith(b"# Made by fleetc from specs/a.yaml; edit that instead. sha256:")
    assert OURS.endswith(b"\na: 1\n")


@pytest.mark.parametrize(
    ("data", "state"),
    [
        (OURS, State.OURS),
        (seal(b"", "s"), State.OURS),
        (seal(CONFLICT, "s"), State.OURS),
        (OURS + b"b: 2\n", State.EDITED),
        (OURS[:-1], State.EDITED),
        (OURS.replace(b"\n", b"\r\n"), State.EDITED),
        (OURS + b"<<<<<<< HEAD\nx\n", State.EDITED),
        (CONFLICT, State.CONFLICTED),
        (OURS + CONFLICT, State.CONFLICTED),
        (CONFLICT.replace(b"=======\n", b"||||||| base\nold\n=======\n"), State.CONFLICTED),
        (b"", State.FOREIGN),
        (b"a: 1\n", State.FOREIGN),
        (b"\n" + OURS, State.FOREIGN),
        (b"notes\n" + CONFLICT, State.FOREIGN),
        (b"<<<<<<< HEAD\na\n=======\nb\n>>>>>>> other\n", State.FOREIGN),
        (OURS.replace(b"sha256:", b"sha256:x"), State.FOREIGN),
    ],
)
def test_states(data: bytes, state: State) -> None:
    assert state_of(data) is state


@given(st.binary(), st.text(min_size=1))
def test_what_is_sealed_is_ours_whatever_it_holds(body: bytes, source: str) -> None:
    sealed = seal(body, source)
    assert state_of(sealed) is State.OURS
    header, _, rest = sealed.partition(b"\n")
    assert rest == body
    assert read_header(header) is not None


@given(st.binary(min_size=1), st.data())
def test_any_changed_byte_below_the_header_is_an_edit(body: bytes, data: st.DataObject) -> None:
    sealed = bytearray(seal(body, "s"))
    at = data.draw(st.integers(len(sealed) - len(body), len(sealed) - 1))
    sealed[at] ^= data.draw(st.integers(1, 255))
    assert state_of(bytes(sealed)) in {State.EDITED, State.CONFLICTED}
