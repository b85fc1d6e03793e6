"""The built book as the site tests see it: its pages, the figures on them, and a browser's visit to one."""

import json
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import pytest
from bs4 import BeautifulSoup
from playwright.sync_api import BrowserContext, Page, TimeoutError

from book_figures.edition import catalogues
from book_figures.edition.catalogues import TOC

ROOT: Final = Path(__file__).parents[2]
HTML: Final = ROOT / "_build" / "html"
SEARCH: Final = "search.html"
DESKTOP: Final = {"width": 1280, "height": 900}
PHONE: Final = {"width": 390, "height": 844}
PATIENCE_MS: Final = 15_000
SPEC: Final = re.compile(r'<div class="chart"[^>]*><script type="application/json">(.*?)</script>', re.DOTALL)
DRAWN: Final = """() => document.readyState === "complete"
    && [...document.querySelectorAll(".chart")].every((box) => box.dataset.drawn)"""


def toc_pages(toc: Path = TOC) -> list[str]:
    """Return the html files that the table of contents asks for, in its order."""
    return [f"{name}.html" for name in catalogues.pages(toc)]


def pages(root: Path = HTML, toc: Path = TOC) -> list[str]:
    """Return the built pages: those of the table of contents, and the search page."""
    return [name for name in [*toc_pages(toc), SEARCH] if (root / name).is_file()]


@lru_cache
def parsed(path: Path) -> BeautifulSoup:
    """Return a page's parsed text."""
    return BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")


# ------------------------------------------------------------------------------------------------------------ figures


@dataclass(frozen=True)
class Control:
    """A control of a figure: its values in order as the chart's parameter takes them, and the texts for them."""

    name: str
    label: str
    slider: bool
    values: list[Any]
    texts: list[str]
    default: Any

    @property
    def ends(self) -> list[Any]:
        """The values to try: a slider's first and last step, every choice of a menu."""
        return [self.values[0], self.values[-1]] if self.slider else self.values


@dataclass(frozen=True)
class Figure:
    """A figure of a page, read from the specification that the page holds."""

    name: str
    description: str
    controls: list[Control]

    def settings(self) -> list[dict[str, Any]]:
        """Return the controls' values to try: the defaults, then each control at its ends, the others at default."""
        start = {control.name: control.default for control in self.controls}
        moved = [start | {control.name: value} for control in self.controls for value in control.ends]
        return [start, *(setting for setting in moved if setting != start)]


def figures(path: Path) -> list[Figure]:
    """Return the figures of a built page, in its order."""
    return [figure_of(json.loads(spec)) for spec in SPEC.findall(path.read_text(encoding="utf-8"))]


def figure_of(spec: dict[str, Any]) -> Figure:
    """Return what the tests need of a specification."""
    about = spec["usermeta"]["figure"]
    parameters = {parameter["name"]: parameter for parameter in spec.get("params", []) if "bind" in parameter}
    controls = []
    for control in about.get("controls", []):
        parameter = parameters[control["name"]]
        values = list(range(len(control["labels"]))) if control["slider"] else parameter["bind"]["options"]
        controls.append(
            Control(control["name"], control["label"], control["slider"], values, control["labels"], parameter["value"])
        )
    return Figure(about["name"], spec["description"], controls)


# ------------------------------------------------------------------------------------------------------------- visits


def chromium() -> str:
    """Return where Chromium is. Without it: skip on a reader's machine, fail in CI."""
    path = shutil.which("chromium")
    if path is None:
        without = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        without("no chromium on this machine, so the book is not looked at: install the package chromium")
    return path


@dataclass
class Visit:
    """A page opened in the browser, with all it asked for and said since. size: of its window, if not the usual one."""

    context: BrowserContext
    path: Path
    patience_ms: int = PATIENCE_MS
    size: dict[str, int] | None = None
    requests: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    tab: Page = field(init=False)
    crashed: bool = field(init=False)

    def __post_init__(self) -> None:
        self._open()

    @property
    def page(self) -> Page:
        """The page in its tab. After the tab crashed, in a new one."""
        if self.crashed:
            self.tab.close()
            self._open()
        return self.tab

    def _open(self) -> None:
        """Open the page as a file and wait until its figures are drawn, but not for ever."""
        self.crashed = False
        self.requests.clear()
        self.said.clear()
        self.tab = self.context.new_page()
        if self.size is not None:
            self.tab.set_viewport_size(self.size)
        self.tab.on("crash", self._note_crash)
        self.tab.on("request", lambda request: self.requests.append(request.url))
        self.tab.on("console", lambda message: self.said.append(f"{message.type}: {message.text}"))
        self.tab.on("pageerror", lambda error: self.said.append(f"page error: {error}"))
        self.tab.goto(self.path.as_uri())
        with suppress(TimeoutError):  # a check reports what was not drawn
            self.tab.wait_for_function(DRAWN, timeout=self.patience_ms)

    def _note_crash(self, page: Page) -> None:
        self.crashed = True

    def figures(self) -> list[Figure]:
        """Return the figures of the page."""
        return figures(self.path)


@contextmanager
def visiting(
    context: BrowserContext, path: Path, patience_ms: int = PATIENCE_MS, size: dict[str, int] | None = None
) -> Iterator[Visit]:
    """Visit a page and close its tab at the end."""
    visit = Visit(context, path, patience_ms, size)
    try:
        yield visit
    finally:
        visit.tab.close()


@contextmanager
def theme(page: Page, name: str) -> Iterator[None]:
    """Show the page in a theme, `light` or `dark`, and put the old one back."""
    old = page.evaluate("document.documentElement.dataset.theme ?? ''")
    try:
        page.evaluate("(name) => { document.documentElement.dataset.theme = name; }", name)
        settle(page)
        yield
    finally:
        page.evaluate("(name) => { document.documentElement.dataset.theme = name; }", old)
        settle(page)


@contextmanager
def media(page: Page, name: str) -> Iterator[None]:
    """Show the page as it would be on `print`, and go back to the screen."""
    try:
        page.emulate_media(media=name)
        settle(page)
        yield
    finally:
        page.emulate_media(media="null")  # not "screen", in which a PDF would be printed from then on
        settle(page)


@contextmanager
def viewport(page: Page, size: dict[str, int]) -> Iterator[None]:
    """Show the page in a window of another size, and put the old one back."""
    old = page.viewport_size
    try:
        page.set_viewport_size(size)
        settle(page)
        yield
    finally:
        page.set_viewport_size(old)
        settle(page)


def settle(page: Page) -> None:
    """Wait until charts have followed a change, colours have faded over, and the page was painted."""
    page.evaluate("""async () => {
        const painted = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
        await painted();
        await Promise.all([...document.querySelectorAll(".chart")].map((box) => box.view?.runAsync()));
        document.getAnimations().forEach((animation) => {
            if (animation instanceof CSSTransition) animation.finish();
        });
        await painted();
    }""")


def words(text: str) -> str:
    """Return a text with its white space evened out."""
    return re.sub(r"\s+", " ", text).strip()
