import numpy as np
import pandas as pd
import pytest

from book_figures import alt_texts, numbers, texts
from book_figures.edition import tree
from book_figures.say import say
from compute_scaling import texts as core_texts


def test_a_text_takes_its_values_and_a_catalogue_its_place(monkeypatch):
    assert texts.tr("{count} times larger", count="4.07") == "4.07 times larger"
    monkeypatch.setattr(texts.CATALOGUE, "gettext", {"{count} times larger": "{count} fois plus grand"}.get)
    assert texts.tr("{count} times larger", count="4.07") == "4.07 fois plus grand"


def test_a_missing_value_is_an_error():
    with pytest.raises(KeyError):
        texts.tr("{count} times larger")


def test_an_alt_text_names_both_ends():
    names, values = pd.Series(["a", "b", "c"]), pd.Series([2.03, 6.94, 4.07])
    text = alt_texts.of_values("Dot plot", "multiples", names, values, numbers.times)
    assert text == "Dot plot of multiples, 3 values: from 2.03 (a) to 6.94 (b)."


def test_an_alt_text_of_lines_goes_from_first_to_last_day():
    days = pd.to_datetime(["2024-05-31", "2022-01-31", "2023-01-31"])
    table = pd.DataFrame({"date": days, "value": [3.0, 1.0, 2.0], "series": "x"})
    text = alt_texts.of_lines("size", table, numbers.times)
    assert text == "Line chart of size over time. x: 1.00 in January 2022, 3.00 in May 2024."


@pytest.mark.parametrize("value", [4.07, np.float64(4.07), None, 4])
def test_only_formatted_numbers_are_said(value):
    with pytest.raises(TypeError, match=r"^multiple = .*; expected a text"):
        say(multiple=value)


def test_a_language_without_texts_is_refused(tmp_path):
    mo = tmp_path / "fr" / "LC_MESSAGES" / "core.mo"
    mo.parent.mkdir(parents=True)
    mo.touch()
    with pytest.raises(FileNotFoundError, match=r"core in 'de'; expected one of en, fr\. `make book LANGUAGE=de`"):
        core_texts.catalogue("core", tmp_path, "de")


def test_an_edition_without_texts_is_refused():
    with pytest.raises(SystemExit, match=r"LANGUAGE: 'de' has no catalogues; expected one of fr\."):
        tree.main("de", "nowhere")
