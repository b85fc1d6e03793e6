import base64
import csv
import io
import re

import numpy as np
import pytest

from book_figures import second_story as story
from compute_scaling import own_story


def test_power_is_chips_times_watts_times_pue():
    assert float(story.power_mw(100_000, 1.2, 2_000)) == pytest.approx(240)


def test_a_gigawatt_of_chips_draws_a_gigawatt():
    low, mid, high = story.chips_for_a_gigawatt()
    assert low < mid < high
    for chips, share in zip((low, mid, high), reversed(story.pue()), strict=True):
        assert float(story.power_mw(chips, share, story.watts_each())) == pytest.approx(1_000)


def test_only_the_claim_itself_is_a_gigawatt():
    verdicts = story.what_was_there().table["MW"]
    assert [story.word(value) for value in verdicts].count("holds") == 1


def test_the_slider_has_a_word_at_every_step():
    rows = story.megawatts().readout.rows
    assert len(rows) == len(story.STEPS)
    words = list(dict.fromkeys(rows["verdict"]))
    assert words == ["does not hold", "holds if", "holds"]


def test_who_was_first_is_read_from_the_sites():
    first = story.first_gigawatt()
    assert first["date"].is_monotonic_increasing
    assert (first["value"] >= own_story.at_least(1_000)["allowed_low"]).all()


def test_no_input_alone_turns_the_verdict():
    table = story.moved()
    assert np.isnan(table["flips_at"]).all()
    assert set(table["word_low"]) == set(table["word_high"]) == {"does not hold"}


def test_the_blank_ledger_can_be_taken_away_and_read_back():
    html = story.blank_card(3).html
    encoded = re.search(r"base64,([^\"]*)\"", html)
    assert encoded
    rows = list(csv.reader(io.StringIO(base64.b64decode(encoded[1]).decode())))
    assert rows[0] == list(own_story.COLUMNS)
    assert len(rows) == 4
