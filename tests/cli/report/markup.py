"""HTML as it was written, read strictly: what is not closed, closed twice or named twice is an error."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Final

VOID: Final = ("link", "meta", "wbr")


@dataclass
class Element:
    name: str
    attributes: dict[str, str]
    content: list[Element | str] = field(default_factory=list["Element | str"])

    def all(self, *names: str) -> Iterator[Element]:
        """The elements of some names in it, in order; all of them without a name."""
        for child in self.content:
            if isinstance(child, Element):
                if not names or child.name in names:
                    yield child
                yield from child.all(*names)

    def text(self) -> str:
        return "".join(c if isinstance(c, str) else c.text() for c in self.content)

    def one(self, name: str, **attributes: str) -> Element:
        found = [e for e in self.all(name) if attributes.items() <= e.attributes.items()]
        assert len(found) == 1, (name, attributes, len(found))
        return found[0]


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("", {})
        self.open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len({name for name, _ in attrs}) == len(attrs), (tag, attrs)
        made = Element(tag, {name: value or "" for name, value in attrs})
        self.open[-1].content.append(made)
        if tag not in VOID:
            self.open.append(made)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        raise AssertionError(f"<{tag}/>")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop().name == tag

    def handle_data(self, data: str) -> None:
        self.open[-1].content.append(data)

    def handle_comment(self, data: str) -> None:
        raise AssertionError(data)


def read(text: str) -> Element:
    reader = _Reader()
    reader.feed(text)
    reader.close()
    assert len(reader.open) == 1, [e.name for e in reader.open]
    return reader.root.one("html")


def shape(element: Element, without: tuple[str, ...] = ()) -> object:
    """The elements and their attributes' names, without any text; some elements are left out."""
    inner = [shape(c, without) for c in element.content if isinstance(c, Element) and c.name not in without]
    return element.name, sorted(element.attributes), inner
