"""A server's refusal, carried back to the spec lines that it follows from."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

from tests.live.clusters import Emitted

from fleetc.cli.explained import explained
from fleetc.cli.style import style_for
from fleetc.driver.explain import Explainer
from fleetc.source.span import Path
from fleetc_rehearsal import Cause, Refused

_STEP: Final = re.compile(r"\[([^\]]*)\]|([^.\[\]]+)")


def blame(fleet: Explainer, one: Emitted, refused: Refused) -> str:
    """What the server says of an object, and for each field that it names the lines of specs that it comes from."""
    page = fleet.find_page(one.file)
    assert page is not None, one.file
    causes: Sequence[Cause] = refused.causes or (Cause("", refused.message),)
    out = [f"{one.file}:{page.place((one.position,)).start}: {one.about}: the server refuses it: {refused}"]
    for cause in causes:
        path = nearest(one.object, cause.field)
        for entry in fleet.at(page, page.place((one.position, *path)).start):
            out += explained(fleet, entry, style_for("never"))
    return "\n".join(out)


def nearest(value: Any, field: str) -> Path:
    """The path of a field as servers name it (`spec.hard[requests.cpu]`), as far as the object has it."""
    out: list[str | int] = []
    for index, name in _STEP.findall(field):
        step: Any = int(index) if isinstance(value, list) and index.isdigit() else index or name
        try:
            value = value[step]
        except (KeyError, IndexError, TypeError):
            break
        out.append(step)
    return tuple(out)
