"""What must be true of every page. Each check returns the problems it sees, in words; none is good.

The checks are apart from the tests so that `test_gates_close.py` can show each a page that is broken on purpose.
"""

import base64
import csv
import gzip
import io
import re
import zlib
from collections.abc import Callable, Iterable
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote, urlsplit

import built
from axe_playwright_python.sync_playwright import Axe
from bs4 import BeautifulSoup
from playwright.sync_api import Locator, Page, TimeoutError

from book_figures.site.api_reference import documented_names, listed_names

Oracle = Callable[[str, dict[str, Any]], list[str]]

OWN_SCHEMES: Final = ("file:", "data:", "blob:")
TEXT_CONTRAST: Final = 4.5
PRINT_CONTRAST: Final = 7.0
MARK_CONTRAST: Final = 3.0
BEHIND: Final = ("0.15", "0.35")  # opacities of shades and of clouds of points
SMALLEST_TEXT_PX: Final = 11.9  # 12, less what rounding takes
OVERHANG_PX: Final = 2
SLOW_MS: Final = 2_000  # a chart that takes longer does not follow
HEAVY_BYTES: Final = 1_000_000
LOADING_LINKS: Final = 'link[rel~="stylesheet"], link[rel~="preload"], link[rel~="modulepreload"]'
USED_BY: Final = {
    r"theme\.css|pydata-sphinx-theme\.(css|js)|sphinx-book-theme\.(css|js)|bootstrap\.js|fontawesome\.js": "body",
    r"book\.css|pygments\.css|documentation_options\.js|doctools\.js|sphinx_highlight\.js": "body",
    r"searchtools\.js|language_data\.js|searchindex\.js|finder\.js": "#search-results",
    r"vega\.js|chart\.js|chart_tools\.js": ".chart",
    r"ledger\.js": ".ledger",
    r"previews\.js": ".preview",
    r"tables\.js": ".table-scroll",
    r"tex-chtml-full\.js": ".math",
    r"clipboard\.min\.js|copybutton\.(css|js)": ".highlight",
    r"togglebutton\.(css|js)": ".toggle, .dropdown",
    r"exercise\.css": ".exercise, .solution",
    r"mystnb\.\w+\.css": ".cell, .pasted-text",
    r"sphinx-design\.min\.css|design-tabs\.js": '[class*="sd-"]',
}  # names of files -> what on a page uses them
WHITE: Final = (255.0, 255.0, 255.0)
SERIOUS: Final = ("serious", "critical")
ORDER_RULES: Final = (
    "aria-dialog-name", "aria-tooltip-name", "bypass", "empty-heading", "heading-order", "label-title-only",
    "landmark-main-is-top-level", "landmark-no-duplicate-main", "landmark-one-main", "landmark-unique",
    "page-has-heading-one", "skip-link", "tabindex", "target-size",
)  # fmt: skip

# Scripts that several checks share. `seen`: a reader can see the element.
SEEN: Final = "(el) => el.checkVisibility({ visibilityProperty: true }) && el.getClientRects().length > 0"


# -------------------------------------------------------------------------------------------------- what was built


def missing_pages(wanted: Iterable[str], root: Path) -> list[str]:
    """Pages of the table of contents that were not built."""
    return [f"{name} was not built" for name in wanted if not (root / name).is_file()]


def broken_links(path: Path, root: Path) -> list[str]:
    """Links, scripts, styles and images that lead to no file, and anchors that their page does not have."""
    found = []
    for tag, attribute in (("a", "href"), ("link", "href"), ("script", "src"), ("img", "src")):
        for element in built.parsed(path).find_all(tag, attrs={attribute: True}):
            problem = _broken(path, root, element[attribute])
            if problem:
                found.append(problem)
    return sorted(set(found))


def _broken(path: Path, root: Path, address: str) -> str:
    parts = urlsplit(address)
    if parts.scheme or parts.netloc or address == "#":
        return ""
    target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
    if not target.is_relative_to(root.resolve()):
        return f"{address} leads out of the book"
    if not target.is_file():
        return f"{address} leads to no file"
    if parts.fragment and target.suffix == ".html" and unquote(parts.fragment) not in _anchors(target):
        return f"{address}: {target.name} has no such anchor"
    return ""


def missing_names(folder: Path, src: Path) -> list[str]:
    """Public names of the core that the section of their module does not have, in the pages of the API reference."""
    pages = [built.parsed(path) for path in sorted(folder.glob("*.html"))]
    sections = {section["id"]: section for page in pages for section in page.select('section[id^="module-"]')}
    found = []
    for path in sorted([*src.rglob("[!_]*.py"), *src.glob("*/__init__.py")]):
        module = ".".join(path.relative_to(src.parent).with_suffix("").parts).removesuffix(".__init__")
        section = sections.get(f"module-{module}", BeautifulSoup("", "html.parser"))
        text = path.read_text(encoding="utf-8")
        anchors = {term["id"] for term in section.select("dt[id]")}
        code = set(re.findall(r"\w+", " ".join(element.get_text() for element in section.select("pre, code"))))
        names = [name for name in documented_names(text) if f"{module}.{name}" not in anchors]
        names += [name for name in listed_names(text) if name not in code]
        found += [f"{module}.{name} is not in the API reference" for name in names]
    return found


@lru_cache
def _anchors(path: Path) -> frozenset[str]:
    return frozenset(element["id"] for element in built.parsed(path).find_all(id=True))


def outside_in_text(path: Path) -> list[str]:
    """Scripts, styles, images and frames of another host named in a page's text; only links may lead away."""
    page = built.parsed(path)
    loaded = [
        *((element.name, element["src"]) for element in page.find_all(src=True)),
        *(("link", element["href"]) for element in page.find_all("link", href=True)),
        *(("object", element["data"]) for element in page.find_all("object", attrs={"data": True})),
    ]
    found = [f"<{tag}> of another host: {address}" for tag, address in loaded if _is_outside(address)]
    styles = " ".join(element.text for element in page.find_all("style"))
    return found + [
        f"style of another host: {match}" for match in re.findall(r"(?:url\(|@import)[^;)]*//[^;)]*", styles)
    ]


def _is_outside(address: str) -> bool:
    return address.startswith("//") or urlsplit(address).scheme in ("http", "https", "ws", "wss", "ftp")


# -------------------------------------------------------------------------------------------- what the page asked, said


def outside_requests(requests: Iterable[str]) -> list[str]:
    """Requests that left the book's own files."""
    return [f"asked for {url}" for url in requests if not url.startswith(OWN_SCHEMES)]


def console_problems(said: Iterable[str]) -> list[str]:
    """Errors and warnings of the console, and errors of the page."""
    return [text for text in said if text.startswith(("error:", "warning:", "page error:"))]


def too_heavy(requests: Iterable[str], limit: int = HEAVY_BYTES) -> list[str]:
    """A page whose own text, scripts, styles and fonts weigh more than a limit, compressed."""
    weights = page_weights(requests)
    total = sum(weights.values())
    heaviest = sorted(weights.items(), key=lambda item: -item[1])[:4]
    listed = ", ".join(f"{name} {size:,}" for name, size in heaviest)
    return [f"{total:,} bytes compressed, over {limit:,}: {listed}"] if total > limit else []


def unused_files(path: Path) -> list[str]:
    """Scripts, styles and preloaded files of a page that nothing on it uses, or of which nobody said what uses them."""
    page = built.parsed(path)
    loaded = [tag["src"] for tag in page.select("script[src]")] + [tag["href"] for tag in page.select(LOADING_LINKS)]
    found = []
    for name in sorted({Path(urlsplit(address).path).name for address in loaded}):
        users = [user for files, user in USED_BY.items() if re.fullmatch(files, name)]
        if not any(page.select_one(user) for user in users):
            found.append(f"{name} is loaded; {' and '.join(users) or 'what uses it'} is not there")
    return found


def page_weights(requests: Iterable[str]) -> dict[str, int]:
    """Return the compressed size in bytes of each file that a page loaded."""
    paths = {Path(unquote(urlsplit(url).path)) for url in requests if url.startswith("file:")}
    return {path.name: _compressed(path) for path in paths if path.is_file()}


@lru_cache
def _compressed(path: Path) -> int:
    return len(gzip.compress(path.read_bytes()))


# -------------------------------------------------------------------------------------------------------------- charts


def undrawn(page: Page) -> list[str]:
    """Charts that were not drawn, have no marks to see, or were drawn from something that is no number."""
    return page.evaluate("""() => [...document.querySelectorAll(".chart")].flatMap((box) => {
        const name = box.dataset.figure;
        if (box.dataset.drawn !== "true") return [`${name}: data-drawn is ${box.dataset.drawn}`];
        const svg = box.querySelector("svg");
        if (!svg) return [`${name}: no svg`];
        const seen = (mark) => { const at = mark.getBoundingClientRect(); return at.width + at.height > 0; };
        const marks = [...svg.querySelectorAll(".role-mark :is(path, line, text, image)")].filter(seen);
        const found = [];
        if (!marks.some((mark) => mark.tagName !== "text")) found.push(`${name}: no marks`);
        const odd = /NaN|undefined|Infinity/;
        for (const mark of svg.querySelectorAll("path, line, text, g")) {
            const shape = ["d", "transform", "x2", "y2"].map((key) => mark.getAttribute(key) ?? "").join(" ");
            const text = mark.tagName === "text" ? mark.textContent : "";
            const wrong = odd.exec(shape) ?? odd.exec(text) ?? /^null$/.exec(text);
            if (wrong) { found.push(`${name}: drew ${wrong[0]} (${text || shape})`); break; }
        }
        return found;
    })""")


def misnamed_charts(page: Page, figures: Iterable[built.Figure]) -> list[str]:
    """Charts that a screen reader does not announce with the specification's description."""
    found = []
    for figure in figures:
        name = _accessible_name(page, f'.chart[data-figure="{figure.name}"] [role="graphics-document"]')
        if name is None or built.words(name) != built.words(figure.description) or not name:
            found.append(f"{figure.name}: announced as {name!r}, described as {figure.description!r}")
    return found


def unlabelled_controls(page: Page, figures: Iterable[built.Figure]) -> list[str]:
    """Controls without their label as accessible name, and sliders that announce a number in place of a word."""
    found = []
    for figure in figures:
        for control in figure.controls:
            name = _accessible_name(page, _selector(figure, control))
            if name is None or built.words(name) != control.label:
                found.append(f"{figure.name}, {control.name}: announced as {name!r}, labelled {control.label!r}")
                continue
            said = _input(page, figure, control).get_attribute("aria-valuetext")
            text = control.texts[control.values.index(control.default)]
            if control.slider and said != text:
                found.append(f"{figure.name}, {control.name}: the slider says {said!r}, the step is {text!r}")
    wanted = sum(len(figure.controls) for figure in figures)
    shown = page.locator(".chart-controls :is(input, select)").count()
    return found + ([f"{shown} controls on the page, {wanted} described"] if shown != wanted else [])


def _selector(figure: built.Figure, control: built.Control) -> str:
    return f'.chart[data-figure="{figure.name}"] .chart-controls [name="{control.name}"]'


def _input(page: Page, figure: built.Figure, control: built.Control) -> Locator:
    return page.locator(_selector(figure, control))


def _accessible_name(page: Page, selector: str) -> str | None:
    """Return the name as the browser hands it to screen readers; None for no such element."""
    session = page.context.new_cdp_session(page)
    try:
        root = session.send("DOM.getDocument", {"depth": 0})["root"]["nodeId"]
        node = session.send("DOM.querySelector", {"nodeId": root, "selector": selector})["nodeId"]
        if not node:
            return None
        tree = session.send("Accessibility.getPartialAXTree", {"nodeId": node, "fetchRelatives": False})
        return tree["nodes"][0].get("name", {}).get("value", "")
    finally:
        session.detach()


# ------------------------------------------------------------------------------------------------------------ controls


def wrong_readouts(page: Page, figure: built.Figure, oracle: Oracle, bars: Callable[..., int] | None) -> list[str]:
    """Settings of a figure's controls where the readout, or the number of bars, is not what Python gives."""
    found = []
    for setting in figure.settings():
        try:
            move_to(page, figure, setting)
        except TimeoutError:
            return [*found, f"{figure.name} at {setting}: the chart does not follow its controls"]
        text = readout(page, figure)
        missing = [wanted for wanted in oracle(figure.name, setting) if built.words(wanted) not in text]
        if missing or not text:
            found.append(f"{figure.name} at {setting}: {missing or 'no text at all'} not in {text!r}")
        if bars and bars(figure.name, setting) != (shown := bars_shown(page, figure)):
            found.append(f"{figure.name} at {setting}: {shown} bars, Python gives {bars(figure.name, setting)}")
    move_to(page, figure, figure.settings()[0])
    return found


def move_to(page: Page, figure: built.Figure, setting: dict[str, Any]) -> None:
    """Move a figure's controls as a reader would, and wait until the chart has followed."""
    box = page.locator(f'.chart[data-figure="{figure.name}"]')
    for control in figure.controls:
        value = setting[control.name]
        field = _input(page, figure, control)
        if box.evaluate("(box, name) => box.view.signal(name)", control.name) == value:
            continue
        if not control.slider:
            field.select_option(index=control.values.index(value))
        elif value in control.ends:
            field.press("Home" if value == control.values[0] else "End")
        else:
            field.fill(str(value))
        _wait_for_signal(page, figure, control, value)


def _wait_for_signal(page: Page, figure: built.Figure, control: built.Control, value: Any) -> None:
    reached = """([figure, name, value]) => {
        const view = document.querySelector(`.chart[data-figure="${figure}"]`).view;
        return view.signal(name) === value && view.runAsync().then(() => true);
    }"""
    page.wait_for_function(reached, arg=[figure.name, control.name, value], timeout=SLOW_MS)


def readout(page: Page, figure: built.Figure) -> str:
    """Return the text of a figure's readout as a reader has it, without the sign in the chip."""
    return built.words(
        page.evaluate(
            """(name) => {
                const box = document.querySelector(`.chart[data-figure="${name}"] .chart-readout`);
                const copy = box?.cloneNode(true);
                copy?.querySelectorAll("[aria-hidden]").forEach((sign) => sign.remove());
                return copy?.textContent ?? "";
            }""",
            figure.name,
        )
    )


def bars_shown(page: Page, figure: built.Figure) -> int:
    """Return how many bars with a length a chart shows."""
    return page.evaluate(
        """(name) => [...document.querySelectorAll(`.chart[data-figure="${name}"] svg .role-mark.mark-rect path`)]
            .filter((bar) => bar.getBoundingClientRect().width > 0).length""",
        figure.name,
    )


def not_by_keyboard(page: Page, figure: built.Figure) -> list[str]:
    """Controls that Tab does not reach in turn or shows no focus on, and sliders that arrow keys do not move."""
    box = page.locator(f'.chart[data-figure="{figure.name}"]')
    box.evaluate("(box) => { box.tabIndex = -1; box.focus(); }")
    found = []
    for control in figure.controls:
        page.keyboard.press("Tab")
        name, ring = page.evaluate("""() => {
            const style = getComputedStyle(document.activeElement);
            return [document.activeElement.name ?? "", style.outlineStyle !== "none" || style.boxShadow !== "none"];
        }""")
        if name != control.name:
            return [f"{figure.name}: Tab went to {name!r}, expected {control.name!r}"]
        if not ring:
            found.append(f"{figure.name}, {control.name}: nothing shows the focus")
        if control.slider:
            found += _stuck_slider(page, figure, control)
    return found


def _stuck_slider(page: Page, figure: built.Figure, control: built.Control) -> list[str]:
    """Press an arrow key until the readout changes; each press must move and announce one step."""
    start, before = control.values.index(control.default), readout(page, figure)
    key, step = ("ArrowRight", 1) if start == 0 else ("ArrowLeft", -1)
    field = _input(page, figure, control)
    at = start
    while readout(page, figure) == before and 0 <= at + step < len(control.values):
        at += step
        page.keyboard.press(key)
        said = field.get_attribute("aria-valuetext")
        if said != control.texts[at]:
            return [f"{figure.name}, {control.name}: {key} led to {said!r}, expected {control.texts[at]!r}"]
        _wait_for_signal(page, figure, control, control.values[at])
    unmoved = readout(page, figure) == before
    field.fill(str(control.default))
    _wait_for_signal(page, figure, control, control.default)
    return [f"{figure.name}, {control.name}: {key} down to the end never changed the readout"] if unmoved else []


# --------------------------------------------------------------------------------------------------- light, dark, print


def theme_problems(page: Page, figures: Iterable[built.Figure]) -> list[str]:
    """Controls or readouts that a change of the theme, by its button, sets back; charts that do not follow it."""
    moved = [(figure, _moved(figure)) for figure in figures if figure.controls]
    for figure, setting in moved:
        move_to(page, figure, setting)
    before, colours = [_state(page, figure) for figure, _ in moved], _text_colours(page)
    old = page.evaluate("document.documentElement.dataset.theme")
    _press_theme_button(page, "dark")
    found = [] if page.evaluate("document.documentElement.dataset.theme") == "dark" else ["the button gives no dark"]
    for (figure, setting), state in zip(moved, before, strict=True):
        if state != (after := _state(page, figure)):
            found.append(f"{figure.name} at {setting}: {state} became {after} in the other theme")
    found += [f"{name}: text stays {colour}" for name, colour in _text_colours(page).items() if colours[name] == colour]
    _press_theme_button(page, old)
    for figure, _ in moved:
        move_to(page, figure, figure.settings()[0])
    return found


def _moved(figure: built.Figure) -> dict[str, Any]:
    """Return the setting with every control away from its default."""
    return {
        control.name: next(value for value in reversed(control.ends) if value != control.default)
        for control in figure.controls
    }


def _state(page: Page, figure: built.Figure) -> dict[str, Any]:
    inputs = {control.name: _input(page, figure, control).input_value() for control in figure.controls}
    return inputs | {"readout": readout(page, figure), "bars": bars_shown(page, figure)}


def _text_colours(page: Page) -> dict[str, str]:
    """Return the colour of the first axis label or text of each chart."""
    return page.evaluate("""() => Object.fromEntries([...document.querySelectorAll(".chart svg")].map((svg) => {
        const text = svg.querySelector(".role-axis-label text") ?? svg.querySelector("text");
        return [svg.closest(".chart").dataset.figure, text ? getComputedStyle(text).fill : "none"];
    }).filter(([, colour]) => colour !== "none"))""")


def _press_theme_button(page: Page, wanted: str) -> None:
    """Press the theme's button until the page is in the wanted theme; it goes round through three."""
    button = page.locator(".theme-switch-button")
    for _ in range(3):
        if page.evaluate("document.documentElement.dataset.theme") != wanted and button.count():
            button.first.evaluate("(button) => button.click()")
    built.settle(page)


def faint_text(page: Page, least: float = TEXT_CONTRAST, paper: tuple[float, float, float] | None = None) -> list[str]:
    """Texts in charts that stand out too little from the page (or from paper, when printed)."""
    return _faint(page, ".chart svg text", least, paper)


def faint_marks(page: Page, least: float = MARK_CONTRAST) -> list[str]:
    """Marks of charts that stand out too little from the page, by what fills them and by their edge.

    Left out: shades behind a marked line, and points of a cloud, where only their crowd means something.
    """
    marks = page.evaluate(
        """([behind]) => [...document.querySelectorAll(".chart svg .role-mark :is(path, line)")].map((mark) => {
            const style = getComputedStyle(mark), box = mark.getBoundingClientRect(), seen = Number(style.opacity);
            return { figure: mark.closest(".chart").dataset.figure,
                     paper: getComputedStyle(document.body).backgroundColor,
                     skipped: behind.includes(mark.getAttribute("opacity")),
                     drawn: box.width + box.height > 0 && seen > 0,
                     inks: [[style.fill, seen * style.fillOpacity], [style.stroke, seen * style.strokeOpacity]] };
        }).filter((mark) => mark.drawn && !mark.skipped)""",
        [BEHIND],
    )
    found = {}
    for mark in marks:
        paper = _rgb(mark["paper"])
        inks = [(_rgb(ink), share) for ink, share in mark["inks"] if ink.startswith("rgb") and "rgba" not in ink]
        ratio = max((contrast(_over(ink, paper, share), paper) for ink, share in inks), default=least)
        if ratio < least:
            found[mark["figure"], str(inks)] = f"{mark['figure']}: a mark in {inks} on rgb{paper}, contrast {ratio:.2f}"
    return list(found.values())


def _faint(page: Page, selector: str, least: float, paper: tuple[float, float, float] | None) -> list[str]:
    texts = page.evaluate(
        """(selector) => {
        const painted = (el) => el.textContent.trim() && getComputedStyle(el).opacity !== "0";
        return [...document.querySelectorAll(selector)].filter(painted).map((el) => {
            const clear = /^(transparent|rgba\\(.*, 0\\))$/;
            let under = el;
            while (under && clear.test(getComputedStyle(under).backgroundColor)) under = under.parentElement;
            const style = getComputedStyle(el), svg = el.closest("svg");
            return { text: el.textContent.trim().slice(0, 60), ink: svg ? style.fill : style.color,
                     opacity: svg ? Number(style.opacity) : 1,
                     paper: under ? getComputedStyle(under).backgroundColor : "rgb(255, 255, 255)",
                     figure: el.closest(".chart")?.dataset.figure ?? el.tagName.toLowerCase() };
        });
    }""",
        selector,
    )
    found = {}
    for text in texts:
        behind = paper or _rgb(text["paper"])
        ratio = contrast(_over(_rgb(text["ink"]), behind, text["opacity"]), behind)
        if ratio < least:
            found[text["figure"], text["ink"]] = (
                f"{text['figure']}: {text['text']!r} in {text['ink']} on rgb{behind}, contrast {ratio:.1f} < {least}"
            )
    return list(found.values())


def _rgb(colour: str) -> tuple[float, float, float]:
    red, green, blue = (float(part) for part in re.findall(r"[\d.]+", colour)[:3])
    return red, green, blue


def _over(ink: tuple[float, ...], paper: tuple[float, ...], opacity: float) -> tuple[float, ...]:
    return tuple(opacity * i + (1 - opacity) * p for i, p in zip(ink, paper, strict=True))


def contrast(one: tuple[float, ...], other: tuple[float, ...]) -> float:
    """Return the contrast ratio of two colours as WCAG 2 defines it.

    >>> contrast((0, 0, 0), (255, 255, 255))
    21.0
    """
    bright, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def _luminance(colour: tuple[float, ...]) -> float:
    parts = [part / 255 for part in colour]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def print_problems(page: Page) -> list[str]:
    """What would spoil a print, also from the dark theme: controls, text too faint for white paper, hidden charts."""
    with built.media(page, "print"):
        found = page.evaluate(f"""() => {{
            const seen = {SEEN};
            const plain = (el) => el.tagName === "SELECT" && getComputedStyle(el).appearance === "none"
                && getComputedStyle(el).borderStyle === "none"; // a menu's choice printed as text
            const controls = [...document.querySelectorAll(".chart-controls :is(input, select), .chart-tools button")]
                .filter((el) => seen(el) && !plain(el));
            const hidden = [...document.querySelectorAll(".chart")].filter((box) => {{
                const svg = box.querySelector("svg");
                return !svg || !seen(svg) || svg.getBoundingClientRect().height === 0;
            }});
            const dark = getComputedStyle(document.documentElement).colorScheme.includes("dark");
            return [...(dark ? ["the paper is dark"] : []),
                    ...controls.map((el) => `control ${{el.name || el.textContent}} is printed`),
                    ...hidden.map((box) => `${{box.dataset.figure}} is not printed`)];
        }}""")
        found += faint_text(page, PRINT_CONTRAST, WHITE)
        found += _faint(page, ".bd-article :is(p, h1, h2, dt, dd, li, td, output, summary)", TEXT_CONTRAST, WHITE)
    return found


def pdf_problems(page: Page, figures: Iterable[built.Figure]) -> list[str]:
    """A PDF of a page with charts that has only one page, or that lacks the marks of a chart.

    Each chart is given a colour of its own before, which must then be drawn.
    """
    inks = {figure.name: (1, 2, number) for number, figure in enumerate(figures, start=3)}
    rules = [
        f'.chart[data-figure="{name}"] svg .role-mark * {{ fill: rgb{ink} !important; stroke: rgb{ink} !important; }}'
        for name, ink in inks.items()
    ]
    page.add_style_tag(content=" ".join(rules))
    printed = page.pdf()
    page.evaluate("document.head.lastElementChild.remove()")
    sheets, drawn = _sides(printed), _inks(printed)
    found = [] if sheets > 1 else [f"the PDF has {sheets} page"]
    return found + [f"{name} is not in the PDF" for name, ink in inks.items() if ink not in drawn]


def too_many_sheets(page: Page, most: int) -> list[str]:
    """A page to hand out that takes more sides of A4 than it should, with the margins that browsers take."""
    margin = dict.fromkeys(("top", "right", "bottom", "left"), "1cm")
    sides = _sides(page.pdf(format="A4", margin=margin))
    return [f"{sides} sides, where {most} should do"] if sides > most else []


def _sides(pdf: bytes) -> int:
    return len(re.findall(rb"/Type\s*/Page\b", pdf))


def _inks(pdf: bytes) -> set[tuple[int, ...]]:
    """Return the colours that a PDF draws with, red, green and blue from 0 to 255."""
    colours = set()
    for stream in re.findall(rb"/FlateDecode[^>]*>>\s*stream\r?\n(.*?)endstream", pdf, re.DOTALL):
        operators = zlib.decompressobj().decompress(stream)
        for parts in re.findall(rb"([\d.]+) ([\d.]+) ([\d.]+) (?:rg|RG)\b", operators):
            colours.add(tuple(round(255 * float(part)) for part in parts))
    return colours


# --------------------------------------------------------------------------------------------------- access, narrow


def axe_violations(page: Page, only: tuple[str, ...] = ()) -> list[str]:
    """Violations that axe-core sees and calls serious or critical, or that concern the order and parts of the page.

    only: the rules to try, all without it.

    The insides of the charts are left out: they are one image to a screen reader, and other checks look at them.
    """
    options: dict[str, Any] = {"resultTypes": ["violations"], "preload": False}  # file:// refuses to preload
    if only:
        options["runOnly"] = only
    results = Axe().run(page, context={"exclude": [[".chart svg > *"]]}, options=options).response
    return [
        f"{violation['id']} ({violation['impact']}), {violation['help']}: {_where(violation['nodes'])}"
        for violation in results["violations"]
        if violation["impact"] in SERIOUS or violation["id"] in ORDER_RULES
    ]


def _where(nodes: list[dict[str, Any]], most: int = 3) -> str:
    shown = [f"{' '.join(map(str, node['target']))} [{built.words(node['failureSummary'])[:160]}]" for node in nodes]
    rest = f" and {len(nodes) - most} more" if len(nodes) > most else ""
    return "; ".join(shown[:most]) + rest


def too_wide(page: Page) -> list[str]:
    """What is wider than the window: the page, an element outside any scroll box, a text that leaves its chart."""
    return page.evaluate(
        f"""([overhang, smallest]) => {{
        const width = document.documentElement.clientWidth, seen = {SEEN}, found = [];
        const wide = document.documentElement.scrollWidth;
        if (wide > window.innerWidth) found.push(`the page is ${{wide}} px wide, the window ${{window.innerWidth}}`);
        const boxed = (el) => {{
            for (let up = el; up && up !== document.body; up = up.parentElement) {{
                const style = getComputedStyle(up);
                if (up !== el && /auto|scroll/.test(style.overflowX)) return true;
                if (style.position === "fixed" || style.clip !== "auto") return true;
            }}
            return false;
        }};
        for (const el of document.body.querySelectorAll("*")) {{
            if (el.closest("svg") && el.tagName !== "svg") continue;
            const at = el.getBoundingClientRect();
            if (at.width && (at.right > width + 1 || at.left < -1) && seen(el) && !boxed(el))
                found.push(`${{el.tagName.toLowerCase()}}.${{el.className}}: ${{at.left}} to ${{at.right}} px`);
        }}
        for (const svg of document.querySelectorAll(".chart svg")) {{
            const name = svg.closest(".chart").dataset.figure, box = svg.getBoundingClientRect();
            const shrunk = box.width / svg.viewBox.baseVal.width;
            for (const text of svg.querySelectorAll("text")) {{
                const at = text.getBoundingClientRect(), size = parseFloat(getComputedStyle(text).fontSize) * shrunk;
                if (!at.width) continue;
                const over = Math.max(box.left - at.left, at.right - Math.min(box.right, width),
                                      box.top - at.top, at.bottom - box.bottom);
                const what = `${{name}}: "${{text.textContent}}"`;
                if (over > overhang) found.push(`${{what}} sticks out by ${{over.toFixed(0)}} px`);
                if (size < smallest) found.push(`${{what}} is ${{size.toFixed(1)}} px small`);
            }}
        }}
        return found;
    }}""",
        [OVERHANG_PX, SMALLEST_TEXT_PX],
    )


# ---------------------------------------------------------------------------------------------------------- data tables


def table_problems(page: Page) -> list[str]:
    """Figures without a data table that opens, or with a CSV link that holds other rows than the table."""
    found = []
    for figure in page.locator("figure.chart-figure:has(.chart)").all():
        name = figure.locator(".chart").get_attribute("data-figure")
        with _open(figure.locator("details.chart-data")) as opened:
            if not opened:
                found.append(f"{name}: no data table to open")
                continue
            shown = figure.locator("details.chart-data table tr").evaluate_all(
                f"""(rows) => rows.filter({SEEN}).map((row) => [...row.cells].map((cell) => cell.textContent))"""
            )
            link = figure.locator("a.csv")
            saved = decoded(link.get_attribute("href") or "") if link.count() else []
        if len(shown) < 2:
            found.append(f"{name}: the data table is empty")
        if saved != shown:
            found.append(f"{name}: the CSV has {len(saved)} rows, the table {len(shown)}, or they differ")
    return found + _without_table(page)


def _without_table(page: Page) -> list[str]:
    """Charts shown without a table, and without a link to where they stand with it."""
    return page.evaluate("""() => [...document.querySelectorAll(".chart")].filter((box) => {
        const holder = box.closest(".chart-figure");
        return !holder?.querySelector(`details.chart-data, a[href$="#${box.dataset.figure}"]`);
    }).map((box) => `${box.dataset.figure}: neither a data table nor a link to it`)""")


@contextmanager
def _open(details: Locator) -> Any:
    """Open a fold-out by its summary, as a reader does, and close it again."""
    opened = details.count() == 1
    if opened:
        details.locator("summary").click()
        opened = details.evaluate("(box) => box.open")
    yield opened
    if opened:
        details.locator("summary").click()


def decoded(link: str) -> list[list[str]]:
    """Return the rows in a CSV link.

    >>> decoded("data:text/csv;base64,YSxiCjEsMgo=")
    [['a', 'b'], ['1', '2']]
    """
    packed = link.removeprefix("data:text/csv;base64,")
    return list(csv.reader(io.StringIO(base64.b64decode(packed).decode("utf-8"))))
