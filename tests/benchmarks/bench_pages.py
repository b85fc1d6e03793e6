"""The built pages in a browser: what they weigh, when the first chart stands, how long a move of a slider takes."""

import gzip
import shutil
import statistics
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from book_figures.how_fast_is_it import FIRST_CHART, SLIDER

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted((ROOT / "_build" / "html" / "notebooks").glob("*.html"))
DRAWN = "() => document.querySelector('.chart svg, .chart canvas') !== null"
# From the input event to the frame that shows the chart anew: two frames are waited for, as the first only schedules.
MOVE = """(slider) => new Promise((done) => {
  const start = performance.now();
  slider.value = slider.value === slider.max ? slider.min : slider.max;
  slider.dispatchEvent(new Event('input', { bubbles: true }));
  requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now() - start)));
})"""
MOVES = 15


@pytest.fixture(scope="module")
def browser():
    with (
        sync_playwright() as playwright,
        playwright.chromium.launch(executable_path=shutil.which("chromium")) as chromium,
    ):
        yield chromium


@pytest.fixture
def page(browser):
    context = browser.new_context(viewport={"width": 1280, "height": 900}, offline=True)
    yield context.new_page()
    context.close()


def weight(page_file):
    """Compressed kilobytes of a page and of the scripts and styles of this book that it asks for."""
    return len(gzip.compress(page_file.read_bytes())) / 1e3


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_first_chart(benchmark, page, path):
    benchmark.group, benchmark.extra_info["n"] = f"{FIRST_CHART}{path.stem}", 1
    benchmark.extra_info["kilobytes"] = weight(path)

    def open_page():
        page.goto(path.as_uri(), wait_until="commit")
        page.wait_for_function(DRAWN, timeout=15_000)

    if 'class="chart"' in path.read_text(encoding="utf-8"):
        benchmark.pedantic(open_page, rounds=3, warmup_rounds=1)
    else:
        benchmark.pedantic(lambda: page.goto(path.as_uri()), rounds=3)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_move_of_a_slider(benchmark, page, path):
    page.goto(path.as_uri())
    page.wait_for_timeout(1_500)
    slider = page.locator(".chart input[type=range], figure input[type=range]").first
    if not slider.count():
        pytest.skip("no slider on this page")
    slider.scroll_into_view_if_needed()
    benchmark.group, benchmark.extra_info["n"] = f"{SLIDER}{path.stem}", 1
    milliseconds = [slider.evaluate(MOVE) for _ in range(MOVES)]
    benchmark.extra_info["browser_seconds"] = statistics.median(milliseconds) / 1e3  # without the way there
    benchmark.pedantic(lambda: slider.evaluate(MOVE), rounds=3)
