import json
import re

import pandas as pd
import pytest

from book_figures.site import sphinx_ext
from book_figures.theme import MIME

SPEC = {
    "description": "</script><b>",
    "usermeta": {"figure": {"name": "fig-x", "caption": "See.", "table": {"columns": ["a"], "rows": [["<1>"]]}}},
}


def test_a_chart_cannot_close_its_own_script():
    html = sphinx_ext.figure_html(SPEC)
    assert html.count("</script>") == 1
    inside = re.search(r'<script type="application/json">(.*?)</script>', html, re.S)
    assert inside
    assert json.loads(inside[1]) == SPEC


def test_a_readout_has_a_place_only_where_there_is_one():
    assert "chart-readout" not in sphinx_ext.figure_html(SPEC)
    spec = json.loads(json.dumps(SPEC))
    spec["usermeta"]["figure"]["readout"] = {"columns": [], "rows": []}
    assert 'aria-live="polite"' in sphinx_ext.figure_html(spec)


def test_the_data_under_a_chart_are_escaped_and_to_be_had():
    html = sphinx_ext.legend_html(SPEC, "sources.html")
    assert "&lt;1&gt;" in html
    assert 'download="fig-x.csv"' in html


def test_the_charts_of_a_notebook_are_found_by_name(tmp_path):
    path = tmp_path / "a.ipynb"
    path.write_text(json.dumps({"cells": [{"outputs": [{"data": {MIME: SPEC}}, {"data": {}}]}, {}]}))
    assert sphinx_ext.notebook_figures(path) == {"fig-x": SPEC}


@pytest.mark.parametrize("script", ["https://unpkg.com/thebe@0.8.2/lib/index.js", "_static/sphinx-thebe.js"])
def test_scripts_of_other_hosts_are_kept_out(script):
    assert not sphinx_ext.is_needed(script, "<p>")
    assert sphinx_ext.is_needed("_static/chart.js", "<p>")


@pytest.mark.parametrize(
    ("file", "body"),
    [
        ("_static/mathjax/tex-chtml-full.js", '<span class="math notranslate">'),
        ("_static/copybutton.css", '<div class="highlight">'),
        ("let toggleHintShow = 'Click';", '<div class="admonition dropdown">'),
        ("_static/mystnb.1.css", '<div class="cell docutils">'),
    ],
)
def test_a_file_of_another_package_is_kept_where_it_is_used(file, body):
    assert sphinx_ext.is_needed(file, body)
    assert not sphinx_ext.is_needed(file, "<p>plain</p>")


def test_a_source_is_listed_with_its_anchor_and_escaped():
    row = {
        "source_id": "a-1", "producer": "A & B", "title": "<T>",
        "url": "https://example.org/?a=1&b=2", "licence": "CC0",
        "published_on": pd.NaT, "accessed_on": pd.Timestamp("2026-09-30"), "note": float("nan"),
    }  # fmt: skip
    html = sphinx_ext._source_item(row)
    assert '<dt id="source-a-1">' in html
    assert "A &amp; B" in html
    assert "&lt;T&gt;" in html
    assert "a=1&amp;b=2" in html
    assert "nan" not in html.lower()


@pytest.mark.parametrize(
    ("here", "first"), [("book/index", "../notebooks/01_a.html"), ("notebooks/16_the_ledger", "01_a.html")]
)
def test_chapters_are_the_numbered_notebooks_of_the_book(here, first):
    docs = {"notebooks/01_a", "notebooks/12_b_c", "book/index", "notebooks/about", "book/01_other"}
    pages = sphinx_ext.chapter_pages(docs, here)
    assert list(pages) == [1, 12]
    assert pages[1] == first
