"""The ledger's page and the strip that leads to it, in the browser; and a page broken on purpose for each check."""

from collections.abc import Callable, Iterator

import built
import checks
import ledger_checks
import pandas as pd
import pytest
from playwright.sync_api import BrowserContext, Page
from test_gates_close import NO_INPUT, NO_RING
from test_site import none

from book_figures.ledger_table import both_days

PAGE = built.HTML / "notebooks" / "16_the_ledger.html"
FRONT = built.HTML / "book" / "index.html"
Check = Callable[[Page, pd.DataFrame], list[str]]


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    return both_days()


@pytest.fixture
def opened(context: BrowserContext) -> Iterator[built.Visit]:
    """Yield the ledger, opened afresh."""
    with built.visiting(context, PAGE) as visit:
        yield visit


@pytest.fixture
def plain(context: BrowserContext) -> Iterator[Page]:
    """Yield the ledger in a browser that runs no scripts."""
    assert context.browser is not None
    with context.browser.new_context(java_script_enabled=False, offline=True) as without, without.new_page() as page:
        page.goto(PAGE.as_uri())
        yield page


CHECKS: dict[str, Check] = {
    "every claim has its line": ledger_checks.wrong_rows,
    "filters": ledger_checks.wrong_filters,
    "search": ledger_checks.wrong_search,
    "sorting": ledger_checks.wrong_sorting,
    "the address": ledger_checks.wrong_address,
    "the keyboard": ledger_checks.not_by_keyboard,
    "print": ledger_checks.not_printed,
}


@pytest.mark.parametrize("what", CHECKS)
def test_the_ledger_works(opened: built.Visit, table: pd.DataFrame, what: str) -> None:
    none(CHECKS[what](opened.page, table))
    none(checks.console_problems(opened.said))


def test_the_ledger_reads_without_scripts(plain: Page, table: pd.DataFrame) -> None:
    none(ledger_checks.wrong_rows(plain, table))
    assert not plain.locator(".ledger form").is_visible()
    assert plain.locator(".ledger button").count() == 1  # only the hidden form's own


def test_the_ledger_is_cards_on_a_phone(opened: built.Visit, table: pd.DataFrame) -> None:
    with built.viewport(opened.page, built.PHONE):
        none(ledger_checks.not_as_cards(opened.page, table))
        none(ledger_checks.wrong_filters(opened.page, table))
        opened.page.evaluate("document.querySelectorAll('.ledger details').forEach((box) => { box.open = true; })")
        none(checks.too_wide(opened.page))


@pytest.mark.parametrize("name", ["light", "dark"])
def test_axe_sees_nothing_in_the_opened_ledger(opened: built.Visit, name: str) -> None:
    opened.page.evaluate("document.querySelectorAll('.ledger details').forEach((box) => { box.open = true; })")
    with built.theme(opened.page, name):
        none(checks.axe_violations(opened.page))


def test_the_strip_leads_to_every_line(context: BrowserContext, table: pd.DataFrame) -> None:
    with built.visiting(context, FRONT) as visit:
        none(ledger_checks.wrong_strip(visit.page, table))
        visit.page.locator(".verdict-strip a[href$='#C23']").click()
        visit.page.locator("#C23 details[open]").wait_for()


def test_only_the_ledger_loads_its_script() -> None:
    users = [name for name in built.pages() if "ledger.js" in (built.HTML / name).read_text(encoding="utf-8")]
    assert users == [str(PAGE.relative_to(built.HTML))]


# What is broken: what to do to the page, the check that must object, what it must say.
PRINT = "Object.assign(document.createElement('style'), { textContent: '@media print { .ledger tbody[hidden] {%s} }' })"
BREAKS: dict[str, tuple[str, Check, str]] = {
    "a claim is lost": ("document.querySelector('#C23').remove()", ledger_checks.wrong_rows, "claims on the page"),
    "a text is lost": ("document.querySelector('#C23 details').remove()", ledger_checks.wrong_rows, "C23: no"),
    "the filters are dead": (NO_INPUT, ledger_checks.wrong_filters, "shows"),
    "the search is dead": (NO_INPUT, ledger_checks.wrong_search, "shows"),
    "nothing is reset": (
        "document.querySelector('.ledger form').addEventListener('reset', (e) => e.preventDefault())",
        ledger_checks.wrong_search,
        "after the reset: shows",
    ),
    "the count is gone": ("document.querySelector('.ledger output').remove()", ledger_checks.wrong_filters, "says []"),
    "a choice is gone": (
        "document.querySelector('.ledger option[value=money]').remove()",
        ledger_checks.wrong_filters,
        "no choice money",
    ),
    "the heads are dead": (
        "document.addEventListener('click', (e) => e.target.closest('th') && e.stopPropagation(), true)",
        ledger_checks.wrong_sorting,
        "not descending",
    ),
    "the order is not announced": (
        "document.querySelectorAll('th[data-sort]').forEach((head) => { head.setAttribute = () => {}; })",
        ledger_checks.wrong_sorting,
        "announced as []",
    ),
    "the address is not kept": ("history.replaceState = () => {}", ledger_checks.wrong_address, "the address of"),
    "no focus to see": (f"document.head.append({NO_RING})", ledger_checks.not_by_keyboard, "nothing shows the focus"),
    "no way by Tab": (
        "document.querySelector('.ledger [name=then]').tabIndex = -1",
        ledger_checks.not_by_keyboard,
        "Tab went to",
    ),
    "filtered on paper": (
        f"document.head.append({PRINT % 'display: none !important'})",
        ledger_checks.not_printed,
        "not printed",
    ),
    "no cards": ("", ledger_checks.not_as_cards, "table-cell"),
}


@pytest.mark.parametrize("what", BREAKS)
def test_a_ledger_broken_on_purpose_is_seen(opened: built.Visit, table: pd.DataFrame, what: str) -> None:
    damage, check, said = BREAKS[what]
    opened.page.evaluate(f"() => {{ {damage}; }}")
    problems = check(opened.page, table)
    assert any(said in problem for problem in problems), problems


def test_a_strip_that_leads_astray_is_seen(context: BrowserContext, table: pd.DataFrame) -> None:
    with built.visiting(context, FRONT) as visit:
        visit.page.evaluate("document.querySelector('.verdict-strip a').href = 'sources.html#C23'")
        visit.page.evaluate("document.querySelector('.verdict-strip div:last-child li').remove()")
        problems = ledger_checks.wrong_strip(visit.page, table)
    assert any("leads to sources.html" in problem for problem in problems)
    assert any("marks for" in problem for problem in problems)
