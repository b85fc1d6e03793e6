"""Runs of Grok: each setting of the builder by hand, the shares of the peak that estimates need, hours of runs."""

from itertools import product

import numpy as np
import pandas as pd
import pytest

from book_figures import grok_runs as grok
from book_figures import numbers

PEAK = {"bf16": 989.4e12, "fp8": 1978.9e12}


@pytest.fixture(scope="module")
def builder():
    return grok.run_builder().spec()


@pytest.fixture(scope="module")
def needed():
    return grok.shares_needed()


def test_every_setting_has_one_sentence_with_its_flop(builder):
    readout = builder["usermeta"]["figure"]["readout"]
    rows = pd.DataFrame(readout["rows"], columns=readout["columns"]).set_index(["chips", "days", "share", "precision"])
    steps = [range(len(values)) for values in (grok.CHIPS, grok.DAYS, grok.SHARES)]
    assert len(rows) == len(grok.CHIPS) * len(grok.DAYS) * len(grok.SHARES) * 2
    for chips, days, share, precision in list(product(*steps, PEAK))[::37]:
        flop = grok.CHIPS[chips] * grok.DAYS[days] * 86_400 * grok.SHARES[share] * PEAK[precision]
        assert rows.at[(str(chips), days, share, precision), "text"].startswith(numbers.power_of_ten(flop))


def test_the_builder_starts_at_the_run_of_the_text(builder):
    start = {param["name"]: param["value"] for param in builder["params"] if "bind" in param}
    assert grok.CHIPS[int(start["chips"])] == 100_000
    assert (grok.DAYS[start["days"]], grok.SHARES[start["share"]], start["precision"]) == (90, 0.3, "bf16")
    assert "2.3\xa0×\xa010²⁶" in builder["description"]


def test_the_line_stays_on_its_axis():
    values = grok.runs_to_build()["value"]
    assert grok.BUILDER_AXIS[0] < values.min() < values.max() < grok.BUILDER_AXIS[1]


def test_8_bits_count_twice_on_the_16_bit_scale():
    table = grok.runs_to_build().set_index(["chips", "days", "share", "precision"])
    plain, eight = (table.xs(name, level="precision") for name in PEAK)
    assert np.allclose(eight["value"] / plain["value"], PEAK["fp8"] / PEAK["bf16"])
    assert np.allclose(eight["of_16_bit"] / plain["of_16_bit"], PEAK["fp8"] / PEAK["bf16"])
    assert eight["hours"].equals(plain["hours"])


def test_what_estimates_need_falls_with_hours_and_rises_with_flop(needed):
    plain = needed[needed["low"] == needed["high"]]
    assert np.allclose(plain["share"], plain["flop"] / (plain["hours"] * 3600 * PEAK["bf16"]))
    used = grok.published()
    assert plain["more"].tolist() == [int((used >= share).sum()) for share in plain["share"]]
    assert plain["chance"].between(0, 1).all()
    order = plain.sort_values("share")
    assert order["chance"].is_monotonic_decreasing


def test_each_estimate_has_the_same_places(needed):
    places = needed.groupby("key")["row"].agg(list)
    assert places.tolist() == [list(range(1, 8))] * 3
    eight = needed[needed["low"] < needed["high"]]
    assert (eight["low"] < eight["share"]).all() and (eight["share"] < eight["high"]).all()


def test_the_figure_of_shares_keeps_all_runs_under_every_estimate(needed):
    figure = grok.utilisation_needed(needed)
    data = str(figure.spec())
    assert data.count("'key': 'all'") >= len(grok.published())
    assert "41 published runs" in figure.alt_text
    assert len(figure.table) == len(needed) + len(grok.published()) + 1


def test_the_hours_are_those_of_the_scoreboard():
    rows = grok.predicted_hours()
    assert len(rows) == len(grok.published())
    assert rows["error"].abs().median() == pytest.approx(0.159, abs=5e-4)
    assert rows["baseline_error"].abs().median() == pytest.approx(0.166, abs=5e-4)
    figure = grok.hours_by_family(rows)
    assert "37 of the runs lie inside" in figure.alt_text
