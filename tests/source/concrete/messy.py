"""Values written in every way that YAML has, with comments wherever one may stand."""

from __future__ import annotations

import json
from random import Random
from typing import Any

from fleetc.source.concrete.scalars import plain_is_safe
from fleetc.source.scalars import resolve


class Messy:
    """A text that grows. `comments`: each that was written, all different. `density`: how often one is."""

    def __init__(self, choices: Random, density: float = 0.3, *, anchors: bool = True) -> None:
        self._r = choices
        self._density = density
        self._anchors = anchors
        self._named: list[str] = []
        self._values: dict[str, Any] = {}
        self._count = 0
        self._deepest = 1000
        self.comments: list[str] = []
        self.lines: list[str] = []

    def document(self, value: Any, *, marked: bool) -> None:
        """Write a document; `marked`: with `---`."""
        self._named = []
        if marked:
            self._end("---")
        self._apart(0)
        self._node("", value, 0, 0)
        self._apart(0)
        if self._r.random() < 0.1:
            self._end("...")

    def text(self) -> str:
        """All of it."""
        ends = self._r.choice(("\n", "\n", "\n", "\r\n"))
        return ("\ufeff" if self._r.random() < 0.05 else "") + "".join(line + ends for line in self.lines)

    def _often(self, share: float) -> bool:
        return self._r.random() < share

    def _comment(self) -> str:
        number = len(self.comments)
        made = self._r.choice((f"# {number}", f"#{number}", f"# - {number}: [", f"## {number} # \"'", f"#\t{number} ü"))
        self.comments.append(made)
        return made

    def _end(self, line: str) -> None:
        """End a line, perhaps with a comment."""
        self._deepest = 1000
        if self._often(self._density):
            line = f"{line}{self._r.choice((' ', '  ', '     ', chr(9)))}{self._comment()}"
        self.lines.append(line + self._r.choice(("", "", "", " ", "   ")))

    def _apart(self, indent: int) -> None:
        """Blank lines and comments on lines of their own."""
        while self._often(self._density):
            if self._often(0.4):
                self.lines.append(self._r.choice(("", "", "  ")) if self._deepest == 1000 else "")
            else:
                column = min(self._r.choice((indent, indent, indent, 0, indent + 2, indent + 5)), self._deepest - 1)
                if column >= 0:
                    self.lines.append(" " * column + self._comment())

    def _node(self, lead: str, value: Any, indent: int, least: int, *, key: bool = False) -> None:
        """Write a value behind `lead` (`name:`, `-`, or nothing); what is below it is indented by `least` or more."""
        anchor = ""
        if self._anchors and self._often(0.1) and lead:
            if self._named and self._often(0.5):
                known = self._r.choice(self._named)
                if _same(self._values[known], value):
                    self._end(f"{lead} *{known}")
                    return
            anchor = f" &a{self._count}"
            self._count += 1
        self._open(lead, anchor, value, indent, least, key=key)
        if anchor:
            self._named.append(anchor[2:])
            self._values[anchor[2:]] = value

    def _open(self, lead: str, anchor: str, value: Any, indent: int, least: int, *, key: bool) -> None:
        if isinstance(value, dict | list) and (not value or self._often(0.3)):
            flow = Messy._Flow(self, least + 1)
            flow.value(value)
            self._put(f"{lead}{anchor}", flow.lines, indent)
        elif isinstance(value, dict):
            self._block(lead, anchor, value, least)
        elif isinstance(value, list):
            zero = key and self._often(0.5)
            self._block(lead, anchor, value, indent if zero else least)
        else:
            self._scalar(lead, anchor, value, indent, least)

    def _put(self, lead: str, lines: list[str], indent: int) -> None:
        first, *rest = lines
        whole = [f"{lead} {first}" if lead else first, *rest]
        self.lines += whole[:-1]
        self._end(whole[-1])

    def _block(self, lead: str, anchor: str, value: Any, least: int) -> None:
        compact = lead.endswith("-") and not anchor and self._often(0.6)
        if compact:
            spaces = self._r.choice((1, 1, 1, 3))
            self._entries(value, len(lead) + spaces, lead + " " * spaces)
            return
        if lead or anchor:
            self._end(f"{lead}{anchor}")
        inner = least + (self._r.choice((0, 0, 0, 2)) if lead and not (isinstance(value, list)) else 0)
        self._entries(value, inner, None)

    def _entries(self, value: Any, indent: int, first: str | None) -> None:
        pairs = value.items() if isinstance(value, dict) else [(None, v) for v in value]
        for n, (name, item) in enumerate(pairs):
            lead = first if n == 0 and first is not None else " " * indent
            if n or first is None:
                self._apart(indent)
            mark = "-" if name is None else f"{self._name(name)}:"
            self._node(f"{lead}{mark}", item, indent, indent + self._r.choice((1, 2, 2, 4)), key=name is not None)

    def _name(self, name: str) -> str:
        plain = plain_is_safe(name, flow=True) and type(resolve(name)) is str
        return name if plain and self._often(0.8) else json.dumps(name, ensure_ascii=False)

    def _scalar(self, lead: str, anchor: str, value: Any, indent: int, least: int) -> None:
        if isinstance(value, str) and self._often(0.4) and self._literal(lead, anchor, value, least):
            return
        lines = self._words(value, least + 1)
        before = f"{lead}{anchor}"
        if lead and not lead.endswith("-") and self._often(0.1):
            self._end(before)
            before = " " * (least or 1)
            before = before[:-1]
        self._put(before, lines, indent)

    def _literal(self, lead: str, anchor: str, value: str, least: int) -> bool:
        body = value.rstrip("\n")
        if not body or any(line.strip(" \t") != line for line in body.split("\n")) or "\r" in value or body[0] == "\n":
            return False
        folded = "\n" not in body and self._often(0.5)
        ends = len(value) - len(body)
        chomp = "-" if ends == 0 else self._r.choice(("", "+")) if ends == 1 else "+"
        least = max(least, 1)
        lines = body.replace(" ", "\n").split("\n") if folded and "  " not in body else body.split("\n")
        self._end(f"{lead}{anchor} {'>' if folded else '|'}{chomp}" if lead else ("|" + chomp))
        if not lead:
            lines = body.split("\n")
        self.lines += [" " * least + line if line else "" for line in lines]
        self.lines += [""] * (ends - 1)
        if chomp != "+" and self._often(0.2):
            self.lines.append("")
        self._deepest = least
        return True

    def _words(self, value: Any, least: int) -> list[str]:
        """A scalar in one of its styles, mostly on one line."""
        if not isinstance(value, str):
            return [self._r.choice(("null", "~", "Null"))] if value is None else [json.dumps(value)]
        if plain_is_safe(value, flow=True) and self._often(0.6):
            return self._folded(value, least) if " " in value and "  " not in value else [value]
        if value.isprintable() and self._often(0.4):
            single = value.replace("'", "''")
            return [f"'{single}'"]
        double = json.dumps(value, ensure_ascii=False)
        if " " in value and "  " not in value and "\\" not in double and value.strip() == value and self._often(0.3):
            return self._folded(double, least)
        return [double.replace("\x7f", "\\x7f")]

    def _folded(self, text: str, least: int) -> list[str]:
        if not self._often(0.3):
            return [text]
        first, *rest = text.split(" ")
        if any(word[:1] in "#-?:" for word in rest):
            return [text]
        return [first + self._r.choice(("", "  ")), *(" " * least + word for word in rest)]

    class _Flow:
        """A value in brackets, perhaps over several lines."""

        def __init__(self, messy: Messy, indent: int) -> None:
            self._m = messy
            self._indent = indent
            self.lines = [""]

        def value(self, value: Any) -> None:
            """Write it."""
            if not isinstance(value, dict | list):
                first, *rest = self._m._words(value, self._indent)
                self.lines[-1] += first
                self.lines += rest
                return
            pairs = [*value.items()] if isinstance(value, dict) else [(None, v) for v in value]
            self.lines[-1] += "{" if isinstance(value, dict) else "["
            self._maybe_break()
            for n, (name, item) in enumerate(pairs):
                if name is not None:
                    self.lines[-1] += f"{json.dumps(name, ensure_ascii=False)}: "
                self.value(item)
                if n < len(pairs) - 1 or self._m._often(0.1):
                    self.lines[-1] += "," + self._m._r.choice(("", " ", "  ")) + ("" if item is not None else " ")
                self._maybe_break()
            self.lines[-1] += "}" if isinstance(value, dict) else "]"

        def _maybe_break(self) -> None:
            if not self._m._often(0.2):
                return
            while True:
                if self._m._often(self._m._density):
                    self.lines[-1] += f" {self._m._comment()}"
                self.lines.append(" " * self._indent)
                if self._m._often(0.6):
                    return


def _same(a: Any, b: Any) -> bool:
    return repr(a) == repr(b)
