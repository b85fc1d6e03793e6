"""The picture in README is drawn from the chart that chapter 3 shows, and a test says when it no longer is."""

import gates

from book_figures import four_times
from book_figures.site.picture import PICTURE, digest
from book_figures.site.sphinx_ext import notebook_figures

CHAPTER = PICTURE.parents[2] / "notebooks" / "03_four_times_larger.ipynb"


def stale(svg: str, spec: dict[str, object]) -> bool:
    return f"<!-- chart {digest(spec)} -->" not in svg


def test_the_picture_shows_the_chapters_chart() -> None:
    spec = notebook_figures(CHAPTER)[four_times.NAME]
    assert gates.said(CHAPTER)["multiple"] in PICTURE.read_text(encoding="utf-8")
    assert not stale(PICTURE.read_text(encoding="utf-8"), spec)


def test_an_old_picture_is_seen() -> None:
    spec = notebook_figures(CHAPTER)[four_times.NAME]
    assert stale(PICTURE.read_text(encoding="utf-8"), spec | {"description": "another chart"})
