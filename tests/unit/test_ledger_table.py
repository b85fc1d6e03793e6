import re

import numpy as np
import pandas as pd
import pytest

from book_figures import html
from book_figures.ledger_table import both_days, chapter_link, strip_html, table_html
from compute_scaling import data
from compute_scaling.claims import ARTICLE_DAY, WORDS, check


def claims(*rows, **more):
    """Return a ledger of both days with the given (word then, word now); other columns are the same in every row."""
    same = {
        "claim": "A claim & more", "theme": "money", "kind": "prediction", "chapter": 3,
        "rests_on": "dated facts",
    }  # fmt: skip
    texts = {
        "why": "because", "condition": "", "hinges_on": "a <b>", "would_change": "", "unit": "",
        "low": np.nan, "mid": np.nan, "high": np.nan,
    }  # fmt: skip
    same |= {f"{name}_{day}": value for name, value in texts.items() for day in ("then", "now")} | more
    words = pd.DataFrame(rows, columns=["word_then", "word_now"])
    table = words.assign(claim_id=[f"C{number:02d}" for number in range(1, len(rows) + 1)], **same)
    sources = pd.Series([("a-1",)] * len(rows))
    return table.assign(sources_then=sources, sources_now=sources, changed=table["word_then"] != table["word_now"])


@pytest.fixture(scope="module")
def whole():
    """The ledger of both days, computed once for the file."""
    return both_days()


def test_both_days_are_the_checks_of_both_days(whole):
    table = whole.set_index("claim_id")
    assert table.index.to_list() == data.load("claims")["claim_id"].to_list()
    for claim_id in ("C01", "C22", "C23", "C48"):
        then, now = check(claim_id, as_of=ARTICLE_DAY), check(claim_id)
        row = table.loc[claim_id]
        assert (row["word_then"], row["word_now"], row["why_now"]) == (then.word, now.word, now.why)
        assert row["changed"] == (then.word != now.word)
        np.testing.assert_equal([row["mid_then"], row["high_now"]], [then.mid, now.high])


def test_a_line_shows_both_verdicts_with_number_and_range():
    text = table_html(
        claims(("holds", "does not hold"), unit_then="FLOP", low_then=1e25, mid_then=4.4e25, high_then=9e25), {}
    )
    then, now = re.findall(r'<td class="ledger-(?:then|now)".*?</td>', text)
    assert html.chip("holds") in then
    assert "4.4\xa0×\xa010²⁵ FLOP</span>" in then
    assert "(1.0\xa0×\xa010²⁵ to 9.0\xa0×\xa010²⁵)" in then
    assert "changed" not in then
    assert html.chip("does not hold") in now
    assert "ledger-value" not in now
    assert "by documents" in now and "by documents" not in then
    assert "changed" in now
    assert "prediction, on the money; decided by dated facts" in text


def test_what_a_line_says_is_escaped_and_sources_are_linked():
    text = table_html(claims(("holds", "holds")), {3: "03.html?a&b"})
    assert "A claim &amp; more" in text
    assert "a &lt;b&gt;" in text
    assert 'href="03.html?a&amp;b"' in text
    assert html.source_links("a-1") in text
    assert "As known in May 2024 and today" in text


def test_days_with_other_reasons_are_shown_apart():
    text = table_html(claims(("holds", "holds"), why_then="hoped", condition_then="it rains"), {})
    assert text.count("<strong>As known") == 2
    assert text.index("hoped") < text.index("because")
    assert text.count("On condition that") == 1


def test_menus_offer_only_what_there_is():
    text = table_html(claims(("holds", "does not hold"), ("holds", "holds")), {})
    assert (
        re.findall(r'value="(holds|holds if|does not hold|cannot be checked)"', text) == ["holds", "does not hold"] * 2
    )
    assert '<option value="money">' in text
    assert '<option value="market">' not in text
    assert '<option value="3">3: Is it really four times larger?</option>' in text


def test_without_a_script_there_are_no_controls_and_every_line(whole):
    text = table_html(whole, {})
    assert re.search(r"<form [^>]*hidden>", text)
    assert "<button" not in text.partition("</form>")[2]
    assert text.count("<tbody ") == text.count("<details>") == len(whole)
    assert not re.search(r"<[^>]* hidden[ >]", text.partition("</form>")[2])


def test_attributes_and_keys_are_what_the_script_compares():
    text = table_html(claims(("cannot be checked", "holds if")), {})
    assert 'data-theme="money" data-kind="prediction" data-then="cannot be checked" data-now="holds if"' in text
    assert 'data-chapter="3" data-changed="yes"' in text
    keys = re.findall(r'<td class="ledger-(\w+)" data-label="[^"]+" data-key="([^"]*)"', text)
    words = str(WORDS.index("cannot be checked")), str(WORDS.index("holds if"))
    assert keys == [("then", words[0]), ("now", words[1]), ("hinges", "a &lt;b&gt;"), ("chapter", "3")]


@pytest.mark.parametrize(
    ("pages", "text"),
    [({12: "12.html"}, '<a href="12.html">chapter\xa012</a>'), ({3: "x"}, "chapter\xa012 (not written yet)")],
)
def test_a_chapter_is_linked_where_it_is_written(pages, text):
    assert chapter_link(12, pages) == text


def test_the_strip_groups_by_the_word_of_today_and_shows_the_other_where_it_differs():
    text = strip_html(claims(("holds", "does not hold"), ("holds", "holds"), ("holds", "holds")), "16.html")
    groups = re.findall(r"<dt>(.*?)</dt>", text)
    assert groups == [f"{html.chip('holds')} 2", f"{html.chip('does not hold')} 1"]
    marks = re.findall(r'<a href="16.html#(C\d\d)" title="([^"]+)" aria-label="([^"]+)">(.*?)</a>', text)
    assert [mark[0] for mark in marks] == ["C02", "C03", "C01"]
    assert marks[0][1] == marks[0][2] == "C02: A claim &amp; more (holds)"
    assert marks[0][3] == "C02"
    assert marks[2][1] == "C01: A claim &amp; more (does not hold; in May 2024: holds)"
    assert "●→○" in marks[2][3]
