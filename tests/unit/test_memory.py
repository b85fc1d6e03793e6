"""Memory: against the published bars of Korthikanti et al. 2022, Figure 1, and counts made by hand."""

import numpy as np
import pytest

from compute_scaling.memory import activation_bytes, stage_parameters, state_bytes
from compute_scaling.plan import Plan
from compute_scaling.transformer import Transformer

GIB = 2**30
# layers, width, heads, pipeline, interleave, micro-batch; GiB of state, of activations, and of activations recomputed
# selectively with sequence parallelism
BARS = [
    (48, 6144, 64, 1, 1, 4, 45.5625, 59.25, 9.5625),
    (96, 12_288, 96, 8, 3, 1, 45.5625, 66.84375, 12.3515625),
    (105, 20_480, 128, 35, 3, 1, 31.640625, 114.0234375, 23.076171875),
    (128, 25_600, 160, 64, 1, 1, 32.958984375, 131.25, 26.5625),
]
APART = np.asarray(False)


@pytest.mark.parametrize("bar", BARS)
def test_the_published_bars(bar):
    layers, width, heads, pipeline, interleave, micro_batch, state, plain, lean = bar
    model = Transformer(
        layers=layers, width=width, heads=heads, vocabulary=51_200, context=2048, learned_positions=True
    )
    split = {"tensor": 8, "pipeline": pipeline, "interleave": interleave, "micro_batch": micro_batch}
    # the figure leaves the embedding out
    body = (model.parameters - model.embedding_parameters) / stage_parameters(model, Plan(**split)) / (8 * pipeline)
    assert state_bytes(model, Plan(**split)) * body / GIB == pytest.approx(state, rel=0.002)
    selective = Plan(**split, recompute="selective", sequence_parallel=True)
    logits = 6 * micro_batch * 2048 * 51_200 / 8 if pipeline == 1 else 0
    for plan, expected in ((Plan(**split), plain), (selective, lean)):
        kept = activation_bytes(model, plan, 2048, 512, fused=APART) - logits
        assert kept / GIB == pytest.approx(expected, rel=0.005)


MODEL = Transformer(layers=4, width=64, heads=4, vocabulary=100, context=32)


def test_full_recomputation_keeps_only_the_input_of_each_layer():
    kept = activation_bytes(MODEL, Plan(pipeline=2, recompute="full"), 32, 8, fused=APART)
    assert kept == 2 * 64 * 32 * 2 * 2  # bytes, width, tokens, layers of a stage, micro-batches in flight


def test_sequence_parallelism_splits_that_input_too():
    plan = Plan(tensor=4, pipeline=2, recompute="full", sequence_parallel=True)
    assert activation_bytes(MODEL, plan, 32, 8, fused=APART) == 2 * 64 * 32 * 2 * 2 / 4


def test_interleaving_keeps_more_micro_batches():
    kept = activation_bytes(MODEL, Plan(pipeline=2, interleave=2, recompute="full"), 32, 8, fused=APART)
    assert kept == 2 * 64 * 32 * 2 * 2.5  # (1 + (2 - 1) / (2 x 2)) times the two without interleaving


def test_a_fused_kernel_keeps_no_scores():
    apart = activation_bytes(MODEL, Plan(pipeline=2), 32, 8, fused=APART)
    fused = activation_bytes(MODEL, Plan(pipeline=2), 32, 8, fused=np.asarray(True))
    assert apart - fused == 5 * 4 * 32 * 32 * 2 * 2  # bytes, heads, pairs, layers, micro-batches


def test_no_more_micro_batches_are_in_flight_than_there_are():
    few = activation_bytes(MODEL, Plan(pipeline=4), 32, 1, fused=APART)
    many = activation_bytes(MODEL, Plan(pipeline=4), 32, 100, fused=APART)
    assert many == 4 * few


def test_context_parallelism_splits_the_tokens():
    whole = activation_bytes(MODEL, Plan(pipeline=2), 32, 8, fused=APART)
    assert activation_bytes(MODEL, Plan(pipeline=2, context=2), 32, 8, fused=APART) == whole / 2


def test_a_gated_layer_keeps_one_more_inner_activation():
    gated = Transformer(layers=4, width=64, heads=4, vocabulary=100, context=32, gated=True)
    extra = activation_bytes(gated, Plan(pipeline=2), 32, 8, fused=APART) - activation_bytes(
        MODEL, Plan(pipeline=2), 32, 8, fused=APART
    )
    assert extra == 2 * 256 * 32 * 2 * 2


@pytest.mark.parametrize(("sharding", "bytes_each"), [("none", 18), ("optimizer", 6 + 12 / 8), ("full", 18 / 8)])
def test_sharding_divides_the_state_among_the_replicas(sharding, bytes_each):
    plan = Plan(data=4, context=2, sharding=sharding)
    assert state_bytes(MODEL, plan) == pytest.approx(bytes_each * stage_parameters(MODEL, plan))


def test_a_stage_has_its_share_of_the_layers_and_one_embedding():
    body = MODEL.parameters - MODEL.embedding_parameters
    assert stage_parameters(MODEL, Plan(tensor=2, pipeline=4)) == pytest.approx((body / 4 + 100 * 64) / 2)
