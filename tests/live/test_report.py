"""The page of `fleetc report` in a real browser: on a desk and on a phone, in light and in dark, and on paper.

The pictures in docs/images are what it looks like. FLEETC_UPDATE=1 renews them; else the page must look as they do, but
for one pixel of a hundred: numbers change with the specs.
"""

from __future__ import annotations

from collections.abc import Generator
from io import BytesIO
from pathlib import Path
from typing import Final

import pytest
from PIL import Image, ImageChops
from playwright.sync_api import Browser
from tests.cli.report.fleets import boarded, data
from tests.cli.report.test_page import HOSTILE, contrast, hostile
from tests.driver.fleets import CHECKOUT, acme, inside
from tests.live import browser
from tests.live.browser import Text, opened, texts
from tests.pages import UPDATE

from fleetc.cli.reporting.page import page

pytestmark = pytest.mark.live

IMAGES: Final = CHECKOUT / "docs/images"
DESK: Final = 1280
PHONE: Final = 390
WIDTHS: Final = (DESK, 1181, 1024, 961, 768, PHONE, 320)
TALL: Final = 1640
"""Of the pictures, in pixels."""
MOST_OTHER: Final = 0.01
"""The share of pixels that may be other than in the picture,"""
OTHER: Final = 24
"""which they are from this difference on, of 255, in some colour."""
SLACK: Final = 1.5
"""Pixels; boxes of texts are those of fonts, which are a little higher than what is drawn."""
HIGH: Final = 4.0


@pytest.fixture(scope="module")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Generator[Browser]:
    with browser.browser(tmp_path_factory.mktemp("browser")) as made:
        yield made


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of the example fleet, once it is built, with a dashboard."""
    folder = tmp_path_factory.mktemp("report")
    root = boarded(folder / "root")
    assert inside(root, "build").status == 0
    assert inside(root, "report", "--out", str(folder / "report.html")).status == 0
    return folder / "report.html"


def made(folder: Path, text: str) -> Path:
    """A page of data in which a hostile text stands wherever one can."""
    out = folder / "hostile.html"
    out.write_text(page(hostile(data(), text)), encoding="utf-8")
    return out


def overlapping(found: list[Text]) -> list[tuple[str, str]]:
    """The texts that are drawn over each other."""
    boxes = sorted((box[1], box, n) for n, one in enumerate(found) for box in one.boxes)
    out: list[tuple[str, str]] = []
    for at, (_, one, n) in enumerate(boxes):
        for top, other, m in boxes[at + 1 :]:
            if top >= one[3]:
                break
            wide = min(one[2], other[2]) - max(one[0], other[0])
            if n != m and wide > SLACK and min(one[3], other[3]) - top > HIGH:
                out.append((found[n].text, found[m].text))
    return out


def outside(found: list[Text], width: float) -> list[str]:
    """The texts that leave the page, or what they stand in."""
    return [
        one.text
        for one in found
        for left, _, right, _ in one.boxes
        if left < max(one.inside[0] - SLACK, 0) or right > min(one.inside[2] + SLACK, width)
    ]


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_everything_has_its_place(chromium: Browser, report: Path, width: int, dark: bool) -> None:
    with opened(chromium, report, dark=dark, width=width) as shown:
        for details in (False, True):
            if details:
                shown.evaluate("() => document.querySelectorAll('details').forEach((d) => (d.open = true))")
            assert shown.evaluate("() => document.documentElement.scrollWidth") <= width
            found = texts(shown)
            assert len(found) > 300
            assert overlapping(found) == []
            assert outside(found, width) == []
        for heading in shown.locator("h1, h2").all():
            box = heading.bounding_box()
            assert box is not None
            assert box["width"] > 20
            assert box["height"] > 10


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_every_text_can_be_read(chromium: Browser, report: Path, dark: bool) -> None:
    with opened(chromium, report, dark=dark) as shown:
        found = texts(shown)
    grounds = {tuple(one.ground[:3]) for one in found}
    assert all((sum(ground) < 200) is dark for ground in grounds)
    weak = [(one.text, one.colour, one.ground) for one in found if contrast(_hex(one.colour), _hex(one.ground)) < 4.5]
    assert weak == []


def _hex(colour: list[float]) -> str:
    return "#" + "".join(f"{round(part):02x}" for part in colour[:3])


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_by_keyboard(chromium: Browser, report: Path, dark: bool) -> None:
    with opened(chromium, report, dark=dark) as shown:
        reached: list[str] = []
        while True:
            shown.keyboard.press("Tab")
            focus = shown.evaluate(browser.FOCUS)
            if focus["name"] == "body" or len(reached) > 200:
                break
            reached.append(focus["text"])
            assert focus["seen"], focus
            assert focus["outline"] == "solid"
            assert focus["width"] >= 2
        assert reached[0] == "Skip to the report"
        assert len(reached) == shown.locator("a, summary").count()
        shown.locator("summary").first.press("Enter")
        assert shown.locator("details[open]").count() == 1


@pytest.mark.parametrize("width", [DESK, PHONE])
@pytest.mark.parametrize("text", ["x" * 253, " - ".join(["word"] * 60), "\u202e" + "\u6f22" * 80])
def test_long_names(chromium: Browser, tmp_path: Path, width: int, text: str) -> None:
    with opened(chromium, made(tmp_path, text), width=width) as shown:
        assert shown.evaluate("() => document.documentElement.scrollWidth") <= width
        found = texts(shown)
        assert overlapping(found) == []
        assert outside(found, width) == []


def test_nothing_in_specs_runs(chromium: Browser, tmp_path: Path) -> None:
    text = "".join(t for t in HOSTILE if t != "\ud800") + "<script>window.ran = 1</script><img src=x onerror='ran = 1'>"
    with opened(chromium, made(tmp_path, text)) as shown:
        assert shown.evaluate("() => window.ran") is None
        assert shown.locator("img, script").count() == 0


def test_the_browser_refuses_what_the_page_forbids(chromium: Browser, report: Path, tmp_path: Path) -> None:
    """A page that somebody adds a script and a style to: neither counts."""
    changed = tmp_path / "changed.html"
    more = "<script>window.ran = 1</script><style>h1{font-size:99px}</style><p style='font-size:99px' id='more'>x</p>"
    changed.write_text(report.read_text(encoding="utf-8").replace("</main>", f"{more}</main>"), encoding="utf-8")
    shown = chromium.new_page()
    refused: list[str] = []
    shown.on("console", lambda message: refused.append(message.text))
    shown.goto(changed.as_uri())
    assert shown.evaluate("() => window.ran") is None
    assert shown.evaluate("() => getComputedStyle(document.querySelector('h1')).fontSize") == "22px"
    assert shown.evaluate("() => getComputedStyle(document.querySelector('#more')).fontSize") == "14px"
    assert len(refused) == 3
    shown.close()


def test_on_paper(chromium: Browser, report: Path) -> None:
    with opened(chromium, report, dark=True, width=720) as shown:
        shown.emulate_media(media="print", color_scheme="dark")
        assert shown.locator("nav").is_hidden()
        assert shown.evaluate("() => document.documentElement.scrollWidth") <= 720
        found = texts(shown)
        assert overlapping(found) == []
        assert all(contrast(_hex(one.colour), "#ffffff") >= 4.5 for one in found)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_what_it_looks_like(chromium: Browser, dark: bool, tmp_path: Path) -> None:
    root, file = acme(tmp_path / "root"), tmp_path / "report.html"
    assert inside(root, "build").status == 0
    assert inside(root, "report", "--out", str(file)).status == 0
    with opened(chromium, file, dark=dark, width=DESK, height=TALL) as shown:
        taken = shown.screenshot()
    picture = IMAGES / f"report-{'dark' if dark else 'light'}.png"
    if UPDATE:
        picture.parent.mkdir(exist_ok=True)
        Image.open(BytesIO(taken)).convert("RGB").save(picture, optimize=True)
    other = difference(Image.open(BytesIO(taken)), Image.open(picture))
    assert other <= MOST_OTHER, "run it with FLEETC_UPDATE=1, and look at the picture"


def difference(one: Image.Image, other: Image.Image) -> float:
    """The share of pixels that are others."""
    assert one.size == other.size
    bands = ImageChops.difference(one.convert("RGB"), other.convert("RGB")).split()
    most = ImageChops.lighter(ImageChops.lighter(bands[0], bands[1]), bands[2])
    histogram = most.histogram()
    return sum(histogram[OTHER:]) / sum(histogram)


def test_another_page_looks_other() -> None:
    """The difference sees a line of text that moves, and no noise."""
    picture = Image.open(IMAGES / "report-light.png").convert("RGB")
    moved = ImageChops.offset(picture, 0, 12)
    assert difference(picture, moved) > MOST_OTHER
    assert difference(picture, ImageChops.add(picture, Image.new("RGB", picture.size, (3, 3, 3)))) == 0
