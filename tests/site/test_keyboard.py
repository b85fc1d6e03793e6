"""Every page without a mouse, its lasting anchors and what it loads; each check also on something broken."""

from pathlib import Path

import anchors
import built
import checks
import keyboard_checks
import pytest
from fontTools.ttLib import TTFont
from test_gates_close import Show, framed, objects, sample
from test_site import none

from book_figures.site import icons


def test_tab_goes_through_the_page(visit: built.Visit) -> None:
    none(keyboard_checks.walk_problems(visit.page))


def test_the_first_stop_skips_to_the_main_part(visit: built.Visit) -> None:
    none(keyboard_checks.skip_link_problems(visit.page))


@pytest.mark.parametrize("name", ["light", "dark"])
def test_the_focus_can_be_followed(visit: built.Visit, name: str) -> None:
    with built.theme(visit.page, name):
        none(keyboard_checks.faint_rings(visit.page))


def test_readouts_are_announced(visit: built.Visit) -> None:
    none(keyboard_checks.silent_readouts(visit.page))


def test_nothing_moves_for_who_wants_no_motion(visit: built.Visit) -> None:
    none(keyboard_checks.motion_problems(visit.page))


def test_nothing_is_loaded_that_is_not_used(page_file: Path) -> None:
    none(checks.unused_files(page_file))


def test_lasting_anchors_are_there() -> None:
    listed = anchors.LIST.read_text(encoding="utf-8").split()
    none(anchors.problems(listed, anchors.addresses(built.HTML, built.pages())))


def held_by(path: Path) -> set[str]:
    """Return the names of the icons that a font holds; a font for pages keeps only their codes."""
    with TTFont(icons.theme_font()) as whole, TTFont(path) as font:
        return {whole.getBestCmap()[code] for code in font.getBestCmap() if code in whole.getBestCmap()}


def test_every_icon_is_in_the_font() -> None:
    held = held_by(built.HTML / "_static" / f"{icons.FONT}.woff2")
    named = {
        name.removeprefix("fa-")
        for page in built.pages()
        for icon in built.parsed(built.HTML / page).select(".fa-solid, .fas")
        for name in icon["class"]
        if name.startswith("fa-") and name not in ("fa-solid", "fa-lg")
    }
    assert named <= held


# ----------------------------------------------------------------------------------------------- broken on purpose

SKIP = '<a href="#main-content">Skip</a><div id="main-content"><button>A</button></div><button>B</button>'
WALKS = {
    "a sound page": ("", ""),
    "a trap": ("button.onkeydown = (event) => event.preventDefault()", "holds the focus"),
    "another order": (
        "const [one, two] = document.querySelectorAll('button'), skip = document.querySelector('a');"
        "skip.onkeydown = (event) => { event.preventDefault(); two.focus(); };"
        "two.onkeydown = (event) => { event.preventDefault(); one.focus(); }",
        "comes after",
    ),
    "an order of its own": ("button.tabIndex = 1", "leaves out"),
    "a stop left out": ("button.onfocus = () => document.querySelectorAll('button')[1].focus()", "leaves out"),
    "something over it": (
        "document.body.insertAdjacentHTML('beforeend', '<div style=\"position: fixed; inset: 0\"></div>')",
        "is covered",
    ),
    "out of view": ("button.style.cssText = 'position: fixed; left: -500px'", "out of view"),
}  # fmt: skip


@pytest.mark.parametrize("what", WALKS)
def test_a_walk_that_fails_is_seen(shown: Show, what: str) -> None:
    damage, said = WALKS[what]
    page = shown(framed(SKIP)).page
    page.evaluate(f"() => {{ const button = document.querySelector('button'); {damage}; }}")
    problems = keyboard_checks.walk_problems(page)
    objects(problems, said) if said else none(problems)


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        ("", ""),
        ("document.querySelector('a').remove()", "no link to #main-content"),
        ("document.getElementById('main-content').replaceChildren()", "not in the main part"),
    ],
)
def test_a_skip_link_that_fails_is_seen(shown: Show, damage: str, said: str) -> None:
    page = shown(framed(SKIP)).page
    page.evaluate(f"() => {{ {damage}; }}")
    problems = keyboard_checks.skip_link_problems(page)
    objects(problems, said) if said else none(problems)


@pytest.mark.parametrize(
    ("style", "said"),
    [
        (":focus-visible { outline: 3px solid #d55e00 }", ""),
        (":focus-visible { outline: 3px solid #eee }", "contrast 1.2"),
        (":focus-visible { outline: 1px solid #000 }", "contrast 1.0"),
        ("* { outline: 0 !important }", "contrast 1.0"),
    ],
)
def test_a_ring_too_faint_is_seen(shown: Show, style: str, said: str) -> None:
    problems = keyboard_checks.faint_rings(shown(framed("<button>A</button>", style)).page)
    objects(problems, said) if said else none(problems)


@pytest.mark.parametrize(
    "style",
    ["p { transition: color 1s !important }", "p::before { content: 'x'; animation: a 1s !important }",
     "html { scroll-behavior: smooth !important }"],
)  # fmt: skip
def test_something_that_moves_is_seen(shown: Show, style: str) -> None:
    visit = shown(framed("<p>A</p>", "p { transition: color 1s }"))
    none(keyboard_checks.motion_problems(visit.page))
    visit.page.add_style_tag(content=style)
    objects(keyboard_checks.motion_problems(visit.page), "still moves")


def test_a_readout_that_is_silent_is_seen(shown: Show) -> None:
    page = shown(sample()).page
    none(keyboard_checks.silent_readouts(page))
    page.evaluate("document.querySelector('.chart-readout').ariaLive = 'off'")
    objects(keyboard_checks.silent_readouts(page), "its readout is silent")


@pytest.mark.parametrize(
    ("body", "rule"),
    [
        ("<h3>Too deep</h3>", "heading-order"),
        ("<nav></nav><nav></nav>", "landmark-unique"),
        ("<h2></h2>", "empty-heading"),
    ],
)
def test_a_wrong_order_is_seen(shown: Show, body: str, rule: str) -> None:
    objects(checks.axe_violations(shown(framed(body)).page), rule)


@pytest.mark.parametrize(
    ("head", "said"),
    [
        ('<script src="_static/vega.js"></script>', "vega.js"),
        ('<link rel="stylesheet" href="_static/copybutton.css">', "copybutton.css"),
        ('<script src="_static/novel.js"></script>', "novel.js"),
        ('<link rel="preload" as="font" href="_static/fa-brands-400.woff2">', "fa-brands-400.woff2"),
    ],
)
def test_a_file_that_is_not_used_is_seen(tmp_path: Path, head: str, said: str) -> None:
    page = tmp_path / "page.html"
    page.write_text(f"<html><head>{head}</head><body><p>A</p></body></html>")
    objects(checks.unused_files(page), said)


def test_an_anchor_that_is_gone_and_one_that_is_new_are_seen(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text('<div class="bd-article"><section id="new"></section><span id="id7"></span></div>')
    there = anchors.addresses(tmp_path, ["a.html"])
    assert there == {"a.html", "a.html#new"}
    problems = anchors.problems(["a.html", "a.html#old"], there)
    objects(problems, "a.html#old is gone", "a.html#new is not listed")
    assert len(problems) == 2


def test_an_icon_that_the_theme_does_not_have_is_seen(tmp_path: Path) -> None:
    with pytest.raises(Exception, match="no-such-icon"):
        icons.write(icons.theme_font(), tmp_path / "font.woff2", ("bars", "no-such-icon"))
    icons.write(icons.theme_font(), tmp_path / "font.woff2", ("bars",))
    assert held_by(tmp_path / "font.woff2") == {"bars", "navicon"} & held_by(icons.theme_font())
