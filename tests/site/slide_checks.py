"""What must be true of the slides of a chapter. Each check returns the problems it sees, in words; none is good.

`test_slides.py` runs them on every deck, and shows each of them a deck that is broken on purpose.
"""

import re
from pathlib import Path
from typing import Final

import built
from bs4 import BeautifulSoup
from checks import SEEN
from playwright.sync_api import Page

from book_figures.cards import verdict_row

PROJECTOR: Final = {"width": 1280, "height": 720}
SMALLEST_TEXT_PX: Final = 24
SMALLEST_CHART_TEXT_PX: Final = 14  # in charts of many rows; in most it is 20 or more
PIECES: Final = {  # what a chapter has -> what a deck has
    "claim": (".card-claim:not(.card-verdict)", ".slide-claim .card-claim"),
    "guess": (".admonition.hint", ".slide-guess"),
    "goals": (".admonition.tip", ".slide-goals"),
    "takeaway": (".admonition.important", ".slide-takeaway"),
    "verdict": (".card-verdict", ".slide-verdict .card-verdict"),
    "exercise": (".exercise", ".slide-exercise"),
}


def missing_pieces(chapter: Path, deck: Path) -> list[str]:
    """Pieces of a chapter that its deck lacks or has changed: figures by name, the others by their words."""
    there, here = built.parsed(chapter), built.parsed(deck)
    names = [[figure.name for figure in built.figures(path)] for path in (chapter, deck)]
    found = [] if names[0] == names[1] else [f"figures {names[1]}, expected {names[0]}"]
    for piece, (in_chapter, in_deck) in PIECES.items():
        wanted = [_bare(tag) for tag in there.select(in_chapter)]
        shown = [_bare(tag) for tag in here.select(in_deck)]
        found += [f"{piece}: no {text[:60]!r}" for text in wanted if not any(text in other for other in shown)]
        found += [f"{piece}: {len(shown)}, expected {len(wanted)}"] if len(wanted) != len(shown) else []
    found += [f"{slide['id']} has no heading" for slide in here.select(".slide") if not slide.select_one("h1, h2")]
    return found + ([] if here.select(f'a[href="../notebooks/{chapter.name}"]') else ["no link to the chapter"])


def _bare(tag: object) -> str:
    """Return the words of a piece without white space, headings' numbers and links' marks."""
    return "".join(str(getattr(tag, "text", "")).replace("#", "").split())


def overflowing(page: Page) -> list[str]:
    """Slides whose content leaves them, or that are taller than the window and do not scroll."""
    return page.evaluate(
        f"""() => [...document.querySelectorAll(".slide")].flatMap((slide) => {{
        const edge = slide.getBoundingClientRect(), seen = {SEEN}, found = [];
        if (edge.height > innerHeight + 1 && !slide.classList.contains("slide-long"))
            found.push(`${{slide.id}} is ${{edge.height}} px tall`);
        for (const el of slide.querySelectorAll("*")) {{
            const at = el.getBoundingClientRect();
            if (at.width && seen(el) && (at.right > edge.right + 1 || at.bottom > edge.bottom + 1))
                found.push(`${{slide.id}}: ${{el.tagName}} "${{el.textContent.slice(0, 30)}}" leaves it`);
        }}
        return found.slice(0, 2);
    }})"""
    )


def small_text(page: Page, least: float = SMALLEST_TEXT_PX) -> list[str]:
    """Texts of slides that the back row cannot read; the insides of charts and the slide's number apart."""
    return page.evaluate(
        f"""(least) => [...document.querySelectorAll(".slide *:not(svg, svg *, script, .slide-number, .MathJax *)")]
        .filter((el) => [...el.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim()))
        .filter((el) => ({SEEN})(el) && !el.closest("mjx-container, .vega-bind option"))
        .filter((el) => parseFloat(getComputedStyle(el).fontSize) < least)
        .map((el) => `"${{el.textContent.slice(0, 30)}}" has ${{getComputedStyle(el).fontSize}}`)""",
        least,
    )


def small_chart_text(page: Page, least: float = SMALLEST_CHART_TEXT_PX) -> list[str]:
    """Charts with text that is too small for a class, as enlarged."""
    return page.evaluate(
        """(least) => [...document.querySelectorAll(".slide .chart-view svg")].flatMap((svg) => {
        const zoom = svg.getBoundingClientRect().width / svg.viewBox.baseVal.width;
        const sizes = [...svg.querySelectorAll("text")].map((text) => parseFloat(getComputedStyle(text).fontSize));
        const size = (zoom * Math.min(...sizes)).toFixed(1), chart = svg.closest(".chart").dataset.figure;
        return size < least ? [`${chart} has text of ${size} px`] : [];
    })""",
        least,
    )


def cut_menus(page: Page) -> list[str]:
    """Menus that cut off what is chosen."""
    return page.evaluate(
        """() => [...document.querySelectorAll(".slide select")].flatMap((menu) => {
        const wide = menu.cloneNode(true);
        wide.selectedIndex = menu.selectedIndex;
        wide.style.cssText = "position: absolute; width: max-content !important; max-width: none";
        menu.after(wide);
        const cut = wide.offsetWidth > menu.offsetWidth + 1;
        wide.remove();
        return cut ? [`${menu.closest(".slide").id} cuts "${menu.selectedOptions[0].text}"`] : [];
    })"""
    )


def wrong_claims(deck: Path) -> list[str]:
    """Slides of verdicts that do not name the claim they are on."""
    found = []
    for slide in built.parsed(deck).select(".slide-verdict"):
        claim = slide.select_one("dd").text
        if not re.match(r"C\d\d: ", claim) or _bare(
            BeautifulSoup(verdict_row(claim[:3]).html, "html.parser")
        ) not in _bare(slide):
            found.append(f"{slide['id']} is not on {claim[:60]!r}")
    return found


def keys_problems(page: Page) -> list[str]:
    """Keys that do not turn the slides as they should. On a slide taller than the window some scroll; here is none."""
    count = page.locator(".slide").count()
    steps = [("Home", 1), ("ArrowRight", 2), (" ", 3), ("ArrowLeft", 2), ("PageDown", 3), ("ArrowUp", 2)]
    steps += [("ArrowDown", 3), ("PageUp", 2), ("Shift+ ", 1), ("End", count), ("ArrowRight", count), ("Home", 1)]
    found = []
    for key, wanted in steps:
        page.keyboard.press(key)
        top = page.locator(f"#slide-{wanted}").evaluate("(slide) => Math.round(slide.getBoundingClientRect().top)")
        focused = page.evaluate("document.activeElement.id")
        if abs(top) > 1 or focused != f"slide-{wanted}":
            found.append(f"{key}: slide {wanted} is at {top} px, the focus is on {focused!r}")
    return found


def unnumbered(deck: Path) -> list[str]:
    """Slides that do not say which of how many they are."""
    slides = built.parsed(deck).select(".slide")
    return [
        f"{slide['id']} says {said!r}"
        for number, slide in enumerate(slides, start=1)
        if (said := slide.select_one(".slide-number").text) != f"{number} / {len(slides)}"
    ]
