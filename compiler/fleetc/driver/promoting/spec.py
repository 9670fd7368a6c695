"""The edit of a Rollout's file: its wave gets a revision and folders, all else stays as people wrote it."""

from __future__ import annotations

from collections.abc import Sequence

from fleetc.driver.layout import NotKept, comments_of, lay_out, same
from fleetc.language.document import Doc, Tree
from fleetc.language.envelope import normalise
from fleetc.language.rollout import Wave
from fleetc.resolve.rollouts import wave_path
from fleetc.source import yaml
from fleetc.source.concrete.comments import Unplaced
from fleetc.source.concrete.edit import NotEditable, put
from fleetc.source.text import BREAK, decode

_BOM = b"\xef\xbb\xbf"


def edited(data: bytes, doc: Doc, wave: Wave, revision: str, paths: Sequence[str]) -> bytes:
    """A file with another revision and other paths for a wave of the Rollout in it. One that has the layout of `fleetc
    fmt` has it afterwards. Raises NotKept where an edit would change more than that."""
    decoded = decode(data, yaml.MAX_BYTES)
    assert isinstance(decoded, str)
    text = BREAK.sub("\n", decoded)
    _, number, at = doc.place(wave_path(wave))
    try:
        made = put(text, number, at, {"revision": revision, "paths": paths}, "name")
    except NotEditable as error:
        raise NotKept(str(error)) from None
    _compare(text, made, doc, wave, revision, paths)
    breaks = {*BREAK.findall(decoded)} or {"\n"}
    if breaks == {"\n"} and not data.startswith(_BOM) and lay_out(data) == data:
        return lay_out(made.encode())
    if len(breaks) > 1:
        raise NotKept("its lines end in several ways")
    mark = _BOM if data.startswith(_BOM) else b""
    return mark + made.replace("\n", breaks.pop()).encode()


def _compare(text: str, made: str, doc: Doc, wave: Wave, revision: str, paths: Sequence[str]) -> None:
    """Raise NotKept where more than the two fields differs, or a comment is lost."""
    old, new = yaml.parse(text.encode()), yaml.parse(made.encode())
    number = doc.sources[0][1]
    if new.problems or len(old.documents) != len(new.documents):
        raise NotKept("it would not be read as before")
    for n, (before, after) in enumerate(zip(old.documents, new.documents, strict=True)):
        if n != number and not same(before.value, after.value):
            raise NotKept("another document of the file would change")
    again = normalise(new.documents[number].value, *doc.sources[0]).doc
    wanted = _with(doc.tree, wave.name, {"revision": revision, "paths": [*paths]})
    if again is None or not same(again.tree, wanted) or _order(again) != _order(doc):
        raise NotKept("more than the wave's revision and paths would change")
    try:
        kept = comments_of(text) == comments_of(made)
    except Unplaced as error:
        raise NotKept(f"`{error}` would be neither a value nor a comment") from None
    if not kept:
        raise NotKept("a comment among the paths would not be kept")


def _with(tree: Tree, wave: str, values: Tree) -> Tree:
    waves = tree["spec"]["waves"]
    return {**tree, "spec": {**tree["spec"], "waves": {**waves, wave: {**waves[wave], **values}}}}


def _order(doc: Doc) -> list[str]:
    return [*doc.tree["spec"]["waves"]]
