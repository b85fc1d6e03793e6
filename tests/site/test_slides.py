"""The slides of every chapter in the browser, and a deck broken on purpose for each check."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

import built
import checks
import pytest
import slide_checks
from playwright.sync_api import BrowserContext, Page
from pypdf import PdfReader
from test_gates_close import objects
from test_site import none

CHAPTERS = [name for name in built.toc_pages() if re.match(r"notebooks/(0[1-9]|1\d)_", name)]
SLIDES = built.HTML / "slides"
MOVING = SLIDES / "03.html"


def deck_of(chapter: str) -> Path:
    return SLIDES / f"{Path(chapter).name[:2]}.html"


@pytest.fixture(scope="module")
def deck(request: pytest.FixtureRequest, context: BrowserContext) -> Iterator[built.Visit]:
    """Yield a deck on a projector."""
    with built.visiting(context, deck_of(request.param), size=slide_checks.PROJECTOR) as visit:
        yield visit


@contextmanager
def every_menu_at_its_longest(page: Page) -> Iterator[None]:
    """Choose the longest text in each menu, and what was chosen before at the end."""
    menus = page.locator(".slide select").all()
    before = [menu.input_value() for menu in menus]
    try:
        for menu in menus:
            menu.select_option(label=max(menu.locator("option").all_text_contents(), key=len))
        built.settle(page)
        yield
    finally:
        for menu, value in zip(menus, before, strict=True):
            menu.select_option(value)
        built.settle(page)


every_deck = pytest.mark.parametrize("deck", CHAPTERS, indirect=True, scope="module")
every_chapter = pytest.mark.parametrize("chapter", CHAPTERS)


def test_there_are_chapters() -> None:
    assert len(CHAPTERS) == len(list(SLIDES.glob("*.html"))) > 1


@every_chapter
def test_a_deck_has_the_pieces_of_its_chapter(chapter: str) -> None:
    none(slide_checks.missing_pieces(built.HTML / chapter, deck_of(chapter)))
    none(slide_checks.unnumbered(deck_of(chapter)))
    none(slide_checks.wrong_claims(deck_of(chapter)))
    none(checks.broken_links(deck_of(chapter), built.HTML))
    none(checks.outside_in_text(deck_of(chapter)))


@every_chapter
def test_a_chapter_leads_to_its_deck(chapter: str) -> None:
    assert built.parsed(built.HTML / chapter).select(f'a[href="../slides/{deck_of(chapter).name}"]')


@every_deck
def test_slides_fit_and_can_be_read(deck: built.Visit) -> None:
    none(checks.undrawn(deck.page))
    none(slide_checks.overflowing(deck.page))
    none(slide_checks.small_text(deck.page))
    none(slide_checks.small_chart_text(deck.page))
    none(slide_checks.cut_menus(deck.page))


@every_deck
def test_slides_fit_whatever_is_chosen(deck: built.Visit) -> None:
    with every_menu_at_its_longest(deck.page):
        for _ in range(50):  # a slide is laid out anew a moment later
            if not (problems := slide_checks.overflowing(deck.page)):
                break
            deck.page.wait_for_timeout(50)
        none(problems)
        none(slide_checks.cut_menus(deck.page))


@every_deck
def test_keys_turn_slides(deck: built.Visit) -> None:
    none(slide_checks.keys_problems(deck.page))


@every_deck
def test_axe_sees_nothing_serious_on_slides(deck: built.Visit) -> None:
    none(checks.axe_violations(deck.page))
    with built.theme(deck.page, "dark"):
        none(checks.axe_violations(deck.page, only=("color-contrast",)))


@every_deck
def test_slides_fit_a_phone(deck: built.Visit) -> None:
    with built.viewport(deck.page, built.PHONE):
        none(checks.too_wide(deck.page))


@every_deck
def test_slides_are_silent_and_ask_nobody(deck: built.Visit) -> None:
    none(checks.console_problems(deck.said))
    none(checks.outside_requests(deck.requests))


# ------------------------------------------------------------------------------------------------------------ one deck


@pytest.fixture
def moving(context: BrowserContext) -> Iterator[Page]:
    """Yield a deck with controls, opened afresh."""
    with built.visiting(context, MOVING, size=slide_checks.PROJECTOR) as visit:
        yield visit.page


def test_buttons_turn_slides_and_change_the_light(moving: Page) -> None:
    moving.get_by_role("button", name="Next slide").click()
    assert moving.url.endswith("#slide-2")
    moving.get_by_role("button", name="Previous slide").click()
    assert moving.url.endswith("#slide-1")
    before = moving.evaluate("getComputedStyle(document.body).backgroundColor")
    moving.get_by_role("button", name="Light or dark").click()
    assert moving.evaluate("getComputedStyle(document.body).backgroundColor") != before


def test_keys_stay_with_a_control_that_has_the_focus(moving: Page) -> None:
    slider = moving.locator(".chart-controls input[type=range]").first
    slider.focus()
    slide, before = moving.evaluate("scrollY"), slider.input_value()
    moving.keyboard.press("ArrowRight")
    assert slider.input_value() != before
    assert moving.evaluate("scrollY") == slide


def test_a_verdict_waits_for_the_end(moving: Page) -> None:
    assert not moving.locator(".slide-claim .chip").first.is_visible()
    assert moving.locator(".slide-verdict .chip").first.is_visible()


def test_slides_print_one_on_a_page(moving: Page) -> None:
    with built.theme(moving, "dark"):
        sheets = PdfReader(BytesIO(moving.pdf(prefer_css_page_size=True))).pages
        assert len(sheets) == moving.locator(".slide").count()
        assert {(float(sheet.mediabox.width), float(sheet.mediabox.height)) for sheet in sheets} == {(960, 540)}


def test_slides_scroll_without_scripts(context: BrowserContext) -> None:
    assert context.browser is not None
    with context.browser.new_context(java_script_enabled=False, offline=True) as without, without.new_page() as page:
        page.goto(MOVING.as_uri())
        page.locator(".slide-takeaway").scroll_into_view_if_needed()
        assert page.locator(".slide-takeaway h2").is_visible()
        assert not page.get_by_role("button", name="Next slide").is_visible()


# ------------------------------------------------------------------------------------------------------- broken decks

Show = Callable[..., built.Visit]


def broken(shown: Show, change: Callable[[str], str]) -> built.Visit:
    text = MOVING.read_text(encoding="utf-8").replace("../_static", (built.HTML / "_static").as_uri())
    changed = change(text)
    assert changed != text
    return shown(changed)


def test_missing_pieces_are_seen(tmp_path: Path) -> None:
    chapter = next(built.HTML / name for name in CHAPTERS if deck_of(name) == MOVING)
    text = MOVING.read_text(encoding="utf-8")
    for piece, mark in {
        "takeaway": "slide-takeaway", "verdict": "card-verdict", "exercise": "slide-exercise", "goals": "slide-goals",
        "guess": "slide-guess", "claim": "slide-claim", "figures": 'class="chart"', "no link": "../notebooks/",
    }.items():  # fmt: skip
        path = tmp_path / f"{piece}.html"
        path.write_text(text.replace(mark, "gone"), encoding="utf-8")
        objects(slide_checks.missing_pieces(chapter, path), piece)
    path = tmp_path / "number.html"
    path.write_text(text.replace(">2 / ", ">3 / "), encoding="utf-8")
    objects(slide_checks.unnumbered(path), "slide-2 says")
    path = tmp_path / "another_claim.html"
    path.write_text(text.replace("<dd>C23", "<dd>C26"), encoding="utf-8")
    objects(slide_checks.wrong_claims(path), "is not on 'C26")


def test_slides_that_do_not_fit_are_seen(shown: Show) -> None:
    visit = broken(
        shown, lambda text: text.replace("</head>", "<style>.slide-guess p { height: 900px }</style></head>")
    )
    with built.viewport(visit.page, slide_checks.PROJECTOR):
        objects(slide_checks.overflowing(visit.page), "px tall")
    visit.page.add_style_tag(content=".slide-guess p { height: auto; width: 3000px; max-width: none !important }")
    objects(slide_checks.overflowing(visit.page), "leaves it")


def test_small_text_is_seen(shown: Show) -> None:
    visit = broken(shown, lambda text: text.replace('class="card-claim', 'style="font-size: 14px" class="card-claim'))
    with built.viewport(visit.page, slide_checks.PROJECTOR):
        objects(slide_checks.small_text(visit.page), "14px")


def test_small_text_of_charts_is_seen(shown: Show) -> None:
    visit = broken(
        shown, lambda text: text.replace("</head>", "<style>.chart-view { zoom: .5 !important }</style></head>")
    )
    with built.viewport(visit.page, slide_checks.PROJECTOR):
        objects(slide_checks.small_chart_text(visit.page), "fig-four-times has text of 8.0 px")


def test_cut_menus_are_seen(shown: Show) -> None:
    visit = broken(
        shown, lambda text: text.replace("</head>", "<style>.slide select { width: 9rem !important }</style></head>")
    )
    with built.viewport(visit.page, slide_checks.PROJECTOR), every_menu_at_its_longest(visit.page):
        objects(slide_checks.cut_menus(visit.page), 'cuts "measured by a list or a benchmark"')


def test_dead_keys_are_seen(shown: Show) -> None:
    visit = broken(shown, lambda text: re.sub(r"<script defer[^>]*slides\.js[^>]*></script>", "", text))
    objects(slide_checks.keys_problems(visit.page), "ArrowRight: slide 2", "End")
