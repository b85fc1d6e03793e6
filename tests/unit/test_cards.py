import pandas as pd
import pytest

from book_figures.cards import claim_card, claims_table, range_text, table_card, verdict_row
from compute_scaling import data
from compute_scaling.claims import Verdict, check


@pytest.mark.parametrize(
    ("verdict", "text"),
    [
        (Verdict("C23", "holds", "", low=2.0, mid=4.07, high=6.94, unit="times"), "4.07 times (2.00 to 6.94)"),
        (Verdict("C26", "holds", "", low=5, mid=5, high=5, unit="times"), "5.00 times"),
        (Verdict("C42", "holds", "", low=0.24, mid=0.24, high=0.24, unit="ratio"), "0.24"),
        (
            Verdict("C45", "holds", "", low=0.8675, mid=0.9666, high=1.0735, unit="share"),
            "97\xa0% (87\xa0% to 107\xa0%)",
        ),
        (Verdict("C48", "holds", "", low=1, mid=24_576, high=49_152, unit="H100"), "24,576 H100 (1 to 49,152)"),
        (Verdict("C01", "holds", ""), ""),
    ],
)
def test_a_verdict_is_written_with_its_range(verdict, text):
    assert range_text(verdict) == text


@pytest.mark.parametrize("claim_id", data.load("claims")["claim_id"])
def test_every_claim_has_its_cards(claim_id):
    claim = data.load("claims").set_index("claim_id").loc[claim_id]
    card = claim_card(claim_id)._repr_mimebundle_()
    assert f"{claim_id}: {claim['claim']}" in card["text/plain"]
    assert check(claim_id).word in card["text/plain"]
    assert "<" not in card["text/plain"]
    assert check(claim_id).word in verdict_row(claim_id).html


def test_the_claims_of_a_chapter_lead_to_the_ledger_and_have_their_words_as_chips():
    card = claims_table(15)
    lines = card.text.split("\n")[1:]
    assert [line.split("; ")[0] for line in lines] == ["C12", "C36", "C37", "C46"]
    assert [line.split("; ")[-1] for line in lines] == [check(line.split("; ")[0]).word for line in lines]
    assert '<a href="../notebooks/16_the_ledger.html#C36">C36</a>' in card.html
    assert card.html.count('class="chip chip-') == 2 * len(lines)


def test_a_condition_has_a_colon_only_before_a_number():
    assert "is taken for what he means</dd>" in verdict_row("C12").html
    assert "the last word: 1,253" in verdict_row("C46").html


def test_a_table_card_escapes_and_links():
    card = table_card(pd.DataFrame({"what": ["<b>"], "size": [24_576.0], "sources": ["top500-2023-11"]}))
    assert "&lt;b&gt;" in card.html
    assert "24,576" in card.html
    assert "#source-top500-2023-11" in card.html
    assert card.text == "what; size; sources\n<b>; 24,576; top500-2023-11"
