import base64
import csv
import io
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from book_figures import html
from compute_scaling.claims import WORDS

CELL = st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=12)


@given(st.lists(st.lists(CELL, min_size=2, max_size=2), min_size=1, max_size=4))
def test_a_csv_link_gives_its_rows_back(rows):
    link = html.csv_link(["a", "b"], rows, "fig-x")
    encoded = re.search(r"base64,([^\"]*)\"", link)
    assert encoded
    text = base64.b64decode(encoded[1]).decode("utf-8")
    assert list(csv.reader(io.StringIO(text))) == [["a", "b"], *rows]
    assert 'download="fig-x.csv"' in link


@given(CELL)
def test_a_cell_cannot_bring_markup_of_its_own(text):
    inner = re.search(r"<td>(.*)</td>", html.table(["a"], [[text]]), re.S)
    assert inner
    assert not re.search(r"[<>]", inner[1])
    assert '"' not in html.source_links(text).replace('<a href="', "").replace('">', "")


def test_verdict_words_are_chips_only_where_asked():
    assert "chip" not in html.table(["verdict"], [["holds if"]])
    assert 'class="chip chip-holds-if"' in html.table(["verdict"], [["holds if"]], chips=True)
    assert "chip" not in html.table(["verdict"], [["it holds"]], chips=True)


def test_sources_of_a_table_are_links_and_other_cells_are_not():
    table = html.table(["machine", "sources"], [["a-1, b-2", "a-1, b-2"]], sources="sources.html")
    assert table.count("<a ") == 2
    assert 'href="sources.html#source-b-2"' in table
    assert 'scope="col"' in table


@pytest.mark.parametrize("word", WORDS)
def test_a_verdict_speaks_in_word_and_shape(word):
    chip = html.chip(word)
    assert chip.endswith(f"{word}</span>")
    assert f"chip-{word.replace(' ', '-')}" in chip
    assert f'aria-hidden="true">{html.SHAPES[word]}<' in chip


def test_no_two_verdicts_share_a_shape():
    assert len({html.SHAPES[word] for word in WORDS}) == len(WORDS)
