"""The pages for teachers: on a phone each step of a plan is a card, and says who does what; on paper they are short."""

from collections.abc import Iterator

import built
import checks
import pytest
from playwright.sync_api import BrowserContext, Page
from test_site import none

UNNAMED = """() => [...document.querySelectorAll(".stacked tbody td:not(:first-child)")]
    .filter((cell) => cell.textContent.trim() && !cell.querySelector(".of-column")?.checkVisibility())
    .map((cell) => cell.textContent.trim().slice(0, 60))"""
EMPTY = """() => [...document.querySelectorAll(".of-column")]
    .filter((name) => name.checkVisibility() && name.closest("td").textContent.trim() === name.textContent.trim())
    .map((name) => name.textContent)"""
WIDE = """() => [...document.querySelectorAll(".bd-article table")]
    .filter((table) => table.scrollWidth > table.clientWidth + 1)
    .map((table) => table.textContent.trim().slice(0, 60))"""
NAMED = """() => [...document.querySelectorAll(".of-column")].filter((name) => name.checkVisibility()).length"""


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    with built.visiting(context, built.HTML / "book" / "teach" / "03.html") as visit:
        yield visit.page


def hard_to_read_on_a_phone(page: Page) -> list[str]:
    """Cells that do not say which column they are of, or say nothing else; and tables wider than the screen."""
    page.set_viewport_size(built.PHONE)
    try:
        unnamed, empty, wide = page.evaluate(UNNAMED), page.evaluate(EMPTY), page.evaluate(WIDE)
    finally:
        page.set_viewport_size(built.DESKTOP)
    problems = {"of which column?": unnamed, "a name and no text:": empty, "too wide:": wide}
    return [f"{problem} {text}" for problem, texts in problems.items() for text in texts]


def test_a_plan_reads_on_a_phone_and_repeats_nothing_on_a_desktop(page: Page) -> None:
    none(hard_to_read_on_a_phone(page))
    assert page.locator(".stacked").count() == 2
    assert page.evaluate(NAMED) == 0


def test_a_plan_that_does_not_read_on_a_phone_is_seen(page: Page) -> None:
    page.evaluate('document.querySelector(".of-column").remove()')
    page.evaluate('document.querySelectorAll(".of-column")[1].closest("td").querySelector("p").lastChild.remove()')
    seen = [problem.partition(" ")[0] for problem in hard_to_read_on_a_phone(page)]
    assert seen == ["of", "a"]
    page.evaluate('document.querySelectorAll(".stacked").forEach((table) => table.classList.remove("stacked"))')
    assert any(problem.startswith("too wide") for problem in hard_to_read_on_a_phone(page))


SIDES = {"brief": 1, "project": 6, "03": 2, "15": 2}  # the plans with the most on them


@pytest.mark.parametrize("name", SIDES)
def test_what_is_handed_out_takes_few_sides_of_paper(context: BrowserContext, name: str) -> None:
    with built.visiting(context, built.HTML / "book" / "teach" / f"{name}.html") as visit:
        none(checks.too_many_sheets(visit.page, SIDES[name]))


def test_a_page_that_takes_too_many_sides_is_seen(page: Page) -> None:
    page.evaluate('document.querySelector(".bd-article").insertAdjacentHTML("beforeend", "<p>more</p>".repeat(60))')
    assert checks.too_many_sheets(page, 2) == ["4 sides, where 2 should do"]
