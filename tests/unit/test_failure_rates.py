"""Published failure rates and what they say of another site, against sums and quantiles made by hand."""

import numpy as np
import pytest
import scipy
from hypothesis import given
from hypothesis import strategies as st

from compute_scaling.failure_rates import component_rates, failure_rate, published_rates, rate_at_new_site

RATES = st.lists(st.floats(1e-7, 1e-3), min_size=2, max_size=8)


def test_the_interval_of_a_count_is_garwoods():
    low, mid, high = failure_rate([0, 3, 419], gpu_hours=10)
    assert mid == pytest.approx([0, 0.3, 41.9])
    assert low == pytest.approx([0, 0.081769, 38.590871], abs=1e-6)
    assert high == pytest.approx([0.299573, 0.775366, 45.426834], abs=1e-6)  # -ln(0.05) = 2.99573 for none
    assert low[1:] * 10 == pytest.approx(scipy.stats.chi2.ppf(0.05, [6, 838]) / 2)
    assert high * 10 == pytest.approx(scipy.stats.chi2.ppf(0.95, [2, 8, 840]) / 2)


@given(st.integers(1, 500), st.floats(0.5, 0.99))
def test_its_ends_are_the_rates_that_make_the_count_just_too_rare(count, level):
    low, _, high = failure_rate(count, gpu_hours=1, level=level)
    assert scipy.stats.poisson.sf(count - 1, low) == pytest.approx((1 - level) / 2, rel=1e-6)
    assert scipy.stats.poisson.cdf(count, high) == pytest.approx((1 - level) / 2, rel=1e-6)


def test_it_covers_at_least_as_often_as_it_says():
    counts = np.random.default_rng(0).poisson(6.0, size=20_000)
    low, _, high = failure_rate(counts, gpu_hours=1)
    assert 0.9 <= ((low <= 6) & (high >= 6)).mean() < 0.97


def test_a_new_site_by_hand():
    low, mid, high = rate_at_new_site([2.0, 4.0, 8.0])
    reach = np.exp(np.log(2) * np.sqrt(1 + 1 / 3) * 2.919986)  # standard deviation of the logs; t with 2 degrees
    assert (low, mid, high) == pytest.approx((4 / reach, 4, 4 * reach), rel=1e-6)
    assert rate_at_new_site([2.0, 4.0, 8.0], level=0.5)[2] == pytest.approx(
        4 * 2 ** (np.sqrt(4 / 3) * 0.816497), rel=1e-6
    )


@given(RATES, st.floats(0.01, 100))
def test_a_new_site_knows_no_unit(rates, factor):
    scaled = rate_at_new_site(np.multiply(rates, factor))
    assert scaled == pytest.approx([factor * rate for rate in rate_at_new_site(rates)], rel=1e-6)


def test_the_range_for_a_new_site_covers_nine_of_ten():
    sites = np.exp(np.random.default_rng(1).normal(0, 0.8, size=(2_000, 7)))
    ends = np.array([rate_at_new_site(row[:6]) for row in sites])
    inside = (ends[:, 0] <= sites[:, 6]) & (sites[:, 6] <= ends[:, 2])
    assert inside.mean() == pytest.approx(0.9, abs=0.02)


def test_published_rates_by_hand():
    rates = published_rates()
    per_thousand_node_days = (rates["failures_per_gpu_hour"] * 8 * 24 * 1_000).round(2)
    keys = zip(rates["system"], rates["accelerators"], strict=True)
    assert dict(zip(keys, per_thousand_node_days, strict=True)) == {
        ("bloom-176b", 384): 4.46,  # 1.5 / (7 x 48)
        ("byterobust-dense", 9_600): 1.44,  # 128 + 15 + 12 = 155 in 90 days on 1,200 nodes
        ("byterobust-moe", 9_600): 2.61,  # 71 + 9 + 14 = 94 in 30 days
        ("llama-3-405b", 16_384): 3.79,  # 419 / (54 x 2,048)
        ("megascale", 10_000): 2.86,  # 100 / (28 x 1,250)
        ("opt-175b", 992): 13.88,  # (35 + 70) / (61 x 124)
        ("rsc-1", 16_000): 6.5,  # as printed
        ("rsc-1", 8): 20.96,  # 1 / 47.7 days
        ("rsc-1", 1_024): 23.73,  # 24 / (128 x 7.9): 3.6 times the printed 6.5, a contradiction in the source
        ("rsc-2", 8_000): 2.34,  # as printed
    }
    assert rates["source_id"].notna().all()


def test_published_rates_as_of_the_article():
    assert published_rates("2024-05-31")["system"].tolist() == ["bloom-176b", "megascale", "opt-175b"]


def test_llama_3_by_component():
    rates = component_rates()
    assert rates["failures"].to_dict() == {
        "GPU": 268,
        "software": 56,
        "network": 35,
        "maintenance": 32,
        "host": 21,
        "unknown": 7,
    }
    assert rates["share"].sum() == pytest.approx(1)
    assert rates.loc["GPU", "share"] == pytest.approx(268 / 419)
    assert rates["failures_per_gpu_hour"].sum() == pytest.approx(419 / (54 * 24 * 16_384))
    assert rates.loc["host", "failures_per_gpu_hour"] == pytest.approx(21 / (54 * 24 * 16_384))
    ends = rates.loc["unknown", ["failures_per_gpu_hour_low", "failures_per_gpu_hour_high"]] * 54 * 24 * 16_384
    assert ends.tolist() == pytest.approx([3.285316, 13.148114], abs=1e-6)  # Garwood's interval of 7
    assert rates.columns.tolist() == [
        "failures",
        "share",
        "failures_per_gpu_hour",
        "failures_per_gpu_hour_low",
        "failures_per_gpu_hour_high",
    ]


def test_llama_3_by_cause():
    rates = component_rates("cause", level=0.5)
    assert len(rates) == 18
    assert rates.index[0] == "faulty GPU"
    assert rates.loc["faulty GPU", "share"] == pytest.approx(0.353, abs=5e-4)  # printed as 30.1 %
    assert rates["failures"].is_monotonic_decreasing
    narrow, wide = rates["failures_per_gpu_hour_low"], component_rates("cause")["failures_per_gpu_hour_low"]
    assert (wide < narrow).all()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: failure_rate(-1, gpu_hours=1), "failures = -1; expected a number of 0 or more"),
        (lambda: failure_rate(np.inf, gpu_hours=1), "failures = inf; expected a number of 0 or more"),
        (lambda: failure_rate(1, gpu_hours=0), "gpu_hours = 0; expected a number above 0"),
        (lambda: failure_rate(1, gpu_hours=1, level=1), "level = 1; expected a number above 0 below 1"),
        (lambda: failure_rate(1, gpu_hours=1, level=0), "level = 0; expected a number above 0 below 1"),
        (lambda: rate_at_new_site([1.0]), "rates = 1 sites; expected 2 or more"),
        (lambda: rate_at_new_site(1.0), "rates = 1 sites; expected 2 or more"),
        (lambda: rate_at_new_site([1.0, 0.0]), "rates = 0; expected a number above 0"),
        (lambda: rate_at_new_site([1.0, 2.0], level=1), "level = 1; expected a number above 0 below 1"),
        (lambda: rate_at_new_site([1.0, 2.0], level=0), "level = 0; expected a number above 0 below 1"),
    ],
)
def test_nonsense_is_refused_by_name(call, message):
    with pytest.raises(ValueError) as refused:
        call()
    assert str(refused.value) == message
