import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from compute_scaling.accelerator import accelerator, best_matmuls, h100_equivalents, same_peak_count
from compute_scaling.cluster import Cluster

H100 = accelerator("H100 SXM")
SIZES = st.lists(st.integers(1, 100_000), min_size=1, max_size=5)


def test_small_products_wait_for_memory_and_large_ones_reach_the_peak():
    assert H100.matmul_flop_per_s(128) == pytest.approx(128 / 3 * 3.35e12)
    assert H100.matmul_flop_per_s(4096) == 989.4e12
    assert H100.matmul_flop_per_s(885) < 989.4e12 == H100.matmul_flop_per_s(887)


@given(SIZES)
def test_a_sweep_of_products_equals_a_loop(sizes):
    assert H100.matmul_flop_per_s(sizes, "fp8").tolist() == [float(H100.matmul_flop_per_s(n, "fp8")) for n in sizes]


def test_sparse_peaks_are_those_of_the_matrix_units():
    assert H100.peak_flop_per_s("tf32", sparse=True) == pytest.approx(989.4e12)
    for precision in ("fp32", "fp4"):
        with pytest.raises(ValueError, match=rf"sparse = True; .*B200 SXM has none at {precision}"):
            accelerator("B200 SXM").peak_flop_per_s(precision, sparse=True)


def test_counts_with_the_same_peak():
    counts = same_peak_count(100_000, pd.Series(["A100 SXM 80GB", "V100 SXM 32GB"]))
    np.testing.assert_allclose(counts, [989.4e5 / 312, 989.4e5 / 125])
    assert np.isnan(same_peak_count(1, pd.Series(["A100 SXM 80GB"]), "fp8")).all()


@given(st.integers(1, 10_000_000))
def test_there_and_back(count):
    names = pd.Series(["A100 SXM 80GB", "TPU v4", "B200 SXM"])
    np.testing.assert_allclose(h100_equivalents(same_peak_count(count, names), names), count)


def test_what_100_000_h100s_hold_and_draw():
    plan = Cluster(H100, 100_000)
    assert plan.memory_bytes_per_s == pytest.approx(335e15)
    assert plan.chip_power_w == 70e6
    assert plan.seconds_for(2.1e25, utilisation=0.4) / 86_400 == pytest.approx(6.14, abs=0.005)


@given(st.lists(st.floats(0.01, 1), min_size=1, max_size=5), st.floats(1e20, 1e27))
def test_time_broadcasts_and_shrinks_with_use(shares, flop):
    plan = Cluster(H100, 100_000)
    seconds = plan.seconds_for(flop, utilisation=shares)
    assert seconds.tolist() == [float(plan.seconds_for(flop, utilisation=share)) for share in shares]
    assert (seconds >= plan.seconds_for(flop, utilisation=1)).all()


@pytest.mark.parametrize("share", [0, -0.1, 1.1, 40, np.nan])
def test_a_utilisation_is_above_zero_and_at_most_one(share):
    with pytest.raises(ValueError, match=r"^utilisation = "):
        Cluster(H100, 8).seconds_for(1e21, utilisation=share)


def test_the_best_products_stay_below_the_peak_and_none_was_known_in_may_2024():
    for precision in ("bf16", "fp8"):
        shares = best_matmuls(precision)["share"]
        assert len(shares)
        assert shares.between(0.3, 1).all()
    assert best_matmuls(as_of="2024-05-31").empty
