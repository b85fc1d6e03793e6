import pandas as pd

from book_figures import valuations
from book_figures.readers import then
from compute_scaling.claims import money


def test_a_price_is_shown_from_the_month_in_which_it_was_public():
    rows = valuations.facts()
    months = valuations.MONTHS[rows["step"]]
    assert (rows["known_on"] <= months).all()
    assert (rows["known_on"] > months - pd.offsets.MonthEnd(1)).all()


def test_the_readout_has_every_month_once():
    rows = valuations._readout_of_months()
    assert rows["month_from"].tolist() == [0, *rows["month_to"].tolist()[:-1]]
    assert rows["month_to"].iloc[-1] == len(valuations.MONTHS)
    assert rows["text"].is_unique


def test_talk_is_not_drawn_as_a_deal():
    rows = valuations.facts()
    assert set(rows.loc[rows["status"].isin(["talked about", "estimated"]), "kind_shown"]) == {valuations.TALKED}
    assert set(rows.loc[rows["status"].isin(["closed", "announced"]), "kind_shown"]) == {valuations.SIGNED}


def test_the_pairs_are_named_with_both_prices():
    made = valuations.ratio_by_pair(money.pairs(then()))
    assert made.table["pair"].is_unique
    assert made.table.loc[made.table["about a quarter"] == "holds", "ratio"].tolist() == ["0.23", "0.24"]
    assert "from 0.18 (xAI before, OpenAI talked about at $100 billion)" in made.alt_text
    assert "to 0.30 " in made.alt_text


def test_every_choice_of_chips_has_a_sentence():
    made = valuations.dollars_per_h100(valuations.per_h100())
    assert len(made.readout.rows) == len(valuations.DAYS) * len(valuations.BASES)


def test_only_the_price_talked_about_turns_the_verdict():
    table = valuations.moved().set_index("input")
    assert table.at["openai_usd", "word_high"] == "holds"
    assert table.at["openai_usd", "word_low"] == table.at["xai_usd", "word_low"] == "does not hold"
