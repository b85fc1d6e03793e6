"""The French edition in the browser: its translated pages, and the link between the editions on every page."""

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import built
import checks
import pytest
from playwright.sync_api import BrowserContext, Page
from test_site import none

from book_figures.edition import catalogues
from compute_scaling import data

FRENCH = built.HTML / "fr"
TRANSLATED = ["book/index.html", "notebooks/03_four_times_larger.html", "notebooks/16_the_ledger.html"]
CHAPTER, LEDGER = TRANSLATED[1:]
ENGLISH_ONLY = "notebooks/05_how_much_of_the_peak.html"
ENGLISH = re.compile(r"\b(?:the|and|with|which|was|of all|does not|if a)\b")
NAMES = re.compile("|".join(map(re.escape, data.load("clusters")["name"])))
UNELIDED = re.compile(r"\b(?:[dD]e|[qQ]ue|[lL][ea]|[nN]e) (?=[aeiouéèêàâîôAEIOUÉÀ])[^ ]*")
ENGLISH_NUMBER = re.compile(r"\d\.\d|\d,\d{3}\b")
TYPED = """() => {
    const page = document.querySelector(".bd-article").cloneNode(true);
    page.querySelectorAll("script, style, pre, code, [lang=en], table.dataframe").forEach((part) => part.remove());
    return page.textContent.replace(/[ \\n]+/g, " ");
}"""
READ = """() => {
    const page = document.querySelector(".bd-article").cloneNode(true);
    page.querySelectorAll("script, style, pre, code, [lang=en], a[href*='#source-'], .csv, .reference.internal")
        .forEach((part) => part.remove());
    const words = [...document.querySelectorAll(".chart-view svg")].flatMap((chart) =>
        [chart.getAttribute("aria-label"), ...[...chart.querySelectorAll("text")].map((text) => text.textContent)]);
    const walker = document.createTreeWalker(page, NodeFilter.SHOW_TEXT), read = [];
    while (walker.nextNode()) read.push(walker.currentNode.data);
    return [...read, ...words].join(" | ");
}"""


def there(page: str) -> Path:
    """Return a page of the French edition; without it, skip on a reader's machine and fail in CI."""
    if not (FRENCH / page).is_file():
        without = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        without("no French edition to look at: run make book LANGUAGE=fr")
    return FRENCH / page


@pytest.fixture(scope="module", params=TRANSLATED)
def translated(request: pytest.FixtureRequest, context: BrowserContext) -> Iterator[built.Visit]:
    """Yield each translated page, open and drawn."""
    with built.visiting(context, there(request.param)) as opened:
        yield opened


def english_words(page: Page) -> list[str]:
    """Return English words that a page shows outside code, names of sources and what is marked as English."""
    text = page.evaluate(READ)
    return sorted({" ".join(part.split()) for part in text.split("|") if ENGLISH.search(NAMES.sub("", part))})


def slips(page: Page) -> list[str]:
    """Return what a French reader would take for a slip: straight apostrophes, words before a vowel not elided."""
    text = page.evaluate(TYPED)
    straight = [text[max(at.start() - 20, 0) : at.end() + 20] for at in re.finditer("'", text)]
    return straight + [at[0] for at in UNELIDED.finditer(text)]


def unnamed_controls(page: Page) -> list[str]:
    """Return controls of the theme that still have an English name."""
    found = page.locator("[aria-label], [title], [placeholder]").evaluate_all(
        "(parts) => parts.flatMap((part) =>"
        " ['aria-label', 'title', 'placeholder'].map((name) => part.getAttribute(name)))"
    )
    return sorted(set(found) & set(catalogues.THEME))


def language_links(page: Page, language: str) -> list[str]:
    """Return what is wrong with a page's link to its other language."""
    links = page.locator("a.language-switch")
    if links.count() != 1:
        return [f"{links.count()} links to another language, expected 1"]
    found = [links.get_attribute(name) for name in ("hreflang", "lang")]
    target = Path(page.evaluate("document.querySelector('a.language-switch').href").removeprefix("file://"))
    problems = [] if found == [language] * 2 else [f"the link says {found}, expected {language}"]
    here = Path(page.url.removeprefix("file://").partition("#")[0])
    same = target.relative_to(built.HTML).as_posix().removeprefix("fr/") == here.relative_to(
        built.HTML
    ).as_posix().removeprefix("fr/")
    return problems + ([] if same and target.is_file() else [f"the link leads to {target}"])


# ------------------------------------------------------------------------------------------------ the translated pages


def test_figures_are_drawn_and_announced(translated: built.Visit) -> None:
    none(checks.undrawn(translated.page) + checks.misnamed_charts(translated.page, translated.figures()))


def test_controls_are_labelled(translated: built.Visit) -> None:
    none(checks.unlabelled_controls(translated.page, translated.figures()))


def test_pages_are_accessible(translated: built.Visit) -> None:
    none(checks.axe_violations(translated.page))


def test_pages_fit_a_phone(translated: built.Visit) -> None:
    with built.viewport(translated.page, built.PHONE):
        none(checks.too_wide(translated.page))


def test_pages_print(translated: built.Visit) -> None:
    none(checks.print_problems(translated.page))


def test_console_is_quiet(translated: built.Visit) -> None:
    none(checks.console_problems(translated.said) + checks.outside_requests(translated.requests))


def test_no_english_is_left(translated: built.Visit) -> None:
    assert translated.page.evaluate("document.documentElement.lang") == "fr"
    none(english_words(translated.page))


def test_pages_are_typed_in_french(translated: built.Visit) -> None:
    none(slips(translated.page))


def test_controls_of_the_theme_have_french_names(translated: built.Visit) -> None:
    none(unnamed_controls(translated.page))


def test_numbers_of_charts_have_a_comma(translated: built.Visit) -> None:
    texts = translated.page.locator(".chart-view svg text").all_text_contents()
    none([text for text in texts if ENGLISH_NUMBER.search(text.rpartition(":")[2])])


def test_english_words_are_found(shown: Callable[[str], built.Visit]) -> None:
    page = shown("<main class='bd-article'><p>Le registre and the rest</p><p lang='en'>the text</p></main>").page
    assert english_words(page) == ["Le registre and the rest"]


def test_slips_are_found(shown: Callable[[str], built.Visit]) -> None:
    page = shown("<main class='bd-article'><p>à partir de <em>octobre</em>, l'an passé</p></main>").page
    assert slips(page) == ["partir de octobre, l'an passé", "de octobre,"]


def test_an_english_name_is_found(shown: Callable[[str], built.Visit]) -> None:
    page = shown('<button title="Toggle primary sidebar">x</button><button title="Fermer">y</button>').page
    assert unnamed_controls(page) == ["Toggle primary sidebar"]


def test_the_ledger_filters_in_french(context: BrowserContext) -> None:
    with built.visiting(context, there(LEDGER)) as visit:
        page = visit.page
        page.locator(".ledger select[name=now]").select_option(label="ne tient pas")
        rows = page.locator(".ledger tbody:visible").count()
        assert page.locator(".ledger-count output").text_content() == f"{rows} sur 49 affirmations"
        assert 0 < rows < 49
        assert page.locator(".ledger-now:visible .chip").all_text_contents() == ["○ ne tient pas"] * rows


def test_a_readout_follows_its_controls_in_french(context: BrowserContext) -> None:
    with built.visiting(context, there(CHAPTER)) as visit:
        figure = next(figure for figure in visit.figures() if figure.controls)
        before = checks.readout(visit.page, figure)
        checks.move_to(visit.page, figure, figure.settings()[1])
        after = checks.readout(visit.page, figure)
        assert before != after
        assert "fois plus grand" in before
        assert "fois plus grand" in after


# --------------------------------------------------------------------------------------------------------- the editions


def test_each_page_leads_to_its_other_language_and_back(context: BrowserContext) -> None:
    with built.visiting(context, there(CHAPTER)) as visit:
        page = visit.page
        none(language_links(page, "en"))
        page.locator("a.language-switch").focus()
        page.keyboard.press("Enter")
        page.wait_for_url(f"**/html/{CHAPTER}")
        none(language_links(page, "fr"))
        page.locator("a.language-switch").click()
        page.wait_for_url(f"**/fr/{CHAPTER}")


def test_every_page_has_its_link() -> None:
    there(CHAPTER)
    pages = [name for name in built.pages() if (built.HTML / name).is_file()]
    for root, language in ((built.HTML, "fr"), (FRENCH, "en")):
        found = {name: built.parsed(root / name).select("a.language-switch") for name in pages}
        assert [name for name, links in found.items() if [link["hreflang"] for link in links] != [language]] == []


def test_a_link_to_another_page_is_found(context: BrowserContext) -> None:
    with built.visiting(context, there(CHAPTER)) as visit:
        visit.page.evaluate(f"document.querySelector('a.language-switch').href = '../../{LEDGER}'")
        assert language_links(visit.page, "en")


@pytest.mark.parametrize("name", built.pages())
def test_links_of_the_french_edition_lead_somewhere(name: str) -> None:
    none(checks.broken_links(there(name), built.HTML))


def test_a_page_not_translated_says_so() -> None:
    article = built.parsed(there(ENGLISH_ONLY)).select_one(".bd-article")
    assert article is not None
    note = article.select_one("p.untranslated")
    assert note is not None
    assert (note["lang"], article.select_one("section")["lang"], article.select_one("h1")["lang"]) == ("fr", "en", "fr")
    assert built.parsed(there(CHAPTER)).select_one("p.untranslated") is None
