"""Each check of the site is shown a page that is broken on purpose, and must object; a sound page passes them all."""

import base64
import json
import random
import subprocess
import sys
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

import built
import checks
import pytest
import test_site
from playwright.sync_api import Error, Page

Show = Callable[..., built.Visit]

STATIC = (built.HTML / "_static").as_uri()
FRAME = """<!DOCTYPE html><html lang="en" data-theme="light"><head><meta charset="utf-8"><title>A page</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>:root {{ --pst-color-background: #fff }} [data-theme=dark] {{ --pst-color-background: #121212 }}
body {{ margin: 8px; background: var(--pst-color-background); color: var(--chart-text) }}</style>
<link rel="stylesheet" href="{static}/book.css"><style>{style}</style></head>
<body><main class="bd-article"><h1>A page</h1>{body}</main>{scripts}</body></html>"""
DRAWING = f'<script src="{STATIC}/vega.js"></script><script src="{STATIC}/chart.js"></script>'
BUTTON = """<button class="theme-switch-button" onclick="const root = document.documentElement;
    root.dataset.theme = root.dataset.theme === 'dark' ? 'light' : 'dark'; {more}">Theme</button>"""
RESET = """const box = document.querySelector('.chart'); const slider = box.querySelector('[type=range]');
    slider.value = 1; slider.dispatchEvent(new Event('input'));"""
TALL = '<div style="height: 2000px"></div>'


def framed(body: str, style: str = "", scripts: str = "") -> str:
    return FRAME.format(static=STATIC, style=style, body=body, scripts=scripts)


@lru_cache
def example() -> str:
    """Return the HTML of a figure of the book with a slider, a menu, and bars that its oracle counts."""
    for name in built.pages():
        for html in map(str, built.parsed(built.HTML / name).select("figure.chart-figure:has(.chart)")):
            figure = built.figure_of(spec_of(html))
            kinds = {control.slider for control in figure.controls}
            if len(kinds) == 2 and hasattr(test_site.oracle_of(figure), "bars"):
                return html
    return pytest.fail("no figure with a slider, a menu and bars in the book to break: run make book first")


def spec_of(figure: str) -> dict[str, Any]:
    return json.loads(figure.partition('<script type="application/json">')[2].partition("</script>")[0])


def sample(change: Callable[[dict[str, Any]], object] = lambda spec: None, style: str = "", more: str = "") -> str:
    """Return a page with one figure of the book, its specification changed as asked."""
    html = example()
    before, rest = html.split('<script type="application/json">', 1)
    after = rest.split("</script>", 1)[1]
    spec = spec_of(html)
    change(spec)
    text = json.dumps(spec).replace("</", "<\\/")
    figure = f'{before}<script type="application/json">{text}</script>{after}'
    return framed(BUTTON.format(more=more) + figure + TALL, style, DRAWING)


def objects(problems: list[str], *said: str) -> None:
    """Assert that a check reports each of the texts."""
    for text in said:
        assert any(text in problem for problem in problems), f"{text!r} not in {problems}"


def every_problem(visit: built.Visit) -> list[str]:
    page, (figure,) = visit.page, visit.figures()
    oracle = test_site.oracle_of(figure)
    found = [
        *checks.undrawn(page),
        *checks.misnamed_charts(page, [figure]),
        *checks.unlabelled_controls(page, [figure]),
        *checks.wrong_readouts(page, figure, oracle.expected, getattr(oracle, "bars", None)),
        *checks.not_by_keyboard(page, figure),
        *checks.table_problems(page),
        *checks.theme_problems(page, [figure]),
        *checks.axe_violations(page),
        *checks.too_heavy(visit.requests),
        *checks.outside_requests(visit.requests),
        *checks.console_problems(visit.said),
        *checks.outside_in_text(visit.path),
    ]
    for theme in ("light", "dark"):
        with built.theme(page, theme):
            found += [*checks.faint_text(page), *checks.print_problems(page)]
    return found + checks.pdf_problems(page, [figure])


def test_a_sound_page_passes(shown: Show) -> None:
    test_site.none(every_problem(shown(sample())))


# ------------------------------------------------------------------------------------------------- the files themselves


def test_a_page_that_was_not_built(tmp_path: Path) -> None:
    toc = tmp_path / "_toc.yml"
    chapters = "parts:\n  - chapters:\n      - file: b\n        sections: [{file: c/d}]\n"
    toc.write_text(f"format: jb-book\nroot: a\n{chapters}")
    (tmp_path / "a.html").touch()
    problems = checks.missing_pages(built.toc_pages(toc), tmp_path)
    assert problems == ["b.html was not built", "c/d.html was not built"]


def test_links_that_lead_nowhere(tmp_path: Path) -> None:
    (tmp_path / "sources.html").write_text('<dl><dt id="source-known">known</dt></dl>')
    page = tmp_path / "broken.html"
    page.write_text(
        '<h1 id="top">A</h1><a href="#top">good</a><a href="sources.html#source-known">good</a>'
        '<a href="https://host.invalid">good</a><a href="gone.html">1</a><a href="#gone">2</a>'
        '<a href="sources.html#source-lost">3</a><a href="../out.html">4</a>'
        '<img src="gone.png"><script src="gone.js"></script>'
    )
    problems = checks.broken_links(page, tmp_path)
    objects(problems, "gone.html", "#gone", "source-lost", "../out.html", "gone.png", "gone.js")
    assert len(problems) == 6


@pytest.mark.parametrize(
    "html",
    [
        '<script src="https://host.invalid/a.js"></script>',
        '<link rel="stylesheet" href="//host.invalid/a.css">',
        '<img src="http://host.invalid/a.png">',
        "<style>@import 'https://host.invalid/a.css';</style>",
        "<style>body { background: url(https://host.invalid/a.png) }</style>",
    ],
)
def test_something_of_another_host_in_the_text(tmp_path: Path, html: str) -> None:
    page = tmp_path / "outside.html"
    page.write_text(html + '<a href="https://host.invalid">a link may lead away</a>')
    assert len(checks.outside_in_text(page)) == 1


def test_names_that_the_api_reference_has_not(tmp_path: Path) -> None:
    core, page = tmp_path / "core", tmp_path / "a.html"
    (core / "part").mkdir(parents=True)
    (core / "a.py").write_text("X = 1\nclass A:\n    def b(self): ...\ndef c(): ...\ndef _d(): ...\n")
    (core / "part" / "__init__.py").write_text("from core.a import A\n__all__ = ['A', 'e']\ndef e(): ...\n")
    terms = {name: f'<dt id="core.{name}"></dt>' for name in ("a.A", "a.A.b", "a.c", "part.e")}
    sections = (
        '<section id="module-core.a"><pre>X = 1</pre>{a.A}{a.A.b}{a.c}</section>'
        '<section id="module-core.part"><code>A</code>{part.e}</section>'
    )
    for name, term in terms.items():
        sections = sections.replace(f"{{{name}}}", term)
    for number, gone in enumerate(["", *terms.values(), "X", "<code>A</code>", sections.partition("</section>")[0]]):
        page = tmp_path / str(number) / "a.html"
        page.parent.mkdir()
        page.write_text(sections.replace(gone, "") if gone else sections)
        problems = checks.missing_names(page.parent, core)
        assert bool(problems) == bool(gone), (gone, problems)


# ---------------------------------------------------------------------------------------------------- in the browser


def test_a_request_to_another_host(shown: Show) -> None:
    visit = shown(framed('<img alt="" src="http://host.invalid/a.png">'))
    objects(checks.outside_requests(visit.requests), "http://host.invalid/a.png")
    objects(checks.console_problems(visit.said), "error: Failed to load resource")


@pytest.mark.parametrize("script", ["console.error('oh')", "console.warn('oh')", "throw new Error('oh')"])
def test_a_page_that_complains(shown: Show, script: str) -> None:
    objects(checks.console_problems(shown(framed("", scripts=f"<script>{script}</script>")).said), "oh")


def test_a_page_that_weighs_too_much(tmp_path: Path) -> None:
    heavy = tmp_path / "heavy.js"
    heavy.write_bytes(random.Random(1).randbytes(checks.HEAVY_BYTES))  # random bytes do not compress
    objects(checks.too_heavy([heavy.as_uri()]), "heavy.js")


def test_a_chart_without_its_script(shown: Show) -> None:
    visit = shown(sample().replace(DRAWING, ""), patience_ms=200)
    objects(checks.undrawn(visit.page), "data-drawn is undefined")


def test_a_chart_that_fails(shown: Show) -> None:
    visit = shown(sample(lambda spec: spec.update(layer=[{"mark": "nonsense"}])))
    objects(checks.undrawn(visit.page), "data-drawn is failed")
    assert checks.console_problems(visit.said)


def test_a_chart_without_data(shown: Show) -> None:
    visit = shown(sample(lambda spec: spec.update(datasets={name: [] for name in spec["datasets"]})))
    objects(checks.undrawn(visit.page), "no marks")


def _drawn(page: Page, figure: built.Figure) -> list[str]:
    return checks.undrawn(page)


def _named(page: Page, figure: built.Figure) -> list[str]:
    return checks.misnamed_charts(page, [figure])


def _labelled(page: Page, figure: built.Figure) -> list[str]:
    return checks.unlabelled_controls(page, [figure])


def _following(page: Page, figure: built.Figure) -> list[str]:
    bars = checks.bars_shown(page, figure)
    return checks.wrong_readouts(page, figure, lambda name, values: [""], lambda name, values: bars + 1)


def _fitting(page: Page, figure: built.Figure) -> list[str]:
    return checks.too_wide(page)


def _tabled(page: Page, figure: built.Figure) -> list[str]:
    return checks.table_problems(page)


def _in_pdf(page: Page, figure: built.Figure) -> list[str]:
    return checks.pdf_problems(page, [figure])


ONE_CELL = "data:text/csv;base64," + base64.b64encode(b"a").decode()
NO_RING = "Object.assign(document.createElement('style'), { textContent: '* { outline: 0 !important }' })"
NO_ARROWS = "(event) => event.key.startsWith('Arrow') && event.preventDefault()"
NO_INPUT = "for (const kind of ['input', 'change']) window.addEventListener(kind, (e) => e.stopPropagation(), true)"

# What is broken: what to do to the drawn page, the check that must object, what it must say.
BREAKS: dict[str, tuple[str, Callable[[Page, built.Figure], list[str]], str]] = {
    "a mark is no number": ("box.querySelector('.role-mark path').setAttribute('d', 'M0,NaN')", _drawn, "drew NaN"),
    "no description": ("box.querySelector('.chart-view').removeAttribute('aria-label')", _named, "announced as"),
    "no label": ("box.querySelector('.vega-bind-name').remove()", _labelled, "labelled"),
    "no word": ("box.querySelector('[type=range]').removeAttribute('aria-valuetext')", _labelled, "the slider says"),
    "one control too many": (
        "box.querySelector('.chart-controls').append(document.createElement('input'))",
        _labelled,
        "controls on the page",
    ),
    "no way by Tab": ("box.querySelector('[name]').tabIndex = -1", checks.not_by_keyboard, "Tab went to"),
    "no focus to see": (
        f"document.head.append({NO_RING})",
        checks.not_by_keyboard,
        "nothing shows the focus",
    ),
    "no arrow keys": (f"box.addEventListener('keydown', {NO_ARROWS}, true)", checks.not_by_keyboard, "Arrow"),
    "no effect of a control": (NO_INPUT, _following, "does not follow"),
    "a number of bars that Python does not give": ("", _following, "bars, Python gives"),
    "a long label": (
        "box.querySelector('.role-mark text').textContent = 'A machine with a name '.repeat(9)",
        _fitting,
        "sticks out by",
    ),
    "no table": ("document.querySelector('.chart-data').remove()", _tabled, "no data table to open"),
    "a table that stays shut": ("document.querySelector('summary').onclick = () => false", _tabled, "no data table"),
    "an empty table": ("document.querySelector('tbody').replaceChildren()", _tabled, "table is empty"),
    "a CSV of something else": (f"document.querySelector('a.csv').href = '{ONE_CELL}'", _tabled, "the CSV has 1 rows"),
    "no way to a table": ("document.querySelector('main').append(box)", _tabled, "neither a data table nor a link"),
    "no chart in the PDF": ("box.querySelector('svg').style.visibility = 'hidden'", _in_pdf, "is not in the PDF"),
    "one page": ("document.querySelector('main > div[style]').remove()", _in_pdf, "the PDF has 1 page"),
}


@pytest.mark.parametrize("what", BREAKS)
def test_a_page_broken_in_the_browser(shown: Show, what: str) -> None:
    damage, check, said = BREAKS[what]
    visit = shown(sample())
    (figure,) = visit.figures()
    visit.page.evaluate(f"() => {{ const box = document.querySelector('.chart'); {damage}; }}")
    objects(check(visit.page, figure), said)


def test_a_readout_with_another_number(shown: Show) -> None:
    def change(spec: dict[str, Any]) -> None:
        readout = spec["usermeta"]["figure"]["readout"]
        text = readout["columns"].index("text")
        for row in readout["rows"]:
            row[text] = row[text].replace("1", "7")

    visit = shown(sample(change))
    (figure,) = visit.figures()
    oracle = test_site.oracle_of(figure)
    problems = checks.wrong_readouts(visit.page, figure, oracle.expected, None)
    assert any("not in" in problem for problem in problems)


def test_a_figure_without_an_oracle() -> None:
    figure = built.figure_of(spec_of(example()))
    stranger = built.Figure("fig-nobody-knows", figure.description, figure.controls)
    with pytest.raises(pytest.fail.Exception, match="no oracle knows it"):
        test_site.oracle_of(stranger)


@pytest.mark.parametrize(
    ("style", "more", "said"),
    [
        ("", RESET, "became"),
        (".chart svg text { fill: #222 !important }", "", "text stays"),
        ("", "root.dataset.theme = 'light'", "the button gives no dark"),
    ],
)
def test_a_theme_that_is_not_followed(shown: Show, style: str, more: str, said: str) -> None:
    visit = shown(sample(style=style, more=more))
    objects(checks.theme_problems(visit.page, visit.figures()), said)


@pytest.mark.parametrize("style", [".chart svg text { fill: #999 !important }", ".chart svg text { opacity: .5 }"])
def test_text_too_faint(shown: Show, style: str) -> None:
    objects(checks.faint_text(shown(sample(style=style)).page), "contrast")


@pytest.mark.parametrize("style", ["fill: #bbb !important", "fill-opacity: .2 !important", "opacity: .3 !important"])
def test_marks_too_faint(shown: Show, style: str) -> None:
    visit = shown(sample())
    test_site.none(checks.faint_marks(visit.page))
    visit.page.add_style_tag(content=f".chart svg .role-mark.mark-rect path {{ {style} }}")
    objects(checks.faint_marks(visit.page), "a mark in")


@pytest.mark.parametrize(
    ("style", "said"),
    [
        (".chart-controls input { display: block !important }", "is printed"),
        (".chart-tools { display: flex !important }", "Enlarge is printed"),
        (".chart svg text { fill: #666 !important }", "< 7.0"),
        (".bd-article :is(p, summary, output) { color: #ccc !important }", "< 4.5"),
        (".chart-view { display: none !important }", "is not printed"),
        ("html { color-scheme: dark !important }", "the paper is dark"),
    ],
)
def test_a_print_that_is_spoilt(shown: Show, style: str, said: str) -> None:
    objects(checks.print_problems(shown(sample(style=f"@media print {{ {style} }}")).page), said)


@pytest.mark.parametrize(
    ("body", "rule"),
    [
        ('<img src="data:image/gif;base64,R0lGODlhAQABAAAAACw=">', "image-alt"),
        ('<p style="color: #aaa; background: #fff">pale</p>', "color-contrast"),
        ("<select><option>a</option></select>", "select-name"),
    ],
)
def test_axe_objects(shown: Show, body: str, rule: str) -> None:
    objects(checks.axe_violations(shown(framed(body)).page), rule)


def test_axe_objects_in_the_dark(shown: Show) -> None:
    visit = shown(framed("<p>dark on dark</p>", "[data-theme=dark] p { color: #444 }"))
    assert checks.axe_violations(visit.page) == []
    with built.theme(visit.page, "dark"):
        objects(checks.axe_violations(visit.page, only=("color-contrast",)), "color-contrast")


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ('<div style="width: 600px">wide</div>', "the page is 608 px wide"),
        ('<div style="width: 600px">wide</div>', "div."),
        ('<div style="position: relative; left: -40px">aside</div>', "-32"),
    ],
)
def test_a_page_wider_than_a_phone(shown: Show, body: str, said: str) -> None:
    visit = shown(framed(body))
    with built.viewport(visit.page, built.PHONE):
        objects(checks.too_wide(visit.page), said)


def test_a_scroll_box_may_be_wide(shown: Show) -> None:
    visit = shown(framed('<div style="overflow-x: auto"><div style="width: 600px">wide</div></div>'))
    with built.viewport(visit.page, built.PHONE):
        assert checks.too_wide(visit.page) == []


def test_text_too_small_to_read(shown: Show) -> None:
    visit = shown(sample(style=".chart svg text { font-size: 9px !important }"))
    objects(checks.too_wide(visit.page), "9.0 px small")


# ------------------------------------------------------------------------------------------------------- no browser


@pytest.mark.parametrize(("ci", "outcome"), [("true", pytest.fail.Exception), ("", pytest.skip.Exception)])
def test_a_machine_without_a_browser(monkeypatch: pytest.MonkeyPatch, ci: str, outcome: type[BaseException]) -> None:
    monkeypatch.setenv("CI", ci)
    monkeypatch.setenv("PATH", "")
    with pytest.raises(outcome, match="no chromium"):
        built.chromium()


def test_a_tab_that_died_is_opened_anew(shown: Show) -> None:
    visit = shown(framed("<p>Alive</p>"))
    visit.size = built.PHONE
    with pytest.raises(Error):
        visit.page.goto("chrome://crash")
    with pytest.raises(Error, match="Target crashed"):  # what pyproject.toml lets run again
        visit.tab.inner_text("p")
    assert visit.page.inner_text("p") == "Alive"
    assert visit.page.viewport_size == built.PHONE


@pytest.mark.parametrize(
    ("said", "outcome"), [("Target crashed", "1 failed, 1 rerun in"), ("Target is too small", "1 failed in")]
)
def test_a_page_that_kills_its_tab_twice_is_seen(tmp_path: Path, said: str, outcome: str) -> None:
    (tmp_path / "test_page.py").write_text(f"def test_page():\n    raise ValueError({said!r})\n", encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-c", built.ROOT / "pyproject.toml", tmp_path]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert outcome in done.stdout
