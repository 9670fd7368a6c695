"""Names of fields as expressions write them, where a name is none that CEL can say (apiserver, pkg/cel/escaping.go)."""

from __future__ import annotations

import re
from typing import Final

_ESCAPED: Final = {"__": "__underscores__", ".": "__dot__", "-": "__dash__", "/": "__slash__"}
_RESERVED: Final = frozenset(
    (
        *("true", "false", "null", "in", "as", "break", "const", "continue", "else", "for", "function", "if"),
        *("import", "let", "loop", "package", "namespace", "return", "var", "void", "while"),
    )
)
_SAID: Final = frozenset({"true", "false", "null", "in"})
"""Words that no field can be called by, even behind a dot."""
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def escaped(name: str) -> str:
    """A field's name as expressions write it."""
    if name in _RESERVED:
        return f"__{name}__"
    return re.sub(r"__|[.\-/]", lambda found: _ESCAPED[found[0]], name)


def spellings(name: str) -> tuple[str, ...]:
    """All that a field may be called; none where expressions cannot name it."""
    if name in _RESERVED and name not in _SAID:
        return escaped(name), name
    found = escaped(name)
    return (found,) if _NAME.fullmatch(found) else ()
