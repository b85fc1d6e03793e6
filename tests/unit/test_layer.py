"""One layer's time, against sums written out by hand for a small model on a chip of round numbers."""

import numpy as np
import pytest

from compute_scaling.layer import LayerSeconds, layer_seconds, logit_seconds
from compute_scaling.plan import Plan
from compute_scaling.rates import Rates
from compute_scaling.transformer import Transformer

FLOP, ATTENTION, MEMORY, LINK, NETWORK = 1e12, 5e11, 1e11, 1e10, 1e9
RATES = Rates(FLOP, ATTENTION, MEMORY, LINK, NETWORK)
MODEL = Transformer(layers=4, width=64, heads=4, kv_heads=2, vocabulary=1000, context=32)
WIDTH, KEYS, INNER, TOKENS = 64, 32, 256, 2 * 32
APART, FUSED = np.asarray(False), np.asarray(True)


def product(rows, inner, columns):
    return 2 * rows * inner * columns / FLOP + 2 * (rows * inner + inner * columns + rows * columns) / MEMORY


def products(t=1, into=1):
    return (
        product(TOKENS, WIDTH, (WIDTH + 2 * KEYS) / t)
        + product(TOKENS, WIDTH / t, WIDTH)
        + product(TOKENS, WIDTH, into * INNER / t)
        + product(TOKENS, INNER / t, WIDTH)
    )


def moved(t=1, passes=2, split=1):
    """Bytes through memory: norms and residuals, arranging, and the activation function."""
    return 2 * (10 * WIDTH / split + (2 * (WIDTH + 2 * KEYS) + passes * INNER) / t) * TOKENS / MEMORY


def attention(t=1):
    """Arithmetic and memory traffic of scores and values, forward."""
    arithmetic = 4 * TOKENS * 32 * WIDTH / t / ATTENTION
    return arithmetic, 2 * 4 * TOKENS * WIDTH / t / MEMORY


def apart(t=1):
    """Forward and backward attention that writes its scores."""
    arithmetic, queries = attention(t)
    scores = 4 * TOKENS * 32 / t / MEMORY
    return arithmetic + queries + 13 * scores, 2 * (arithmetic + queries) + 17 * scores


def sums(t=1, inner_matrices=2):
    weights = 2 * WIDTH * WIDTH + 2 * WIDTH * KEYS + inner_matrices * WIDTH * INNER
    return 8 * weights / t / MEMORY


def seconds(plan, fused=APART, model=MODEL, node=8):
    return layer_seconds(model, RATES, plan, 32, fused=fused, node=node)


def test_a_layer_alone():
    layer = seconds(Plan(micro_batch=2))
    forward, backward = apart()
    assert layer.compute == pytest.approx(
        3 * products() + sums() + forward + backward + moved(passes=2) + moved(passes=3)
    )
    assert (layer.recompute, layer.tensor, layer.context) == (0, 0, 0)
    assert layer.total == layer.compute


def test_the_parts_of_a_layer_add_up():
    parts = (np.asarray([part, 1.0]) for part in (1.0, 2.0, 4.0, 8.0))
    assert LayerSeconds(*parts).total.tolist() == [15, 4]


def test_a_fused_kernel_does_half_the_arithmetic_and_five_products_for_two_backward():
    arithmetic, queries = attention()
    one = arithmetic / 2 + queries
    layer = seconds(Plan(micro_batch=2), FUSED)
    assert layer.compute == pytest.approx(3 * products() + sums() + 3.5 * one + moved(passes=2) + moved(passes=3))


def test_a_gated_layer_has_three_matrices():
    gated = Transformer(layers=4, width=64, heads=4, kv_heads=2, vocabulary=1000, context=32, gated=True)
    forward, backward = apart()
    expected = 3 * products(into=2) + sums(inner_matrices=3) + forward + backward + moved(passes=3) + moved(passes=5)
    assert seconds(Plan(micro_batch=2), model=gated).compute == pytest.approx(expected)


def test_recomputation():
    forward, _ = apart()
    assert seconds(Plan(micro_batch=2, recompute="selective")).recompute == pytest.approx(forward)
    assert seconds(Plan(micro_batch=2, recompute="selective"), FUSED).recompute == 0
    assert seconds(Plan(micro_batch=2, recompute="full")).recompute == pytest.approx(products() + forward + moved())


def all_reduce(t):
    return 2 * ((t - 1) / t * 2 * TOKENS * WIDTH / LINK + (t - 1) * 3.4e-6)


def test_the_tensor_split_divides_the_work_and_adds_four_all_reduces():
    layer = seconds(Plan(micro_batch=2, tensor=4))
    forward, backward = apart(4)
    work = 3 * products(4) + sums(4) + forward + backward + moved(4, 2) + moved(4, 3)
    assert layer.compute == pytest.approx(work)
    assert layer.tensor == pytest.approx(4 * all_reduce(4))
    assert seconds(Plan(micro_batch=2, tensor=4, recompute="full")).tensor == pytest.approx(6 * all_reduce(4))


def test_sequence_parallelism_splits_norms_and_residuals():
    plain, split = (
        seconds(Plan(micro_batch=2, tensor=4)),
        seconds(Plan(micro_batch=2, tensor=4, sequence_parallel=True)),
    )
    saved = 2 * 2 * 10 * WIDTH * (1 - 1 / 4) * TOKENS / MEMORY
    assert plain.compute - split.compute == pytest.approx(saved)
    assert plain.tensor == split.tensor


def test_a_tensor_split_across_nodes_is_slower():
    assert seconds(Plan(micro_batch=2, tensor=4), node=1).tensor > seconds(Plan(micro_batch=2, tensor=4)).tensor


def test_traffic_beside_the_products_leaves_the_first_piece_or_what_they_cannot_hide():
    traffic = 4 * all_reduce(4)
    layer = seconds(Plan(micro_batch=2, tensor=4, overlap_tensor=True))
    assert layer.tensor == pytest.approx(max(traffic / 4, traffic - 3 * products(4)))
    slow_chip = Rates(1e6, ATTENTION, MEMORY, LINK, NETWORK)
    hidden = layer_seconds(
        MODEL, slow_chip, Plan(micro_batch=2, tensor=4, overlap_tensor=True), 32, fused=APART, node=8
    )
    assert hidden.tensor == pytest.approx(traffic / 4)
    again = Plan(micro_batch=2, tensor=4, overlap_tensor=True, recompute="full")
    longer = layer_seconds(MODEL, RATES, again, 32, fused=APART, node=8)
    assert longer.tensor == pytest.approx(max(6 * all_reduce(4) / 4, 6 * all_reduce(4) - 4 * products(4)))


def test_context_parallelism_gathers_keys_and_values_three_times():
    volume = 2 * 2 * TOKENS * KEYS
    gather = 0.5 * volume / LINK + 3.4e-6
    assert seconds(Plan(micro_batch=2, context=2)).context == pytest.approx(3 * gather)
    assert seconds(Plan(micro_batch=2, context=2, recompute="full")).context == pytest.approx(4 * gather)
    crossing = seconds(Plan(micro_batch=2, context=2, tensor=4), node=4)
    assert crossing.context == pytest.approx(3 * (0.5 * volume / 4 / NETWORK + 14e-6))


def test_the_logits_pass_memory_five_times():
    expected = 3 * product(TOKENS, WIDTH, 1000) + 5 * 4 * TOKENS * 1000 / MEMORY
    assert logit_seconds(MODEL, RATES, Plan(micro_batch=2), 32) == pytest.approx(expected)
    half = 3 * product(TOKENS / 2, WIDTH, 500) + 5 * 4 * TOKENS / 2 * 500 / MEMORY
    assert logit_seconds(MODEL, RATES, Plan(micro_batch=2, tensor=2, context=2), 32) == pytest.approx(half)
