"""Step times: the formula by hand, properties that must hold for any plan, and the search for the best."""

import itertools
import subprocess
import sys
from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from compute_scaling.accelerator import accelerator
from compute_scaling.cluster import Cluster
from compute_scaling.layer import layer_seconds, logit_seconds
from compute_scaling.memory import activation_bytes, stage_parameters, state_bytes
from compute_scaling.plan import Plan
from compute_scaling.rates import sustained
from compute_scaling.throughput import RANGE, RANGE_SHARDED, all_plans, best_plan, step_time
from compute_scaling.transformer import Transformer

A100, H100 = accelerator("A100 SXM 80GB"), accelerator("H100 SXM")
GPT_3 = Transformer(layers=96, width=12_288, heads=96, vocabulary=51_200, context=2048, learned_positions=True)
TINY = Transformer(layers=4, width=64, heads=4, vocabulary=1000, context=64)
SMALL = Transformer(layers=8, width=1024, heads=16, vocabulary=32_000, context=1024)
PARTS = [
    field.name
    for field in fields(step_time(SMALL, Cluster(A100, 1), Plan(), batch_sequences=1))
    if field.name.endswith("_s")
]
PARTS = [name for name in PARTS if name not in ("low_s", "high_s", "tokens_per_s")]


def gpt_3(plan, count=64, chip=A100, batch=64, **more):
    return step_time(GPT_3, Cluster(chip, count), plan, batch_sequences=batch, **more)


def test_the_pipeline_formula():
    plan = Plan(tensor=8, pipeline=8, interleave=3, recompute="selective", sequence_parallel=True)
    step, speed = gpt_3(plan), sustained(A100)
    layer = layer_seconds(GPT_3, speed, plan, 2048, fused=np.asarray(False), node=8)
    stage = 12 * layer.total + logit_seconds(GPT_3, speed, plan, 2048)
    transfer = 2 * 3 * 2 * 2048 * 12_288 / 8 / speed.network_bytes_per_s
    optimiser = 30 * stage_parameters(GPT_3, plan) / speed.memory_bytes_per_s
    assert step.bubble_s == pytest.approx(7 / 3 * stage)
    assert step.pipeline_s == pytest.approx(64 * transfer)
    assert step.optimiser_s == pytest.approx(optimiser)
    assert step.data_s == 0
    assert step.seconds == pytest.approx((64 + 7 / 3) * stage + 64 * transfer + optimiser)


def test_interleaving_fills_groups_of_as_many_micro_batches_as_stages():
    plan = Plan(tensor=8, pipeline=8, interleave=3)
    stage = float(gpt_3(replace(plan, interleave=1)).bubble_s) / 7
    for batch, unfilled in ((64, 0), (60, 4), (1, 7)):
        step = gpt_3(plan, batch=batch)
        assert step.bubble_s == pytest.approx((unfilled + 7 / 3) * stage)
    assert gpt_3(replace(plan, interleave=1), batch=60).bubble_s == pytest.approx(7 * stage)


def test_gradients_are_exchanged_among_the_replicas():
    step = gpt_3(Plan(tensor=8, pipeline=8, data=4), count=256, batch=256)
    parameters, network = stage_parameters(GPT_3, Plan(tensor=8, pipeline=8)), sustained(A100).network_bytes_per_s
    assert step.data_s == pytest.approx(2 * (3 / 4 * 4 * parameters / network + 3 * 14e-6))
    sharded = gpt_3(Plan(tensor=8, pipeline=8, data=4, sharding="optimizer"), count=256, batch=256)
    assert sharded.data_s == pytest.approx(2 * (3 / 4 * 3 * parameters / network + 3 * 14e-6))
    assert sharded.optimiser_s == pytest.approx(step.optimiser_s / 4)


def test_sharded_weights_are_gathered_layer_by_layer_for_each_micro_batch():
    plan = Plan(data=16, sharding="full", overlap=False)
    step = step_time(SMALL, Cluster(A100, 16), plan, batch_sequences=64)
    parameters, speed = stage_parameters(SMALL, plan), sustained(A100)
    ring = speed.ring_s(2 * parameters / 8, 16, node=8)
    assert step.data_s == pytest.approx(3 * 4 * 8 * ring)


def test_overlap_hides_the_exchange_behind_the_last_backward_pass():
    apart = gpt_3(Plan(tensor=8, pipeline=8, data=4, overlap=False), count=256, batch=256)
    beside = gpt_3(Plan(tensor=8, pipeline=8, data=4, overlap=True), count=256, batch=256)
    stage = apart.bubble_s / 7
    assert apart.data_s - beside.data_s == pytest.approx(min(apart.data_s, 2 / 3 * stage))
    sharded = Plan(tensor=8, pipeline=8, data=4, overlap=True, sharding="optimizer")
    alone = gpt_3(replace(sharded, overlap=False), count=256, batch=256)
    assert alone.data_s - gpt_3(sharded, count=256, batch=256).data_s == pytest.approx(min(alone.data_s, stage))
    assert beside.pipeline_s == apart.pipeline_s  # without interleaving a stage waits for what it is sent
    interleaved = gpt_3(Plan(tensor=8, pipeline=8, data=4, interleave=2, overlap=True), count=256, batch=256)
    assert interleaved.pipeline_s == 0


def test_gathering_sharded_weights_hides_behind_all_micro_batches():
    slow = Cluster(replace(A100, scaleout_bit_per_s=A100.scaleout_bit_per_s / 100), 16)
    apart, beside = (
        step_time(SMALL, slow, Plan(data=16, sharding="full", overlap=overlap), batch_sequences=64)
        for overlap in (False, True)
    )
    assert apart.data_s - beside.data_s == pytest.approx(float(apart.compute_s))  # of four micro-batches
    assert beside.data_s > 0


def test_each_micro_batch_passes_keys_and_values_in_each_layer():
    plan = Plan(context=2)
    step = step_time(SMALL, Cluster(A100, 2), plan, batch_sequences=4)
    layer = layer_seconds(SMALL, sustained(A100), plan, 1024, fused=np.asarray(True), node=8)
    assert step.context_s == pytest.approx(4 * 8 * float(layer.context))


def test_the_habits_of_the_chips_day():
    plan = Plan(tensor=8, pipeline=8, interleave=2, recompute="selective", data=4)
    said = replace(plan, fused_attention=False, overlap=False)
    assert gpt_3(plan, 256, A100, 256).seconds == gpt_3(said, 256, A100, 256).seconds
    modern = replace(plan, fused_attention=True, overlap=True)
    assert gpt_3(plan, 256, H100, 256).seconds == gpt_3(modern, 256, H100, 256).seconds
    bare = replace(plan, recompute="none")
    assert (
        gpt_3(bare, 256, A100, 256).seconds
        == gpt_3(replace(bare, fused_attention=True, overlap=False), 256, A100, 256).seconds
    )
    whole = Plan(data=16, sharding="full")
    cluster = Cluster(A100, 16)
    assert (
        step_time(SMALL, cluster, whole, batch_sequences=16).data_s
        == step_time(SMALL, cluster, replace(whole, overlap=True), batch_sequences=16).data_s
    )


def test_the_output_matrix_slows_the_last_stage_unless_it_holds_fewer_layers():
    uneven = Transformer(
        layers=126,
        width=16_384,
        heads=128,
        kv_heads=8,
        feed_forward=53_248,
        gated=True,
        vocabulary=128_256,
        context=8192,
    )
    plan = Plan(tensor=8, pipeline=16, data=1, sequence_parallel=True)
    step = step_time(uneven, Cluster(H100, 128), plan, batch_sequences=16)
    layer = layer_seconds(uneven, sustained(H100), plan, 8192, fused=np.asarray(True), node=8)
    assert step.bubble_s == pytest.approx(15 * 8 * layer.total)  # six layers and the logits take less than eight layers


def test_the_output_matrix_can_make_a_shorter_last_stage_the_slowest():
    wordy = Transformer(layers=3, width=64, heads=4, vocabulary=500_000, context=64)
    plan = Plan(pipeline=2)
    step = step_time(wordy, Cluster(A100, 2), plan, batch_sequences=4)
    layer = layer_seconds(wordy, sustained(A100), plan, 64, fused=np.asarray(True), node=8)
    logits = logit_seconds(wordy, sustained(A100), plan, 64)
    assert step.bubble_s == pytest.approx(1 * layer.total + logits)
    assert step.compute_s == pytest.approx(4 * (1 * layer.compute + logits))


def test_stages_inside_a_node_pass_on_by_its_links():
    one = 2 * 1024 * 1024 / sustained(A100).link_bytes_per_s  # bytes, width, tokens
    for stages in (2, 8):
        step = step_time(SMALL, Cluster(A100, stages), Plan(pipeline=stages), batch_sequences=16)
        assert step.pipeline_s == pytest.approx(16 * 2 * one)
    assert step_time(SMALL, Cluster(A100, 1), Plan(), batch_sequences=16).pipeline_s == 0


def test_larger_micro_batches_pass_on_as_many_bytes():
    single, double = (gpt_3(Plan(tensor=8, pipeline=8, micro_batch=size)) for size in (1, 2))
    assert double.pipeline_s == pytest.approx(float(single.pipeline_s))


def test_replicas_inside_a_large_node_exchange_gradients_by_its_links():
    step = step_time(SMALL, Cluster(A100, 16, accelerators_per_node=16), Plan(data=16), batch_sequences=16)
    volume = 4 * stage_parameters(SMALL, Plan())
    assert step.data_s == pytest.approx(2 * (15 / 16 * volume / sustained(A100).link_bytes_per_s + 15 * 3.4e-6))


def test_model_flop_utilisation_counts_no_work_twice():
    full = Plan(tensor=8, pipeline=8, recompute="full")
    step = gpt_3(full)
    flop = float(GPT_3.training_flop_per_token(2048)) * 64 * 2048
    assert step.mfu == pytest.approx(flop / (step.seconds * 64 * 312e12))
    again = float(GPT_3.layers_flop_per_token(2048)) * 64 * 2048
    assert step.hfu == pytest.approx((flop + again) / (step.seconds * 64 * 312e12))
    selective = gpt_3(replace(full, recompute="selective"))
    scores = float(GPT_3.attention_flop_per_token(2048)) * 64 * 2048
    assert selective.hfu / selective.mfu == pytest.approx(1 + scores / flop)
    for plan, once_more in (
        (full, GPT_3.layers_flop_per_token(4096)),
        (replace(full, recompute="selective"), GPT_3.attention_flop_per_token(4096)),
    ):
        longer = gpt_3(plan, sequence_length=4096)
        expected = 1 + float(once_more) / float(GPT_3.training_flop_per_token(4096))
        assert longer.hfu / longer.mfu == pytest.approx(expected)
    fused = gpt_3(replace(full, recompute="selective", fused_attention=True))
    assert fused.hfu == fused.mfu
    assert step.tokens_per_s == pytest.approx(64 * 2048 / step.seconds)


def test_the_range_is_wider_where_all_weights_are_sharded():
    plain, sharded = Plan(data=8), Plan(data=8, sharding="full")
    for plan, (low, high) in ((plain, RANGE), (sharded, RANGE_SHARDED)):
        step = step_time(SMALL, Cluster(A100, 8), plan, batch_sequences=8)
        assert step.low_s == pytest.approx(low * step.seconds)
        assert step.high_s == pytest.approx(high * step.seconds)
    assert RANGE_SHARDED[1] / RANGE_SHARDED[0] > RANGE[1] / RANGE[0]


def test_memory_holds_the_state_and_the_activations():
    plan = Plan(tensor=8, pipeline=8)
    kept = activation_bytes(GPT_3, plan, 2048, 64, fused=np.asarray(True))  # nothing is recomputed: a fused kernel
    assert gpt_3(plan).memory_bytes == pytest.approx(float(state_bytes(GPT_3, plan) + kept))


def test_a_plan_that_does_not_fit_is_no_error():
    assert not gpt_3(Plan(data=64)).fits
    tight = replace(
        A100, memory_gb=float(step_time(SMALL, Cluster(A100, 1), Plan(), batch_sequences=1).memory_bytes) / 1e9
    )
    assert step_time(SMALL, Cluster(tight, 1), Plan(), batch_sequences=1).fits
    assert not step_time(
        SMALL, Cluster(replace(tight, memory_gb=tight.memory_gb * 0.999), 1), Plan(), batch_sequences=1
    ).fits


POWERS = st.sampled_from([1, 2, 4, 8])


@given(
    tensor=POWERS,
    pipeline=POWERS,
    data=POWERS,
    micro_batch=st.sampled_from([1, 2, 4]),
    recompute=st.sampled_from(["none", "selective", "full"]),
    sharding=st.sampled_from(["none", "optimizer", "full"]),
    sequence_parallel=st.booleans(),
    overlap=st.sampled_from([None, True, False]),
)
def test_the_parts_add_up_and_a_machine_is_never_faster_than_its_peak(tensor, pipeline, data, micro_batch, **rest):
    plan = Plan(tensor=tensor, pipeline=pipeline, data=data, micro_batch=micro_batch, **rest)
    step = step_time(SMALL, Cluster(H100, tensor * pipeline * data), plan, batch_sequences=64)
    assert sum(float(getattr(step, name)) for name in PARTS) == pytest.approx(float(step.seconds))
    assert all(float(getattr(step, name)) >= 0 for name in PARTS)
    assert 0 < step.mfu <= step.hfu < 1


def test_many_plans_at_once_equal_one_at_a_time():
    plans = all_plans(SMALL, Cluster(H100, 16), 32)
    cluster = Cluster(H100, 16)
    together = step_time(SMALL, cluster, plans, batch_sequences=32)
    for index in range(0, together.seconds.size, 97):
        alone = step_time(SMALL, cluster, plans.at(index), batch_sequences=32)
        for field in fields(alone):
            assert np.ravel(getattr(together, field.name))[index] == pytest.approx(
                np.asarray(getattr(alone, field.name)).item()
            )


def test_a_sweep_of_machines_broadcasts():
    data_sizes = np.array([1, 2, 4])
    sweep = step_time(
        SMALL, Cluster(A100, 8 * data_sizes), Plan(tensor=8, data=data_sizes), batch_sequences=4 * data_sizes
    )
    singles = [
        float(step_time(SMALL, Cluster(A100, 8 * d), Plan(tensor=8, data=d), batch_sequences=4 * d).seconds)
        for d in (1, 2, 4)
    ]
    assert sweep.seconds.tolist() == pytest.approx(singles)


@given(st.sampled_from(["memory_bytes_per_s", "intranode_bytes_per_s", "scaleout_bit_per_s", "bf16_flop_per_s"]))
def test_a_better_chip_is_not_slower(rate):
    plan = Plan(tensor=8, pipeline=8, data=2)
    better = replace(A100, **{rate: 2 * getattr(A100, rate)})
    assert gpt_3(plan, 128, better, 128).seconds < gpt_3(plan, 128, A100, 128).seconds


def test_more_micro_batches_make_the_bubble_a_smaller_share():
    few, many = (gpt_3(Plan(tensor=8, pipeline=8), batch=batch) for batch in (8, 80))
    assert few.bubble_s == many.bubble_s
    assert few.bubble_s / few.seconds > many.bubble_s / many.seconds


def test_sequences_as_long_as_asked():
    plan = Plan(tensor=8, pipeline=8)
    assert gpt_3(plan, sequence_length=2048).seconds == gpt_3(plan).seconds
    longer = gpt_3(plan, sequence_length=4096)
    assert longer.seconds > gpt_3(plan).seconds
    assert longer.mfu * longer.seconds > 2 * gpt_3(plan).mfu * gpt_3(plan).seconds  # attention grows with the square


def test_the_precision_chooses_the_peak():
    plan = Plan(tensor=8, pipeline=8)
    assert gpt_3(plan, chip=H100, precision="fp8").seconds < gpt_3(plan, chip=H100).seconds
    with pytest.raises(ValueError, match="precision = 'fp8'; expected one that A100 SXM 80GB has"):
        gpt_3(plan, precision="fp8")


def test_bad_input_is_refused():
    with pytest.raises(ValueError, match=r"^experts = 8; expected 1, for expert parallelism is not modelled$"):
        step_time(replace(SMALL, experts=8, active_experts=2), Cluster(A100, 8), Plan(data=8), batch_sequences=8)
    with pytest.raises(ValueError, match=r"^experts = 2; "):
        step_time(replace(SMALL, experts=2), Cluster(A100, 8), Plan(data=8), batch_sequences=8)
    with pytest.raises(ValueError, match=r"^batch_sequences = -8; expected a number above 0$"):
        step_time(SMALL, Cluster(A100, 8), Plan(data=8), batch_sequences=-8)
    with pytest.raises(ValueError, match=r"^sequence_length = nan; expected a number above 0$"):
        step_time(SMALL, Cluster(A100, 8), Plan(data=8), batch_sequences=8, sequence_length=np.nan)
    with pytest.raises(
        ValueError, match=r"^tensor x pipeline x data x context = 8; expected as many as the cluster has$"
    ):
        step_time(SMALL, Cluster(A100, 16), Plan(data=8), batch_sequences=8)


def brute_force(model, cluster, batch):
    """Every plan in plain loops."""
    count = int(cluster.count)
    for t, p, b, v in itertools.product(
        (1, 2, 4, 8), range(1, model.layers + 1), range(1, batch + 1), range(1, model.layers + 1)
    ):
        d = count // (t * p)
        stage = -(-model.layers // p)
        if t * p * d != count or d == 0 or batch % (d * b) or stage % v or model.heads % t:
            continue
        for recompute, sharding in itertools.product(("none", "selective", "full"), ("none", "optimizer", "full")):
            yield Plan(
                tensor=t,
                pipeline=p,
                data=d,
                micro_batch=b,
                interleave=v,
                recompute=recompute,
                sharding=sharding,
                sequence_parallel=t > 1,
            )


def test_all_plans_are_those_of_plain_loops():
    cluster = Cluster(A100, 12)
    plans = all_plans(TINY, cluster, 12)
    found = {
        tuple(str(getattr(plans.at(i), field.name)) for field in fields(plans)) for i in range(np.size(plans.tensor))
    }
    expected = {
        tuple(str(getattr(plan, field.name)) for field in fields(plan)) for plan in brute_force(TINY, cluster, 12)
    }
    assert found == expected


def test_a_tensor_split_may_fill_a_node_but_not_leave_it():
    for node in (2, 4):
        plans = all_plans(TINY, Cluster(A100, 4, accelerators_per_node=node), 4)
        assert np.max(plans.tensor) == node


def likely_s(step):
    """Return the middle of the range, on a logarithmic scale."""
    return float(np.sqrt(step.low_s * step.high_s))


def test_the_best_plan_is_the_fastest_that_fits():
    roomy = Cluster(A100, 4)
    fastest, lean = best_plan(TINY, roomy, batch_sequences=4)
    cramped = Cluster(replace(A100, memory_gb=float(lean.memory_bytes) * 0.9 / 1e9), 4)
    best, step = best_plan(TINY, cramped, batch_sequences=4)
    steps = [step_time(TINY, cramped, plan, batch_sequences=4) for plan in brute_force(TINY, cramped, 4)]
    assert step.fits
    assert likely_s(step) == min(likely_s(other) for other in steps if other.fits)
    assert likely_s(step) > likely_s(lean) == min(likely_s(other) for other in steps)
    assert best != fastest
    assert best.accelerators == 4


def test_the_best_plan_is_that_for_the_length_and_the_precision():
    asked = {"batch_sequences": 4, "sequence_length": 1024, "precision": "fp8"}
    _, lean = best_plan(TINY, Cluster(H100, 4), **asked)
    cramped = Cluster(replace(H100, memory_gb=float(lean.memory_bytes) * 0.9 / 1e9), 4)
    _, step = best_plan(TINY, cramped, **asked)
    steps = [step_time(TINY, cramped, plan, **asked) for plan in brute_force(TINY, cramped, 4)]
    assert float(step.seconds) == min(float(other.seconds) for other in steps if other.fits)
    assert step.fits


def test_the_search_runs_at_the_precision_of_the_step():
    cluster = Cluster(H100, 16)
    found = {name: best_plan(SMALL, cluster, batch_sequences=8, precision=name) for name in ("bf16", "fp8")}
    assert found["bf16"][0] != found["fp8"][0]
    for name, (_, step) in found.items():
        all_steps = step_time(SMALL, cluster, all_plans(SMALL, cluster, 8), batch_sequences=8, precision=name)
        assert likely_s(step) == pytest.approx(
            np.sqrt(all_steps.low_s * all_steps.high_s).min(where=all_steps.fits, initial=np.inf)
        )


def test_where_nothing_fits_the_leanest_plan_says_so():
    tiny = Cluster(replace(A100, memory_gb=0.0001), 4)
    _, step = best_plan(TINY, tiny, batch_sequences=4)
    assert not step.fits
    assert float(step.memory_bytes) == min(
        float(step_time(TINY, tiny, plan, batch_sequences=4).memory_bytes) for plan in brute_force(TINY, tiny, 4)
    )


def test_a_machine_that_no_plan_divides_is_refused():
    with pytest.raises(
        ValueError, match=r"^count = 13; expected one that tensor, pipeline and a divisor of 8 sequences make up$"
    ):
        best_plan(TINY, Cluster(A100, 13), batch_sequences=8)


def test_the_step_model_is_imported_without_pandas():
    """Pandas takes longer to import than all of the core; only who reads a table waits for it."""
    code = "import sys, compute_scaling.throughput, compute_scaling.training; print('pandas' in sys.modules)"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "False"
