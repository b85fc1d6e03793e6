"""Each notebook page gives its notebook to take away."""

import json
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import built
import pytest
from bs4 import BeautifulSoup
from playwright.sync_api import BrowserContext

NOTEBOOKS = [name for name in built.toc_pages() if name.startswith("notebooks/")]


def problems(page: Path) -> list[str]:
    """Find what is wrong with a page's link to its notebook: where it leads, that it saves, what it is called."""
    links = [link for link in BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser").find_all("a")
             if str(link.get("href", "")).endswith(".ipynb")]  # fmt: skip
    if len(links) != 1:
        return [f"{page.stem}: {len(links)} links to a notebook; expected one"]
    (link,), found = links, []
    target = (page.parent / link["href"]).resolve()
    if target.name != f"{page.stem}.ipynb" or not target.is_file():
        found.append(f"{page.stem}: leads to {link['href']}")
    elif json.loads(target.read_text(encoding="utf-8"))["nbformat"] != 4:
        found.append(f"{page.stem}: no notebook")
    if not link.has_attr("download"):
        found.append(f"{page.stem}: shown, not saved")
    if not link.get_text(strip=True):
        found.append(f"{page.stem}: no name")
    return found


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_every_notebook_page_gives_its_notebook(name: str) -> None:
    assert problems(built.HTML / name) == []


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("03_four_times_larger.ipynb", "99_no_such.ipynb", "leads to"),
        ("03_four_times_larger.ipynb", "04_how_fast_growing.ipynb", "leads to"),
        (" download\n", "\n", "shown, not saved"),
        (">.ipynb<", "><", "no name"),
        ('href="../_sources/notebooks/03_four', 'name="03_four', "0 links"),
    ],
)
def test_a_broken_link_is_seen(tmp_path: Path, old: str, new: str, problem: str) -> None:
    source = built.HTML / "notebooks" / "03_four_times_larger.html"
    page = tmp_path / "notebooks" / source.name
    page.parent.mkdir()
    (tmp_path / "_sources").symlink_to(built.HTML / "_sources")
    text = source.read_text(encoding="utf-8")
    page.write_text(text, encoding="utf-8")
    assert problems(page) == []
    page.write_text(text.replace(old, new), encoding="utf-8")
    assert any(problem in line for line in problems(page)), problems(page)


def test_a_click_saves_the_notebook_from_a_server(context: BrowserContext, tmp_path: Path) -> None:
    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(built.HTML))) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        assert context.browser is not None
        page = context.browser.new_context().new_page()  # the other one is cut off from any server
        page.goto(f"http://127.0.0.1:{server.server_port}/notebooks/03_four_times_larger.html")
        page.get_by_role("button", name="Download this page").click()
        with page.expect_download() as waiting:
            page.get_by_role("link", name=".ipynb").click()
        waiting.value.save_as(tmp_path / "saved.ipynb")
        page.context.close()
        server.shutdown()
    assert (tmp_path / "saved.ipynb").read_bytes() == (
        built.ROOT / "notebooks" / "03_four_times_larger.ipynb"
    ).read_bytes()
