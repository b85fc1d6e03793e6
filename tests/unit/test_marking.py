"""Answers are looked at without giving the answer away, and marked with points that add up."""

import numpy as np
import pandas as pd
import pytest

from book_figures.classroom.marking import WITHIN, is_right, look, marks, size, worth


@pytest.mark.parametrize(
    ("answer", "expected", "right"),
    [
        (28_571, 28_571.4, True),
        (28_571.4 * 1.0099, 28_571.4, True),
        (28_571.4 * 1.011, 28_571.4, False),
        (np.float64(0.16), 0.1609, True),
        (np.array([0.161]), 0.1609, True),
        (pd.Series([0.161]), 0.1609, True),
        (np.array([0.1, 0.2]), 0.1609, False),
        (16.1, 0.1609, False),
        ("0.16", 0.1609, False),
        (float("nan"), 0.1609, False),
        (None, 0.1609, False),
        (6, 6, True),
        (6.0, 6, True),
        (np.int64(6), 6, True),
        (6.01, 6, False),
        (True, 1, False),
        (np.bool_(True), True, True),
        (1, True, False),
        ("yes", True, False),
        (" azure  eagle", "Azure Eagle", True),
        ("Eagle", "Azure Eagle", False),
        (..., "Azure Eagle", False),
        (..., 6, False),
    ],
)
def test_what_counts_as_right(answer, expected, right):
    assert is_right(answer, expected) is right


def test_a_wider_tolerance_is_for_numbers_only():
    assert is_right(1.3, 1.24, within=0.06)
    assert not is_right(1.33, 1.24, within=0.06)
    assert not is_right(7, 6, within=0.5)


@pytest.mark.parametrize("expected", [28_571.4, 0.16129, 1.0, 6, 1, 634_263.0, 0.1, 100.254, 2.62456e15, 0.00013])
@pytest.mark.parametrize("off", [1 - WITHIN, 1, 1 + WITHIN])
def test_an_answer_that_is_right_is_of_the_size_that_is_told(expected, off, capsys):
    low, high = size(expected)
    assert high / low == pytest.approx(10) or (expected in (1.0, 0.1, 100.254) and high / low == pytest.approx(100))
    answer = expected if isinstance(expected, int) else expected * off
    look({"answer": answer}, answer=(low, high))
    assert "of the kind and size that is asked" in capsys.readouterr().out


@pytest.mark.parametrize("expected", [0, -1.5, float("inf")])
def test_a_number_without_a_size_is_refused(expected):
    with pytest.raises(ValueError, match="expected a number above zero"):
        size(expected)


def test_looking_says_what_is_missing_or_of_the_wrong_kind_and_gives_no_points(capsys):
    given = {"a": ..., "b": 0.28, "c": 30_000, "d": "no", "e": True, "f": 5, "g": "models"}
    sizes = {
        "a": (1, 10),
        "b": (1e4, 1e5),
        "c": (1e4, 1e5),
        "d": "yes or no",
        "e": "yes or no",
        "f": "text",
        "g": "text",
    }
    assert look(given, **sizes, missing=(1, 10)) is None
    assert capsys.readouterr().out.splitlines() == [
        "a: not answered yet.",
        "b = 0.28: expected a number from 10,000 to 100,000, in the unit that is asked.",
        "c = 30,000: of the kind and size that is asked.",
        "d = no: expected True or False.",
        "e = True: of the kind and size that is asked.",
        "f = 5: expected a text between quotes.",
        "g = models: of the kind and size that is asked.",
        "missing: not answered yet.",
    ]


def test_points_add_up_and_say_where_they_were_lost(capsys):
    given = {"a": 28_000, "b": True, "c": ..., "d": "July"}
    assert marks(given, a=28_571.4, b=True, c=6, d="July") == worth(True) + worth("July") == 3
    assert capsys.readouterr().out.splitlines() == [
        "a = 28,000; points: 0 of 2. Expected 28,570.",
        "b = True; points: 1 of 1.",
        "c = no answer; points: 0 of 2. Expected 6.",
        "d = July; points: 2 of 2.",
    ]


def test_a_long_answer_is_cut_short(capsys):
    marks({"a": pd.DataFrame(np.ones((200, 3)))}, a=6)
    assert len(capsys.readouterr().out) < 100
