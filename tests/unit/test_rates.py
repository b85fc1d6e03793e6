"""Sustained rates, matrix products and rings, against arithmetic by hand."""

from dataclasses import replace

import numpy as np
import pytest

from compute_scaling import rates
from compute_scaling.accelerator import accelerator, best_matmuls
from compute_scaling.rates import Rates, matmul_share, sustained

ROUND = Rates(
    matmul_flop_per_s=1e12,
    attention_flop_per_s=1e12,
    memory_bytes_per_s=1e12,
    link_bytes_per_s=1e11,
    network_bytes_per_s=1e10,
)


def test_the_rates_are_shares_of_the_datasheet():
    h100 = sustained(accelerator("H100 SXM"))
    assert h100.matmul_flop_per_s == pytest.approx(794.5e12)  # the measured best
    assert h100.attention_flop_per_s == pytest.approx(0.6 * 794.5e12)
    assert h100.memory_bytes_per_s == pytest.approx(3.35e12 * rates.MEMORY_SHARE)
    assert h100.link_bytes_per_s == pytest.approx(450e9 * rates.LINK_SHARE)
    assert h100.network_bytes_per_s == pytest.approx(50e9 * rates.NETWORK_SHARE)
    assert h100.input_bytes == 2


def test_at_8_bits_products_are_faster_and_move_less_but_attention_stays():
    at_8 = sustained(accelerator("H100 SXM"), "fp8")
    assert at_8.matmul_flop_per_s == pytest.approx(1402.6e12)
    assert at_8.attention_flop_per_s == pytest.approx(0.6 * 794.5e12)
    assert at_8.input_bytes == 1


def test_a_chip_that_was_never_measured_takes_the_median_share():
    assert matmul_share("TPU v4") == pytest.approx(best_matmuls("bf16")["share"].median())


def test_a_chip_without_a_network_of_its_own_uses_its_links():
    tpu = accelerator("TPU v4")
    assert np.isnan(tpu.scaleout_bit_per_s)
    assert sustained(tpu).network_bytes_per_s == pytest.approx(tpu.intranode_bytes_per_s * rates.NETWORK_SHARE)


def test_a_product_takes_the_time_of_its_flop_and_of_its_three_matrices():
    assert ROUND.matmul_s(10, 20, 30) == pytest.approx((2 * 6000 + 2 * (200 + 600 + 300)) / 1e12)
    at_8 = replace(ROUND, input_bytes=1)
    assert at_8.matmul_s(10, 20, 30) == pytest.approx((2 * 6000 + (200 + 600) + 2 * 300) / 1e12)


def test_products_broadcast():
    sizes = np.array([10.0, 1000.0])
    one_by_one = [float(ROUND.matmul_s(size, 20, 30)) for size in sizes]
    assert ROUND.matmul_s(sizes, 20, 30).tolist() == one_by_one


def test_a_ring_of_one_passes_nothing():
    assert ROUND.ring_s(1e12, 1) == 0


def test_a_ring_inside_a_node_uses_its_links():
    assert ROUND.ring_s(8e11, 8) == pytest.approx(7 + 7 * 3.4e-6, abs=1e-9)


def test_a_ring_across_nodes_uses_the_ports_of_all_its_members_in_a_node():
    alone = ROUND.ring_s(4e10, 4, apart=8)  # one member in each of four nodes
    assert alone == pytest.approx(3 + 3 * 14e-6, abs=1e-9)
    paired = ROUND.ring_s(4e10, 4, apart=4)  # two members in each of two nodes
    assert paired == pytest.approx(1.5 + 3 * (14e-6 + 3.4e-6) / 2, abs=1e-9)


def test_a_member_further_apart_than_a_node_has_one_port():
    assert ROUND.ring_s(4e10, 2, apart=16) == pytest.approx(2 + 14e-6, abs=1e-9)


def test_many_ports_are_not_faster_than_the_links():
    assert ROUND.ring_s(16e11, 16, node=16) == pytest.approx(15, abs=1e-3)
    wide = replace(ROUND, network_bytes_per_s=1e11)
    assert wide.ring_s(16e11, 16, node=8) == pytest.approx(15, abs=1e-3)


def test_a_small_volume_among_many_is_all_hops():
    assert ROUND.ring_s(0, 1001, apart=8) == pytest.approx(1000 * 14e-6)
