import pytest

from book_figures import numbers, sensitivity
from book_figures.sensitivity import Input, assumptions, moved, tornado_figure

INPUTS = [
    Input("chips", "accelerators", 50_000, 100_000, 100_000, numbers.count, "generation-nt-2024"),
    Input("usd", "price of a server for each", 25_000, 30_000, 40_000, numbers.usd, "epoch-ai-hardware"),
    Input("share", "network and storage", 0.1, 0.1, 0.1, numbers.percent, "epoch-ai-hardware"),
]


def cost(chips, usd, share):
    return chips * usd * (1 + share)


def word(value):
    return "holds" if value <= 4e9 else "does not hold"


@pytest.fixture
def table():
    return moved(cost, INPUTS, word=word, threshold=4e9)


def test_inputs_come_widest_first_with_their_words_and_where_they_turn(table):
    assert table["input"].tolist() == ["chips", "usd", "share"]
    assert table["range"].tolist() == ["50,000 to 100,000", "$25,000 to $40,000", "10\xa0%"]
    assert table["word_high"].tolist() == ["holds", "does not hold", "holds"]
    assert table["flips"].tolist() == ["–", "$36,400", "–"]


def test_the_tornado_says_what_moves_most_and_what_turns_the_verdict(table):
    made = tornado_figure(
        table, name="fig-x", what="cost", caption="See.", value_title="dollars", write=numbers.usd, line=(4e9, "sum")
    )
    assert made.alt_text == (
        "Tornado chart of cost over 3 assumptions. With all in the middle it is $3.3 billion; accelerators moves it "
        "most, from $1.65 billion to $3.3 billion. The verdict turns with: price of a server for each."
    )
    spec = made.spec()
    assert all(word in str(spec["datasets"]) for word in ("holds", "does not hold"))
    assert made.table.columns[0] == "assumption"
    assert made.table["verdict turns at"].tolist() == ["–", "$36,400", "–"]


def test_without_a_turn_the_alt_text_says_so():
    table = moved(lambda chips: cost(chips, 30_000, 0.1), INPUTS[:1], word=word)
    text = sensitivity._alt_text(table, "cost", numbers.usd)
    assert text.endswith("No input alone turns the verdict.")


def test_the_card_has_one_row_an_assumption_with_both_words(table):
    card = assumptions(table, numbers.usd).set_index("assumption")
    assert card.at["price of a server for each", "result"] == "$2.75 billion to $4.4 billion"
    assert card.at["price of a server for each", "verdict from low to high"] == "holds; does not hold"
    assert card.at["accelerators", "verdict from low to high"] == "holds"


def test_a_word_that_turns_at_both_ends_turns():
    """A result that may be neither too small nor too large: the same word at both ends, another in the middle."""
    about_three = lambda value: "holds" if 2.9e9 <= value <= 3.7e9 else "does not hold"  # noqa: E731
    two_sided = moved(cost, [Input("usd", "price", 20_000, 30_000, 40_000, numbers.usd, "epoch-ai-hardware"),
                             *(Input(i.name, i.label, i.mid, i.mid, i.mid, i.write, i.sources) for i in INPUTS[::2])],
                      word=about_three)  # fmt: skip
    assert sensitivity._alt_text(two_sided, "cost", numbers.usd).endswith("The verdict turns with: price.")
    card = assumptions(two_sided, numbers.usd).set_index("assumption")
    assert card.at["price", "verdict from low to high"] == "does not hold; holds; does not hold"
    assert list(card.columns[:3]) == ["low", "mid", "high"]
