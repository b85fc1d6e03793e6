"""What a reader finds around the charts: the large view, saved pictures, previews of links, the finder.

Each check returns the problems it sees, in words; none is good.
"""

import re
import struct
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any, Final, Literal

import built
import checks
from playwright.sync_api import Locator, Page, TimeoutError

KINDS: Final = ("svg", "png")
SHARPNESS: Final = 2
PNG: Final = b"\x89PNG\r\n\x1a\n"
SVG: Final = "{http://www.w3.org/2000/svg}"
SHOWN_PREVIEW: Final = ".preview:not([hidden])"


# ------------------------------------------------------------------------------------------------------------ toolbar


def nameless_tools(page: Page) -> list[str]:
    """Charts without their three buttons, or with a button whose name does not say which figure it acts on."""
    return page.evaluate("""() => [...document.querySelectorAll(".chart")].flatMap((box) => {
        const buttons = [...box.querySelectorAll(".chart-tools:not([hidden]) button")], name = box.dataset.figure;
        if (buttons.length !== 3) return [`${name}: ${buttons.length} tools`];
        return buttons.filter((button) => !/^(.+): \\D+\\d+\\.?\\d*$/.test(button.ariaLabel ?? "")
            || !button.ariaLabel.startsWith(button.textContent))
            .map((button) => `${name}: a tool is called ${button.ariaLabel}`);
    })""")


def _tool(page: Page, figure: built.Figure, tool: str) -> Locator:
    return page.locator(f'.chart[data-figure="{figure.name}"] [data-tool="{tool}"]')


def large_view_problems(page: Page, figure: built.Figure) -> list[str]:
    """A large view that is no larger, loses what the reader chose, cannot be used or left by keyboard."""
    moved, found = checks._moved(figure), []
    checks.move_to(page, figure, moved)
    before, width = checks._state(page, figure), _mark_width(page, figure)
    _tool(page, figure, "enlarge").press("Enter")
    dialog = page.locator("dialog.chart-dialog[open]")
    if dialog.count() != 1:
        return [f"{figure.name}: no large view opens"]
    built.settle(page)
    if checks._state(page, figure) != before:
        found.append(f"{figure.name}: the large view shows another state")
    if _mark_width(page, figure) < 1.2 * width:
        found.append(f"{figure.name}: the large view is no larger")
    if dialog.evaluate("(box) => box.clientWidth < innerWidth - 1 || !box.contains(document.activeElement)"):
        found.append(f"{figure.name}: the large view does not fill the window, or has not the focus")
    checks.move_to(page, figure, figure.settings()[0])
    chosen = checks._state(page, figure)
    page.keyboard.press("Escape")
    built.settle(page)
    if page.locator("dialog.chart-dialog[open]").count():
        found.append(f"{figure.name}: Escape does not close the large view")
        dialog.evaluate("(box) => box.close()")
    if checks._state(page, figure) != chosen or abs(_mark_width(page, figure) - width) > 1:
        found.append(f"{figure.name}: the chart comes back as another")
    if not _tool(page, figure, "enlarge").evaluate("(button) => button === document.activeElement"):
        found.append(f"{figure.name}: the focus does not come back")
    return found


def _mark_width(page: Page, figure: built.Figure) -> float:
    return page.locator(f'.chart[data-figure="{figure.name}"] .chart-view svg').bounding_box()["width"]


def picture_problems(page: Page, figure: built.Figure, folder: Path, patience_ms: int = built.PATIENCE_MS) -> list[str]:
    """Saved pictures that are not named after the figure, are no pictures, lack marks or have colours left open."""
    found, files = [], {}
    for kind in KINDS:
        try:
            with page.expect_download(timeout=patience_ms) as download:
                _tool(page, figure, kind).press("Enter")
        except TimeoutError:
            found.append(f"{figure.name}: no {kind} is saved")
            continue
        name = download.value.suggested_filename
        if name != f"{figure.name}.{kind}":
            found.append(f"{figure.name}: saved as {name}")
        download.value.save_as(folder / name)
        files[kind] = folder / name
    found += _svg_problems(page, figure, files["svg"]) if "svg" in files else []
    return found + (_png_problems(files["png"], files["svg"]) if len(files) == len(KINDS) else [])


def _svg_problems(page: Page, figure: built.Figure, path: Path) -> list[str]:
    """An SVG that is not the chart as it stands, on white, in colours that need no page around them."""
    text = path.read_text(encoding="utf-8")
    root, found = ET.fromstring(text), []
    drawn = page.locator(f'.chart[data-figure="{figure.name}"] .chart-view svg text').all_text_contents()
    if [built.words("".join(element.itertext())) for element in root.iter(f"{SVG}text")] != list(
        map(built.words, drawn)
    ):
        found.append(f"{path.name}: its words are not those of the chart as it stands")
    if "var(" in text:
        found.append(f"{path.name}: a colour is left to the page")
    sheet = root.find(f"{SVG}rect")
    if sheet is None or sheet.get("fill") != "#fff":
        found.append(f"{path.name}: no white paper")
    inks = {ink for element in root.iter(f"{SVG}text") if (ink := element.get("fill", "")).startswith("rgb")}
    pale = [ink for ink in inks if checks.contrast(checks._rgb(ink), checks.WHITE) < checks.TEXT_CONTRAST]
    found += [f"{path.name}: text in {ink} on white" for ink in pale]
    if built.words(figure.description) not in built.words(root.findtext(f"{SVG}desc", "")):
        found.append(f"{path.name}: not described")
    return found


def _png_problems(path: Path, svg: Path) -> list[str]:
    """A PNG that is none, or is not twice as wide and high as the SVG."""
    data = path.read_bytes()
    if not data.startswith(PNG):
        return [f"{path.name} is no PNG"]
    size, root = struct.unpack(">II", data[16:24]), ET.parse(svg).getroot()
    wanted = tuple(int(SHARPNESS * float(root.get(side, "0"))) for side in ("width", "height"))
    return [] if size == wanted else [f"{path.name}: {size} pixels, expected {wanted}"]


# ----------------------------------------------------------------------------------------------------------- previews


def preview_problems(page: Page, link: Locator, text: str, patience_ms: int = built.PATIENCE_MS) -> list[str]:
    """A link whose preview is not shown on focus and under the pointer, cannot be pointed at, or does not go."""
    found = []
    shown = page.locator(SHOWN_PREVIEW)
    link.evaluate("(link) => link.focus({ focusVisible: true })")
    if not _comes(shown, "visible", patience_ms):
        return ["no preview on focus"]
    if text not in built.words(shown.text_content() or ""):
        found.append(f"the preview says {shown.text_content()!r}, not {text!r}")
    described = link.evaluate(
        "(link) => document.getElementById(link.getAttribute('aria-describedby'))?.textContent ?? ''"
    )
    if text not in built.words(described):
        found.append("the link is not described by its preview")
    inside = shown.evaluate("""(box) => {
        const at = box.getBoundingClientRect();
        return at.left >= 0 && at.top >= 0 && at.right <= innerWidth && at.bottom <= innerHeight;
    }""")
    if not inside:
        found.append("the preview leaves the window")
    page.keyboard.press("Escape")
    if shown.count():
        found.append("Escape does not put the preview away")
    link.evaluate("(link) => link.blur()")
    link.hover()
    if not _comes(shown, "visible", patience_ms):
        return [*found, "no preview under the pointer"]
    at = shown.bounding_box() or {"x": 0, "y": 0, "width": 0, "height": 0}
    page.mouse.move(at["x"] + at["width"] / 2, at["y"] + at["height"] / 2)
    page.evaluate("() => new Promise((done) => setTimeout(done, 400))")  # longer than it waits before it goes
    if not shown.count():
        found.append("the preview goes when it is pointed at")
    page.mouse.move(1, 1)
    if not _comes(shown, "detached", patience_ms):
        found.append("the preview stays")
    return found


def _comes(shown: Locator, state: Literal["visible", "detached"], patience_ms: int) -> bool:
    try:
        shown.wait_for(state=state, timeout=patience_ms)
    except TimeoutError:
        return False
    return True


def links_without_preview(path: Path) -> list[str]:
    """Links to terms, figures and citations for which the page holds no preview."""
    page = built.parsed(path)
    held = {box["data-for"] for box in page.select(".preview")}
    wanted = re.compile(r"#(?:term-|fig-|cite-)")
    links = [link["href"] for link in page.select("main a.reference[href]") if wanted.search(link["href"])]
    return sorted({f"{link} has no preview" for link in links if link not in held})


# ------------------------------------------------------------------------------------------------------------- finder


def search_problems(page: Page, query: str, wanted: str) -> list[str]:
    """A search whose first answer of some kind does not lead to the wanted address."""
    page.goto(f"{(built.HTML / built.SEARCH).as_uri()}?q={query}")
    page.wait_for_function("document.querySelector('#search-results h2, #search-results p')", timeout=built.PATIENCE_MS)
    firsts: list[Any] = page.locator(".finder ul").evaluate_all(
        "(lists) => lists.map((list) => list.querySelector('a').getAttribute('href'))"
    )
    return [] if wanted in firsts else [f"{query!r} leads first to {', '.join(firsts) or 'nothing'}, not to {wanted}"]
