"""A spec file's text in its one layout, and the proof that nothing of it was lost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

from fleetc.language.arrange import arrange
from fleetc.language.envelope import is_spec, normalise
from fleetc.source import yaml
from fleetc.source.concrete.comments import Unplaced, find, place
from fleetc.source.concrete.nodes import Comment, Document, is_nothing
from fleetc.source.concrete.read import parse
from fleetc.source.concrete.write import write
from fleetc.source.text import BREAK, decode

_ROUNDS: Final = 5


class NotKept(Exception):  # noqa: N818 - it says that a file is better left as it is
    """A layout would lose something: what."""


def lay_out(data: bytes) -> bytes:
    """The layout of a file in which the reader finds nothing wrong. Raises NotKept, which takes a bug."""
    decoded = decode(data, yaml.MAX_BYTES)
    assert isinstance(decoded, str)
    text = BREAK.sub("\n", decoded)
    values = [d.value for d in yaml.parse(text.encode()).documents]
    try:
        made = _settled(text, values)
    except Unplaced as error:
        raise NotKept(f"`{error}` is neither a value nor a comment to it") from None
    if made != text:
        _compare(text, values, made)
    return made.encode()


def _settled(text: str, values: Sequence[Any]) -> str:
    """The layout that is its own layout. One round is nearly always enough: only a comment that stood inside of
    brackets may, once it stands on a line of its own, let a long form become a short one."""
    for _ in range(_ROUNDS):
        made = _made(text, values)
        read = yaml.parse(made.encode())
        if made == text or read.problems:
            return made
        text, values = made, [d.value for d in read.documents]
    return text


def _made(text: str, values: Sequence[Any]) -> str:
    parsed = parse(text)
    rest = place(text, parsed)
    documents = [document for document in parsed.documents if not says_nothing(document)]
    if len(documents) == len(values):
        for document, value in zip(documents, values, strict=True):
            if not _is_broken(value):
                arrange(document.root)
    kept, waiting = _without_empty(parsed.documents)
    if not kept and not waiting and not rest:
        return text
    return write(kept, [*waiting, *rest])


def says_nothing(document: Document) -> bool:
    """Whether it has no value for the reader: a null is none, however it is written."""
    root = document.root
    return is_nothing(root) or getattr(root, "value", None) in ("~", "null", "Null", "NULL")


def _without_empty(documents: list[Document]) -> tuple[list[Document], list[Comment]]:
    """Documents that say something; the comments of the others go to the next, and those after the last are told."""
    kept: list[Document] = []
    waiting: list[Comment] = []
    for document in documents:
        if is_nothing(document.root):
            top = document.top
            beside = [c._replace(blank=True) for c in (document.marker, top.trail) if c is not None]
            waiting += [*beside, *top.lead, *top.after]
            continue
        if waiting:
            document.top.lead = [*waiting, *document.top.lead]
            waiting = []
        kept.append(document)
    return kept, waiting


def _is_broken(value: Any) -> bool:
    """Whether something is wrong with a spec: then its fields stay where they are, and are found where they were."""
    return is_spec(value) and bool(normalise(value, "", 0).problems)


def _compare(text: str, values: Sequence[Any], made: str) -> None:
    """Raise NotKept where two texts do not say the same, or not with the same comments."""
    again = yaml.parse(made.encode())
    if again.problems:
        problem = again.problems[0]
        raise NotKept(f"line {problem.line} would be refused: {problem.message}")
    if len(again.documents) != len(values):
        raise NotKept(f"{len(values)} documents would be {len(again.documents)}")
    for n, (old, new) in enumerate(zip(values, again.documents, strict=True), start=1):
        if not same(old, new.value) and not mean_the_same(old, new.value):
            raise NotKept(f"document {n} would say something else")
    try:
        old_comments, new_comments = comments_of(text), comments_of(made)
    except Unplaced as error:
        raise NotKept(f"`{error}` would be neither a value nor a comment") from None
    if old_comments != new_comments:
        lost = [*(old_comments - new_comments), *(new_comments - old_comments)]
        raise NotKept(f"the comment `{lost[0]}` would not be kept")


def comments_of(text: str) -> Counter[str]:
    """The comments of a text. Raises Unplaced."""
    return Counter(found.comment.text for found in find(text, parse(text)))


def mean_the_same(old: Any, new: Any) -> bool:
    """Whether two specs have one canonical form."""
    if not is_spec(old) or not is_spec(new) or _is_broken(old) or _is_broken(new):
        return False
    before, after = normalise(old, "", 0).doc, normalise(new, "", 0).doc
    if before is None or after is None:
        return False
    return (before.kind, before.name) == (after.kind, after.name) and same(before.tree, after.tree)


def same(old: Any, new: Any) -> bool:
    """Whether two values are equal: 1, 1.0 and true are not, the order of a mapping's keys does not matter."""
    if type(old) is not type(new):
        return False
    if isinstance(old, dict):
        return old.keys() == new.keys() and all(same(old[key], new[key]) for key in old)
    if isinstance(old, list):
        return len(old) == len(new) and all(map(same, old, new))
    return bool(old == new)
