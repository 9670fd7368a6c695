"""A real browser without a network, and what it sees of a page: boxes of texts, colours, what has the focus."""

from __future__ import annotations

import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, NamedTuple

from playwright.sync_api import Browser, Page, sync_playwright

from fleetc_rehearsal.finder import locate

_ARGUMENTS: Final = (
    "--no-sandbox",  # what it shows is ours, and containers have none
    "--no-zygote",
    "--in-process-gpu",
    "--use-gl=angle",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
)
TEXTS: Final = """
() => {
  const out = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const colour = (text) => text.match(/[\\d.]+/g).map(Number);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const parent = node.parentElement;
    if (!node.data.trim() || parent.closest("svg, style, .skip") || !parent.checkVisibility()) continue;
    const head = parent.closest("thead");  // On phones it is there for who hears the page.
    if (head && getComputedStyle(head).position === "absolute") continue;
    let ground = parent;
    while (ground && !(colour(getComputedStyle(ground).backgroundColor)[3] ?? 1)) ground = ground.parentElement;
    let clip = { left: -1e9, top: -1e9, right: 1e9, bottom: 1e9 };
    for (let e = parent; e; e = e.parentElement) {
      if (getComputedStyle(e).overflowX === "visible") continue;
      const r = e.getBoundingClientRect();
      clip = { left: Math.max(clip.left, r.left), top: Math.max(clip.top, r.top),
               right: Math.min(clip.right, r.right), bottom: Math.min(clip.bottom, r.bottom) };
    }
    const cell = parent.closest("td, th, li, div, header, h2, h3, p, caption, footer").getBoundingClientRect();
    const range = document.createRange();
    range.selectNodeContents(node);
    const boxes = [...range.getClientRects()].map((r) => [
      Math.max(r.left, clip.left), Math.max(r.top, clip.top) + scrollY,
      Math.min(r.right, clip.right), Math.min(r.bottom, clip.bottom) + scrollY,
    ]).filter(([l, t, r, b]) => r > l && b > t);
    out.push({
      text: node.data.trim(), boxes, inside: [cell.left, cell.top + scrollY, cell.right, cell.bottom + scrollY],
      colour: colour(getComputedStyle(parent).color),
      ground: colour(getComputedStyle(ground ?? document.documentElement).backgroundColor),
    });
  }
  return out;
}
"""
FOCUS: Final = """
() => {
  const e = document.activeElement, s = getComputedStyle(e), r = e.getBoundingClientRect();
  const inside = r.left >= 0 && r.right <= innerWidth && r.top >= 0 && r.bottom <= innerHeight;
  return { name: e.localName, text: e.textContent.trim(), outline: s.outlineStyle, width: parseFloat(s.outlineWidth),
           seen: r.width > 0 && r.height > 0 && inside };
}
"""


class Text(NamedTuple):
    """A text as it is drawn: a box (left, top, right, bottom) for each line, the box that it has to be in, its colour
    and that of its ground."""

    text: str
    boxes: list[list[float]]
    inside: list[float]
    colour: list[float]
    ground: list[float]


@contextmanager
def browser(scratch: Path) -> Generator[Browser]:
    """The browser that is pinned, with its own libraries and fonts. Raises MissingTools."""
    program = locate("chromium").path
    folder = program.parent
    libraries = f"{folder / 'lib'}:{folder}"
    own = {"LD_LIBRARY_PATH": libraries, "FONTCONFIG_PATH": str(folder), "HOME": str(scratch)}
    env: dict[str, str | float | bool] = {**os.environ, **own, "XDG_CACHE_HOME": str(scratch / "cache")}
    with sync_playwright() as playwright:
        made = playwright.chromium.launch(executable_path=program, args=_ARGUMENTS, env=env)
        yield made
        made.close()


@contextmanager
def opened(made: Browser, file: Path, *, dark: bool = False, width: int = 1280, height: int = 1000) -> Generator[Page]:
    """A page of a file, which asks for nothing and says nothing."""
    page = made.new_page(color_scheme="dark" if dark else "light", viewport={"width": width, "height": height})
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: said.append(request.url))
    page.goto(file.as_uri())
    assert said == [file.as_uri()]
    yield page
    assert said == [file.as_uri()]
    page.close()


def texts(page: Page) -> list[Text]:
    """All texts that can be seen."""
    found: list[dict[str, Any]] = page.evaluate(TEXTS)
    return [Text(**one) for one in found]
