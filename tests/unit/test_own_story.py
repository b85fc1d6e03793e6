import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from compute_scaling import own_story, register
from compute_scaling.own_story import COLUMNS, UNCHECKED, about, at_least, blank, judged


def ledger(**changes):
    row = {"claim": "a", "unit": "MW", "low": 2.0, "mid": 3.0, "high": 4.0, "allowed_low": 1.0, "allowed_high": 5.0}
    return pd.DataFrame([row | changes]).reindex(columns=COLUMNS)


@pytest.mark.parametrize(
    ("low", "high", "word"),
    [
        (2.0, 4.0, "holds"),
        (3.0, 3.0, "holds"),
        (0.5, 0.9, "does not hold"),
        (0.5, 2.0, "holds if"),
        (6.0, 7.0, "does not hold"),
    ],
)
def test_the_word_follows_from_the_two_ranges(low, high, word):
    assert judged(ledger(low=low, mid=(low + high) / 2, high=high))["word"].item() == word


def test_a_claim_without_numbers_gets_no_word():
    assert judged(ledger(low=np.nan, mid=np.nan, high=np.nan))["word"].item() == UNCHECKED
    assert (judged(blank(3))["word"] == UNCHECKED).all()


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"low": 5.0}, "low <= mid <= high"),
        ({"low": np.nan}, "low, mid and high, or none"),
        ({"low": 0.0}, "low above 0"),
        ({"low": -1.0}, "low above 0"),
        ({"allowed_low": 5.0}, "allowed_low below allowed_high"),
        ({"allowed_low": np.nan}, "allowed_low below allowed_high"),
    ],
)
def test_a_row_that_is_wrong_is_refused_by_its_claim(changes, expected):
    with pytest.raises(ValueError, match=f"^claim 'a': .*expected {expected}"):
        judged(ledger(**changes))


def test_a_missing_column_is_named():
    with pytest.raises(ValueError, match="no column 'high'"):
        judged(ledger().drop(columns="high"))


def test_what_a_number_allows():
    assert about(110) == {"allowed_low": pytest.approx(100), "allowed_high": pytest.approx(121)}
    assert at_least(110)["allowed_high"] == np.inf
    assert judged(ledger(low=200.0, mid=300.0, high=9e9, **at_least(110)))["word"].item() == "holds"
    assert own_story.about(10, rounding=2)["allowed_low"] == 5


def test_the_code_of_the_term_project_runs_and_its_register_can_be_checked(tmp_path, monkeypatch):
    page = Path(__file__).parents[2] / "book" / "teach" / "project.md"
    monkeypatch.chdir(tmp_path)
    names = {}
    for block in re.findall(r"^```python\n(.*?)^```", page.read_text(encoding="utf-8"), re.M | re.S):
        exec(block, names)
    assert list(names["ledger"].columns) == list(COLUMNS)
    assert (judged(names["ledger"])["word"] == UNCHECKED).all()
    assert names["intact"]
    changed = names["kept"].assign(high_90=2_000)
    assert register.seals(changed.drop(columns="seal")) != changed["seal"].tolist()
