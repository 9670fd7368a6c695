"""HTML as values: what is text is escaped where it becomes markup, once. Markup is a type of its own, so that nothing
is taken for it that is not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape
from typing import Final

_VOID: Final = ("link", "meta", "wbr")
_SPACE: Final = "\n\t"


class Html(str):
    """Markup that is finished."""

    __slots__ = ()


Content = str | int | Iterable["Content"] | None
"""Text, markup, a number, several of them, or nothing."""


def el(name: str, /, *content: Content, **attributes: str | int | bool | None) -> Html:
    """An element. An attribute that Python has a word for ends in `_`, a `_` inside stands for `-`; one that is None or
    False is left out, of one that is True the name is enough."""
    shown = "".join(_attributes(attributes))
    if name in _VOID:
        return Html(f"<{name}{shown}>")
    return Html(f"<{name}{shown}>{''.join(parts(content))}</{name}>")


def join(*content: Content) -> Html:
    """Several things, one after the other."""
    return Html("".join(parts(content)))


def parts(content: Content) -> Iterator[str]:
    """The markup of some content."""
    if content is None:
        return
    if isinstance(content, Html):
        yield content
    elif isinstance(content, str):
        yield escape(readable(content), quote=False)
    elif isinstance(content, int):
        yield f"{content:,}"
    else:
        for each in content:
            yield from parts(each)


def readable(text: str) -> str:
    """Text without what cannot be seen: characters that control terminals, or turn the direction of what follows, would
    let one name look like another."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c in _SPACE else "\N{REPLACEMENT CHARACTER}" for c in text)


def _attributes(given: dict[str, str | int | bool | None]) -> Iterator[str]:
    for name, value in given.items():
        if value is None or value is False:
            continue
        spelled = name.removesuffix("_").replace("_", "-")
        yield f" {spelled}" if value is True else f' {spelled}="{escape(readable(str(value)))}"'
