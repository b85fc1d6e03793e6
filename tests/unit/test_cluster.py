import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from compute_scaling.accelerator import accelerator
from compute_scaling.cluster import Cluster

H100 = accelerator("H100 SXM")


def test_what_100_000_h100s_amount_to():
    plan = Cluster(H100, 100_000)
    assert plan.peak_flop_per_s() == pytest.approx(9.894e19)
    assert plan.memory_bytes == 8e15
    assert plan.nodes == 12_500


@given(st.lists(st.integers(1, 10_000_000), min_size=1, max_size=5))
def test_a_sweep_of_sizes_equals_a_loop(counts):
    sweep = Cluster(H100, np.array(counts))
    assert sweep.nodes.tolist() == [float(Cluster(H100, count).nodes) for count in counts]
    assert sweep.peak_flop_per_s("fp8").tolist() == [float(Cluster(H100, c).peak_flop_per_s("fp8")) for c in counts]


@given(st.integers(1, 10_000_000))
def test_nodes_hold_every_chip_and_none_is_empty(count):
    nodes = int(Cluster(H100, count).nodes)
    assert 8 * (nodes - 1) < count <= 8 * nodes


@pytest.mark.parametrize("count", [0, -8, np.nan, [1, 0], np.inf])
def test_a_count_must_be_above_zero(count):
    with pytest.raises(ValueError, match=r"^count = .*; expected a number above 0"):
        Cluster(H100, count)


def test_a_node_holds_at_least_one():
    with pytest.raises(ValueError, match=r"^accelerators_per_node = 0; "):
        Cluster(H100, 8, accelerators_per_node=0)


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


def test_the_precision_and_the_kind_of_peak_are_those_asked_for():
    pair = Cluster(H100, 2)
    assert pair.peak_flop_per_s("fp8") == 2 * 1978.9e12
    assert pair.peak_flop_per_s("fp8", sparse=True) == 2 * 3957.8e12
    assert pair.seconds_for(1978.9e12, utilisation=0.5, precision="fp8") == 1


def test_a_run_has_some_flop():
    with pytest.raises(ValueError, match=r"^training_flop = 0; expected a number above 0$"):
        Cluster(H100, 8).seconds_for(0, utilisation=0.4)


def test_counts_of_single_precision_give_sums_of_double():
    plan = Cluster(H100, np.array([3, 7], np.float32))
    for amount in (plan.nodes, plan.memory_bytes, plan.memory_bytes_per_s, plan.chip_power_w, plan.peak_flop_per_s()):
        assert amount.dtype == np.float64
