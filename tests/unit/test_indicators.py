import numpy as np
import pytest

from book_figures import indicators as shown
from compute_scaling.claims.indicators import lead_is_real


def test_no_lead_is_a_coin_and_more_questions_make_it_surer():
    assert lead_is_real(0.6, 0.6, 100) == 0.5
    chances = lead_is_real(0.6, 0.55, [100, 400, 1600])
    assert (np.diff(chances) > 0).all()
    assert lead_is_real(0.55, 0.6, 400) == pytest.approx(1 - lead_is_real(0.6, 0.55, 400))


def test_a_lead_against_a_simulation_of_two_tests():
    rng = np.random.default_rng(0)
    draws = rng.binomial(448, 0.56, 200_000) / 448 - rng.binomial(448, 0.536, 200_000) / 448
    ties = (draws == 0).mean() / 2
    assert (draws > 0).mean() + ties == pytest.approx(float(lead_is_real(0.56, 0.536, 448)), abs=0.005)


@pytest.mark.parametrize(("name", "value"), [("score", 1.2), ("rival", -0.1), ("questions", 0)])
def test_nonsense_is_refused_by_name(name, value):
    with pytest.raises(ValueError, match=f"^{name}"):
        lead_is_real(**({"score": 0.5, "rival": 0.4, "questions": 100} | {name: value}))


def test_all_rivals_at_once_are_never_easier_than_one():
    rows = shown.shares().set_index("opponent")
    single = rows.loc[["Claude 3 Opus", "GPT-4 Turbo (April 2024)", "GPT-4o (May 2024)", "Gemini 1.5 Pro (May 2024)"]]
    assert rows.at["at once, May 2024", "mid"] <= single["mid"].min()
    assert rows.at["at once, August 2024", "mid"] <= rows.at["at once, May 2024", "mid"]


def test_the_readout_has_each_opponent_and_its_word():
    rows = shown.wins().readout.rows
    assert rows["opponent"].is_unique
    assert dict(zip(rows["opponent"], rows["verdict"], strict=True))["Claude 3 Opus"] == "holds"


def test_the_share_that_the_tornado_moves_is_the_one_counted():
    counted = shown.shares().set_index("opponent")["mid"]
    assert shown.share_led(1, 0, 0) == counted["at once, May 2024"]
    assert shown.share_led(0, 0, 0) == counted["at once, before GPT-4o"]
    assert shown.share_led(1, 4, 0) == pytest.approx(4 / 12)


def test_votes():
    assert shown.win_chance(0) == 0.5
    assert shown.win_chance(400) == pytest.approx(10 / 11)
