"""The estimates of Grok: which a reader of a day has, how they are written, and what they need of the peak."""

import pytest

from book_figures import grok_estimates as grok
from book_figures.readers import now, then


def test_in_may_2024_there_was_no_estimate_of_grok_2_or_grok_3():
    assert grok.estimates_of(["Grok-2", "Grok-3"], then()).empty
    assert len(grok.estimates_of(["Grok-3"], now())) == 3


def test_estimates_come_in_the_order_of_the_names_with_all_their_ends():
    rows = grok.estimates_of(["Grok-3", "Grok-2"], now())
    assert rows["model"].drop_duplicates().tolist() == ["Grok-3", "Grok-2"]
    ends = grok.spans(rows).set_index("model")
    assert ends.loc["Grok-2", ["low", "high"]].tolist() == [1.67e25, 4.64e25]
    assert ends.at["Grok-3", "label"] == "Grok-3: 2.5\xa0×\xa010²⁶ to 4.64\xa0×\xa010²⁶"
    assert len(grok.dots(rows)) == 4  # a range without a middle has no mark


@pytest.mark.parametrize(
    ("value", "text"), [(4.64e26, "4.64\xa0×\xa010²⁶"), (2.1e25, "2.1\xa0×\xa010²⁵"), (5e26, "5.0\xa0×\xa010²⁶")]
)
def test_flop_keeps_the_digits_that_an_estimate_has(value, text):
    assert grok.flop(value) == text


def test_who_depends_on_whom_has_a_word_for_every_estimate():
    table = grok.who_depends_on_whom()
    assert not table["made from"].isin(["–", ""]).any()
    needs = dict(zip(table["sources"] + table["model"], table["share of the 16-bit peak"], strict=True))
    assert needs["epoch-training-cost-trendsGrok-3"] == "54\u00a0%"
    assert needs["epoch-notable-ai-modelsGrok-3"] == "57\u00a0%"
    assert needs["epoch-training-cost-trendsGrok-2"] == "–"


def test_the_generations_say_what_was_not_out_yet():
    labels = grok.generations(then())["label"].tolist()
    assert "Grok-4: not out yet" in labels
    assert "Grok-2, estimates: not out yet" in labels
    assert not [label for label in grok.generations(now())["label"] if "not out" in label]


def test_every_place_of_the_figure_has_a_label_on_both_days():
    spec = grok.generations_figure().spec()
    readout = spec["usermeta"]["figure"]["readout"]
    assert [row[0] for row in readout["rows"]] == ["then", "now"]
    assert "Estimates of Grok-2 and Grok-3: 0." in readout["rows"][0][1]
    assert "NaN" not in str(spec)
