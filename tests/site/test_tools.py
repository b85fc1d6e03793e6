"""The tools around charts, previews of links and the finder, in the browser; each check also on something broken."""

from collections.abc import Iterator
from pathlib import Path

import built
import checks
import pytest
import tool_checks
from playwright.sync_api import BrowserContext, Page
from test_gates_close import DRAWING, Show, framed, objects, sample
from test_site import none

CHAPTER = built.HTML / "notebooks" / "03_four_times_larger.html"
FRONT = built.HTML / "book" / "index.html"
TOOLS = DRAWING + f'<script src="{(built.HTML / "_static" / "chart_tools.js").as_uri()}"></script>'
PREVIEWS = f'<script src="{(built.HTML / "_static" / "previews.js").as_uri()}"></script>'


def patience_ms(what: str | None) -> int:
    """Return how long to wait: not long for what a break keeps from ever coming."""
    return (
        3_000 if what in {"nothing is saved", "not on focus", "not for the pointer", "for ever"} else built.PATIENCE_MS
    )


@pytest.fixture(scope="module")
def chapter(context: BrowserContext) -> Iterator[Page]:
    """Yield a chapter with charts that move."""
    with built.visiting(context, CHAPTER) as visit:
        yield visit.page
        none(checks.console_problems(visit.said))


@pytest.fixture
def fresh(context: BrowserContext) -> Iterator[Page]:
    with context.new_page() as page:
        yield page


def with_tools(more: str = "") -> str:
    return sample().replace(DRAWING, TOOLS + more)


# ------------------------------------------------------------------------------------------------------------ toolbar


@pytest.mark.parametrize("width", [built.DESKTOP, built.PHONE], ids=["desk", "phone"])
def test_a_chart_can_be_enlarged(chapter: Page, width: dict[str, int]) -> None:
    figure = built.figures(CHAPTER)[0]
    with built.viewport(chapter, width):
        none(tool_checks.large_view_problems(chapter, figure))


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_chart_is_saved_as_it_stands(chapter: Page, tmp_path: Path, theme: str) -> None:
    for figure in built.figures(CHAPTER)[:2]:
        checks.move_to(chapter, figure, figure.settings()[-1])
        with built.theme(chapter, theme):
            none(tool_checks.picture_problems(chapter, figure, tmp_path))
        checks.move_to(chapter, figure, figure.settings()[0])


def test_a_chart_shown_again_has_its_tools(context: BrowserContext, tmp_path: Path) -> None:
    with built.visiting(context, FRONT) as visit:
        (figure,) = visit.figures()
        none(tool_checks.nameless_tools(visit.page))
        none(tool_checks.picture_problems(visit.page, figure, tmp_path))
        none(tool_checks.large_view_problems(visit.page, figure))


BREAKS = {
    "no tools": ("box.querySelector('.chart-tools').hidden = true", "0 tools"),
    "a tool without its figure": ("box.querySelector('[data-tool=svg]').ariaLabel = 'Save'", "is called Save"),
}


@pytest.mark.parametrize("what", BREAKS)
def test_tools_without_names_are_seen(shown: Show, what: str) -> None:
    damage, said = BREAKS[what]
    page = shown(with_tools()).page
    none(tool_checks.nameless_tools(page))
    page.evaluate(f"() => {{ const box = document.querySelector('.chart'); {damage}; }}")
    objects(tool_checks.nameless_tools(page), said)


STYLE = "const style = (text) => { const e = document.createElement('style'); e.textContent = text; return e; }"
LARGE_BREAKS = {
    "nothing opens": ("HTMLDialogElement.prototype.showModal = () => {}", "no large view opens"),
    "it stays small": (
        "document.head.append(style('[open] .chart-view { width: 9rem; min-width: 0 !important; zoom: 1!important }'))",
        "no larger",
    ),
    "it stays open": (
        "document.addEventListener('cancel', (event) => event.preventDefault(), true)",
        "Escape does not",
    ),
    "the focus is lost": (
        "document.addEventListener('close', () => setTimeout(() => document.activeElement.blur()), true)",
        "focus does not come back",
    ),
    "the state is lost": (
        "const open = HTMLDialogElement.prototype.showModal; HTMLDialogElement.prototype.showModal = function () {"
        " open.call(this); document.querySelector('.chart-readout').textContent = 'other'; }",
        "another state",
    ),
}


@pytest.mark.parametrize("what", LARGE_BREAKS)
def test_a_large_view_that_fails_is_seen(shown: Show, what: str) -> None:
    damage, said = LARGE_BREAKS[what]
    visit = shown(with_tools())
    visit.page.evaluate(f"() => {{ {STYLE}; {damage}; }}")
    objects(tool_checks.large_view_problems(visit.page, visit.figures()[0]), said)


PICTURE_BREAKS = {
    "nothing is saved": ("URL.createObjectURL = () => 'about:blank#'", "is saved"),
    "colours left open": ("CSSStyleDeclaration.prototype.getPropertyValue = () => 'var(--ink)'", "left to the page"),
    "no paper": ("document.createElementNS = () => document.createElement('i')", "no white paper"),
    "an old state": ("box.view.toSVG = async () => '<svg viewBox=\"0 0 9 9\"><text>old</text></svg>'", "its words"),
    "dark ink": ("document.documentElement.append(style('.on-paper text { fill: #ddd !important }'))", "on white"),
    "a small PNG": (
        "const old = Object.assign;"
        " Object.assign = (to, from) => old(to, from.height > 1 ? { width: 5, height: 5 } : from)",
        "pixels",
    ),
}


@pytest.mark.parametrize("what", PICTURE_BREAKS)
def test_a_picture_that_fails_is_seen(shown: Show, tmp_path: Path, what: str) -> None:
    damage, said = PICTURE_BREAKS[what]
    visit = shown(with_tools())
    visit.page.evaluate(f"() => {{ {STYLE}; const box = document.querySelector('.chart'); {damage}; }}")
    objects(tool_checks.picture_problems(visit.page, visit.figures()[0], tmp_path, patience_ms(what)), said)


# ----------------------------------------------------------------------------------------------------------- previews


@pytest.mark.parametrize(
    ("link", "text"),
    [
        ("term-H100-equivalents", "dense 16-bit peak"),
        ("fig-one-choice", "Fig. 3.2 Two choices decide"),
        ("cite-meta2024genai", "Kevin Lee"),
    ],
)
def test_links_have_previews(chapter: Page, link: str, text: str) -> None:
    found = chapter.locator(f'main a[aria-describedby][href$="#{link}"]:visible').first
    none(tool_checks.preview_problems(chapter, found, text))


def test_a_figure_of_the_page_is_shown_small(chapter: Page) -> None:
    link = chapter.locator('main a[aria-describedby][href="#fig-one-choice"]').first
    link.evaluate("(link) => link.focus({ focusVisible: true })")
    assert chapter.locator(f"{tool_checks.SHOWN_PREVIEW} svg[aria-hidden=true]").count() == 1
    link.evaluate("(link) => link.blur()")


def test_a_tap_shows_no_preview(context: BrowserContext) -> None:
    assert context.browser is not None
    with (
        context.browser.new_context(has_touch=True, viewport=built.PHONE, offline=True) as phone,
        built.visiting(phone, CHAPTER) as visit,
    ):
        visit.page.locator('main a[href="#fig-one-choice"]:not(.headerlink)').first.tap()
        visit.page.wait_for_function("location.hash === '#fig-one-choice'")
        visit.page.evaluate("() => new Promise((done) => setTimeout(done, 400))")
        assert visit.page.locator(tool_checks.SHOWN_PREVIEW).count() == 0


LINKED = (
    '<div style="padding: 200px 40px"><a class="reference" href="a.html#term-x">x</a></div>{preview}'
    '<div style="height: 50rem"></div>'
)
PREVIEW = (
    '<div class="previews"><div class="preview" role="tooltip" id="preview-1" data-for="a.html#term-x" hidden>'
    "a long word</div></div>"
)
PREVIEW_BREAKS: dict[str, tuple[str, str]] = {
    "not on focus": ("window.addEventListener('focus', (event) => event.stopImmediatePropagation(), true)", "on focus"),
    "other words": ("document.querySelector('.preview').textContent = 'no'", "the preview says"),
    "no description": ("document.querySelector('main a').removeAttribute('aria-describedby')", "not described"),
    "out of the window": ("document.querySelector('.preview').style.translate = '2000px'", "leaves the window"),
    "deaf to Escape": ("window.addEventListener('keydown', (event) => event.stopPropagation(), true)", "Escape"),
    "not for the pointer": (
        "window.addEventListener('pointerenter', (event) => event.stopPropagation(), true)", "under the pointer",
    ),
    "shy": ("document.querySelector('.preview').style.pointerEvents = 'none'", "when it is pointed at"),
    "for ever": ("window.addEventListener('pointerleave', (event) => event.stopPropagation(), true)", "stays"),
}  # fmt: skip


@pytest.mark.parametrize("what", [None, *PREVIEW_BREAKS])
def test_a_preview_that_fails_is_seen(shown: Show, what: str | None) -> None:
    damage, said = PREVIEW_BREAKS[what] if what else ("", "")
    page = shown(framed(LINKED.format(preview=PREVIEW), scripts=PREVIEWS)).page
    page.evaluate(f"() => {{ {damage}; }}")
    problems = tool_checks.preview_problems(page, page.locator("main a"), "a long word", patience_ms(what))
    objects(problems, said) if what else none(problems)


def test_a_link_without_a_preview_is_seen(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text(f"<main>{LINKED.format(preview='')}</main>")
    objects(tool_checks.links_without_preview(page), "a.html#term-x")


def test_every_link_to_a_term_figure_or_citation_has_one(page_file: Path) -> None:
    none(tool_checks.links_without_preview(page_file))


# ------------------------------------------------------------------------------------------------------------- finder


SEARCHES = {
    "goodput": "book/glossary.html#term-goodput",
    "C23": "notebooks/16_the_ledger.html#C23",
    "four times the size of those that exist": "notebooks/16_the_ledger.html#C23",
    "fig-four-times": "notebooks/03_four_times_larger.html#fig-four-times",
    "Fig. 3.1": "notebooks/03_four_times_larger.html#fig-four-times",
    "is it really four times larger": "notebooks/03_four_times_larger.html",
    "four choices": "notebooks/03_four_times_larger.html#four-choices-hide-in-one-word",
}


@pytest.mark.parametrize("query", SEARCHES)
def test_the_search_leads_to_the_place(fresh: Page, query: str) -> None:
    none(tool_checks.search_problems(fresh, query, SEARCHES[query]))


def test_a_search_says_nothing_wrong_on_the_console(fresh: Page) -> None:
    said: list[str] = []
    fresh.on("console", lambda message: said.append(f"{message.type}: {message.text}"))
    none(tool_checks.search_problems(fresh, "goodput", SEARCHES["goodput"]))
    none(checks.console_problems(said))


def test_a_search_that_finds_nothing_is_seen(fresh: Page) -> None:
    objects(tool_checks.search_problems(fresh, "zzzz", SEARCHES["C23"]), "leads first to nothing")
    objects(tool_checks.search_problems(fresh, "goodput", SEARCHES["C23"]), "not to")
