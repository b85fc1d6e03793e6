import numpy as np
import pandas as pd
import pytest
from past import forget_after

from compute_scaling import data, pace
from compute_scaling.reader import Reader
from compute_scaling.trends import backtest, fit_growth

DAY = pd.Timestamp("2024-05-31")
AUTUMN = pd.Timestamp("2025-12-20")
DOUBLING = pd.DataFrame({"date": pd.date_range("2020-01-01", periods=7, freq="YS"), "value": 2.0 ** np.arange(7)})


@pytest.mark.parametrize("unit", pace.UNITS)
@pytest.mark.parametrize("word", pace.WORDS)
def test_spells_are_what_each_day_knew(word, unit):
    days = pd.date_range("2023-02-28", "2024-08-31", freq="ME")
    known = pace.spells(days, word=word, unit=unit)
    for step in (0, 6, len(days) - 1):
        rows = known[(known["first"] <= step) & (step < known["last"])].reset_index(drop=True)
        expected = pace.records(Reader(days[step]), word=word, unit=unit)
        pd.testing.assert_frame_equal(rows[["date", "value", "sources"]], expected, check_dtype=False)
        assert rows["date"].max() <= days[step]


@pytest.mark.parametrize("word", pace.WORDS)
def test_records_of_then_know_nothing_later(word, folder, read_from):
    expected = pace.records(Reader(DAY), word=word)
    forget_after(folder, "2024-05-31")
    read_from(folder)
    pd.testing.assert_frame_equal(pace.records(Reader(DAY), word=word), expected)


def test_a_site_may_be_known_long_after_it_began():
    told = data.load("clusters").query("cluster_id == 'azure-openai-gpt4'")["known_on"].min()
    before, after = (pace.records(Reader(told + pd.Timedelta(days=days)), word="anyone") for days in (-1, 0))
    assert pd.Timestamp("2022-04-01") not in set(before["date"])
    assert pd.Timestamp("2022-04-01") in set(after["date"])


def test_the_outlook_is_the_fit_and_a_record_reached_is_certain():
    row = pace.outlook_of(DOUBLING.iloc[:5], day=pd.Timestamp("2026-01-01"), size=65)
    assert row[["points", "record"]].tolist() == [5, 16]
    assert row["factor"] == pytest.approx(2, rel=1e-3)
    assert row["doubling_months"] == pytest.approx(12, rel=1e-3)
    assert row["low"] < 64 < row["high"]
    assert 0 < row["chance"] < 1
    assert pace.outlook_of(DOUBLING, day=AUTUMN, size=64)["chance"] == 1
    with pytest.raises(ValueError, match="expected 3 or more"):
        pace.outlook_of(DOUBLING.head(2), day=AUTUMN, size=64)


def test_outlooks_and_bands_leave_out_spells_of_two_records():
    known = pace.spells(pd.DatetimeIndex(["2021-03-31", "2021-07-31"]))
    assert known.groupby("first").size().to_dict() == {0: 2, 1: 3}
    assert pace.outlooks(known, day=AUTUMN, size=100_000)[["first", "last"]].to_numpy().tolist() == [[1, 2]]
    band = pace.bands(known, pd.DatetimeIndex(["2024-01-01", "2025-01-01"]))
    assert band["first"].tolist() == [1, 1]
    assert ((band["low"] < band["mid"]) & (band["mid"] < band["high"])).all()


def test_points_are_left_out_one_by_one_and_from_the_beginning():
    moved = pace.points_moved(DOUBLING, day=AUTUMN, size=100)
    counts = moved.groupby(["kind", "points"]).size().to_dict()
    assert counts == {("all", 7): 2, ("without", 6): 14, ("from", 6): 2, ("from", 5): 2}
    assert set(moved["method"]) == set(pace.METHODS)
    assert moved["factor"].to_numpy() == pytest.approx(2, rel=1e-2)
    first = moved[(moved["kind"] == "without") & (moved["date"] == DOUBLING["date"].iloc[0])]
    later = moved[(moved["kind"] == "from") & (moved["date"] == DOUBLING["date"].iloc[1])]
    assert first["chance"].tolist() == later["chance"].tolist()


def test_the_day_on_which_a_trend_reaches_a_size():
    growth = fit_growth(DOUBLING["date"], DOUBLING["value"])
    day = pace.reached_on(growth, 256)
    assert float(growth.predict([day])[1][0]) == pytest.approx(256, rel=2e-3)


def test_leaps_count_only_windows_that_are_known():
    starts = pd.date_range("2019-06-01", periods=36, freq="MS")
    found = pace.leaps(DOUBLING, starts, days=366, times=2, until="2022-01-01")
    assert found == (12, 12)  # the windows that begin in 2020
    assert pace.leaps(DOUBLING, starts, days=366, times=4.1, until="2022-01-01") == (0, 12)


def test_asked_for_days_of_records_it_is_the_backtest_of_trends():
    noisy = DOUBLING.assign(value=[1, 2.2, 3.8, 8.1, 17.0, 30, 66])
    ours = pace.asked_each_quarter(noisy, pd.DatetimeIndex(noisy["date"]))
    theirs = backtest(noisy["date"], noisy["value"], horizon_years=1, fewest=4)
    columns = ["date", "points", "low", "mid", "high", "naive", "actual", "covered", "log_error", "naive_log_error"]
    pd.testing.assert_frame_equal(ours[columns], theirs[columns], check_dtype=False)


def test_scores_of_a_wide_and_of_a_sharp_forecast():
    table = pd.DataFrame(
        {"points": 12, "low": [50.0, 99.0], "mid": 100.0, "high": [200.0, 100 * 100 / 99], "actual": 150.0,
         "log_error": np.log(100 / 150), "naive_log_error": np.log(75 / 150)}
    )  # fmt: skip
    found = pace.scored(table)
    assert found["crps_middle"].tolist() == pytest.approx([np.log(1.5)] * 2)
    assert found["crps_stays"].tolist() == pytest.approx([np.log(2)] * 2)
    assert found["crps"].iloc[0] < found["crps"].iloc[1] < found["crps_middle"].iloc[1]
    ends = found[["low", "low_50", "mid", "high_50", "high"]]
    assert (ends.diff(axis=1).iloc[:, 1:] > 0).all(axis=None)
    assert np.log(found["high_50"] / 100).tolist() == pytest.approx(np.log(found["high"] / 100) * 0.699812 / 1.812461)
