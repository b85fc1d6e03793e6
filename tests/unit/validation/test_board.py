"""The scoreboard's arithmetic, against counts made by hand."""

import numpy as np
import pandas as pd
import pytest

from compute_scaling.validation.board import board, median_of_others, new_group_interval, summary

ROW = {"table": "t", "quantity": "share", "unit": "1", "sample": "held out", "low": 0.3, "high": 0.5, "source_id": "s"}


def predictions() -> pd.DataFrame:
    rows = [(0.40, 0.40), (0.44, 0.40), (0.30, 0.60)]
    return pd.DataFrame([ROW | {"row": str(i), "predicted": p, "measured": m} for i, (p, m) in enumerate(rows)])


def test_the_median_of_the_others_leaves_the_row_out():
    assert median_of_others([1.0, 2.0, 10.0]).tolist() == [6.0, 5.5, 1.5]
    assert np.isnan(median_of_others([3.0])).all()


def test_errors_baseline_and_coverage():
    scored = board(predictions())
    assert scored["error"].round(9).tolist() == [0.0, 0.1, -0.5]
    assert scored["baseline"].tolist() == [0.5, 0.5, 0.4]
    assert scored["covered"].tolist() == [True, True, False]


def test_a_range_covers_its_own_ends():
    ends = predictions().assign(low=[0.40, 0.30, 0.61], high=[0.50, 0.40, 0.70])
    assert board(ends)["covered"].tolist() == [True, True, False]


def test_the_model_wins_a_tie_and_errors_count_by_their_size():
    tie = board(predictions().assign(predicted=[0.30, 0.30, 0.30], baseline=0.30))
    line = summary(tie).iloc[0]
    assert line["median_abs_error"] == line["baseline_median_abs_error"] == pytest.approx(0.25)
    assert line["winner"] == "model"


def test_the_summary_names_the_winner():
    line = summary(board(predictions())).iloc[0]
    assert line["rows"] == 3
    assert line["median_abs_error"] == pytest.approx(0.1)
    assert line["baseline_median_abs_error"] == pytest.approx(0.25)
    assert line["coverage"] == pytest.approx(2 / 3)
    assert line["winner"] == "model"
    worse = predictions().assign(predicted=1.0)
    assert summary(board(worse)).iloc[0]["winner"] == "baseline"


def test_a_table_of_one_row_has_no_baseline_and_a_row_without_range_no_coverage():
    scored = board(predictions().head(1).assign(low=np.nan, high=np.nan))
    line = summary(scored).iloc[0]
    assert scored["covered"].isna().all()
    assert line["ranged"] == 0
    assert pd.isna(line["winner"])


def test_a_baseline_of_the_subjects_own_is_kept():
    assert board(predictions().assign(baseline=0.2))["baseline"].tolist() == [0.2, 0.2, 0.2]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"sample": "seen"}, "sample = 'seen'; expected one of fitted, held out"),
        ({"measured": -1.0}, "measured = -1; expected a number above 0"),
        ({"predicted": np.nan}, "predicted = nan; expected a number above 0"),
    ],
)
def test_wrong_rows_are_refused(change, message):
    with pytest.raises(ValueError, match=message.split(";")[0]):
        board(predictions().assign(**change))
    with pytest.raises(ValueError, match="column = 'unit'"):
        board(predictions().drop(columns="unit"))


def test_the_interval_of_a_new_group_needs_two_groups():
    with pytest.raises(ValueError, match=r"^groups = 1; expected 2 or more$"):
        new_group_interval(pd.Series([0.1, 0.2]), pd.Series(["a", "a"]))


def test_the_interval_of_a_new_group_by_hand():
    values, groups = pd.Series([0.1, 0.3, 0.5, 0.9]), pd.Series(["a", "a", "b", "c"])
    means = np.array([0.2, 0.5, 0.9])
    reach = 2.919986 * np.sqrt(means.var(ddof=1) * 4 / 3 + 0.02)
    np.testing.assert_allclose(
        new_group_interval(values, groups), means.mean() + reach * np.array([-1, 0, 1]), rtol=1e-6
    )
    narrower = new_group_interval(values, groups, level=0.5)
    np.testing.assert_allclose(narrower[2] - narrower[1], reach * 0.816497 / 2.919986, rtol=1e-5)
