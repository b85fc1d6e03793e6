"""A browser for the site tests, and one visit a page that many checks share."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import built
import pytest
from playwright.sync_api import BrowserContext, sync_playwright

QUIET = ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync"]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give every test that takes a `visit` all built pages in turn, one opening each; `page_file` the files alone."""
    names = built.pages()
    if "visit" in metafunc.fixturenames:
        metafunc.parametrize("visit", names, indirect=True, scope="module", ids=names)
    if "page_file" in metafunc.fixturenames:
        metafunc.parametrize("page_file", [built.HTML / name for name in names], ids=names)


@pytest.fixture(scope="session")
def context() -> Iterator[BrowserContext]:
    """Yield a window of Debian's Chromium, cut off from any network."""
    path = built.chromium()
    with (
        sync_playwright() as playwright,
        playwright.chromium.launch(executable_path=path, args=[*QUIET, "--no-first-run"]) as browser,
        browser.new_context(viewport=built.DESKTOP, color_scheme="light", offline=True) as context,
    ):
        yield context


@pytest.fixture(scope="module")
def visit(request: pytest.FixtureRequest, context: BrowserContext) -> Iterator[built.Visit]:
    """Yield a page of the book, open and drawn. A test that changes it puts it back."""
    with built.visiting(context, built.HTML / request.param) as opened:
        yield opened


@pytest.fixture
def shown(context: BrowserContext, tmp_path: Path) -> Iterator[Callable[[str], built.Visit]]:
    """Yield a function that opens a page made of the given HTML: what a check must object to."""
    with ExitStack() as stack:

        def show(html: str, patience_ms: int = built.PATIENCE_MS) -> built.Visit:
            path = tmp_path / "page.html"
            path.write_text(html, encoding="utf-8")
            return stack.enter_context(built.visiting(context, path, patience_ms))

        yield show
