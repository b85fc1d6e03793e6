import numpy as np
import pytest

from book_figures import numbers
from book_figures import staying_up as up
from compute_scaling.reliability import goodput


def test_times_are_told_in_the_unit_that_fits():
    assert [numbers.duration(value) for value in (30.0, 0.5, 0.005)] == ["30 hours", "30 minutes", "18 seconds"]


def test_ten_times_the_chips_are_a_tenth_of_the_time():
    for day in ("then", "now"):
        small, large = up.hours(day, 10_000), up.hours(day, 100_000)
        assert np.allclose(np.array(small) / np.array(large), 10)


def test_a_range_holds_its_rate():
    rows = up.rates()
    assert (rows["low"] <= rows["value"]).all()
    assert (rows["value"] <= rows["high"]).all()
    assert rows["then"].sum() == 3


def test_the_grid_has_every_setting_once_and_no_interval_beats_the_best():
    table = up.grid()
    assert len(table) == len(up.MACHINES) * len(up.WRITES) * len(up.RESTARTS) * len(up.MINUTES)
    assert (table["share"] <= table["best"] + 1e-12).all()
    assert not table.duplicated(["machine", "write", "restart", "minutes"]).any()


def test_at_the_breaking_size_half_is_left():
    name = next(iter(up.PRACTICES))
    write, restart, detection = up.PRACTICES[name]
    mean = up.hours("now", 1.0)[1] / up.breaking_size(name)
    share = goodput(mean, checkpoint_s=write, restart_s=restart, detection_s=detection)
    assert float(share) == pytest.approx(0.5, abs=0.005)


def test_no_input_alone_brings_nine_tenths_but_all_together_do():
    table = up.moved()
    assert set(table["word_low"]) | set(table["word_high"]) == {"holds"}
    assert table["flips_at"].isna().all()
    assert float(up.useful(up.hours("now", up.PLANNED)[1], 1, 60, 0)) > up.USEFUL


def test_told_shares_are_named():
    assert up.told_goodput()["name"].is_unique
    assert not up.told_goodput()["name"].isna().any()
