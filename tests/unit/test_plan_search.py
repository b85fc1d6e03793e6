"""The search that lets accelerators idle: against a search by loops, and what must hold for any machine."""

from itertools import product

import numpy as np
import pytest

from compute_scaling.accelerator import accelerator
from compute_scaling.cluster import Cluster
from compute_scaling.plan import Plan
from compute_scaling.plan_search import LOST, best_use, dense_model, plans_within, sweep
from compute_scaling.rates import sustained
from compute_scaling.throughput import best_plan, step_time
from compute_scaling.transformer import Transformer, architecture

H100 = accelerator("H100 SXM")
SMALL = Transformer(layers=8, width=2048, heads=16, vocabulary=32_000, context=1024)
GPT_3 = architecture("GPT-3 175B")


def by_loops(model, count, batch):
    """Return the likely tokens a second of the best plan that fits, each plan timed alone."""
    best = 0.0
    for t, p, c, b, v in product((1, 2, 4, 8), range(1, 9), (1, 2, 4, 8), (1, 2, 4, 8), range(1, 9)):
        d, stage = count // (t * p * c), -(-model.layers // p)
        m = batch // (max(d, 1) * b)
        if d < 1 or m < 1 or stage % v or any(-(-model.layers // q) == stage for q in range(1, p)):
            continue
        groups = {m} if v == 1 else {m, m // p * p, p}
        for n, recompute, sharding in product(groups, ("none", "full"), ("optimizer", "full")):
            if 1 <= n <= m:
                plan = Plan(
                    tensor=t, pipeline=p, data=d, context=c, micro_batch=b, interleave=v, recompute=recompute,
                    sharding=sharding, sequence_parallel=t > 1,
                )  # fmt: skip
                step = step_time(model, Cluster(H100, t * p * c * d), plan, batch_sequences=d * b * n)
                likely_s = float(np.sqrt(step.low_s * step.high_s))
                best = max(best, d * b * n * model.context / likely_s) if step.fits else best
    return best


@pytest.mark.parametrize(("count", "batch"), [(24, 50), (33, 16)])
def test_the_search_finds_what_loops_find(count, batch):
    use = best_use(SMALL, Cluster(H100, count), batch_sequences=batch)
    likely_s = float(np.sqrt(use.step.low_s * use.step.high_s))
    assert use.batch_sequences * SMALL.context / likely_s == pytest.approx(by_loops(SMALL, count, batch))


@pytest.mark.parametrize("count", [512, 1_000, 2_003])
def test_it_is_no_worse_than_the_search_of_exact_plans(count):
    use = best_use(GPT_3, Cluster(H100, count), batch_sequences=2000)
    try:
        _, step = best_plan(GPT_3, Cluster(H100, count), batch_sequences=2000)
    except ValueError:  # a prime number of accelerators
        assert count == 2_003
    else:
        assert use.mfu >= float(step.mfu) * (1 - 1e-9)


@pytest.mark.parametrize(("count", "batch"), [(100, 64), (1_001, 4096), (20_000, 512)])
def test_the_shares_add_up_and_the_plan_keeps_inside_machine_batch_and_memory(count, batch):
    use = best_use(GPT_3, Cluster(H100, count), batch_sequences=batch)
    assert sum(use.shares.values()) == pytest.approx(1)
    assert set(use.shares) == {"mfu", *LOST}
    assert min(use.shares.values()) >= 0
    assert use.accelerators <= count
    assert use.batch_sequences <= batch
    assert use.shares["idle"] == pytest.approx(1 - use.accelerators / count)
    assert use.low < use.mfu < use.high
    assert 0 < use.fitting <= use.tried


def test_a_larger_batch_is_never_worse_and_a_larger_machine_at_the_same_batch_is_never_used_better():
    batches = [best_use(GPT_3, Cluster(H100, 10_000), batch_sequences=b).mfu for b in (512, 1024, 4096, 16_384)]
    assert batches == sorted(batches)
    sizes = [best_use(GPT_3, Cluster(H100, n), batch_sequences=2048).mfu for n in (2_000, 8_000, 32_000)]
    assert sizes == sorted(sizes, reverse=True)


def test_rates_and_lengths_reach_the_step():
    cluster = Cluster(H100, 1_000)
    slow = sustained(H100, link_share=0.3)
    plain = best_use(GPT_3, cluster, batch_sequences=1000)
    assert best_use(GPT_3, cluster, batch_sequences=1000, rates=slow).mfu < plain.mfu
    longer = best_use(GPT_3, cluster, batch_sequences=500, sequence_length=4096)
    assert longer.step.tokens_per_s * longer.step.seconds == pytest.approx(longer.batch_sequences * 4096)
    assert best_use(GPT_3, cluster, batch_sequences=1000, contexts=(1,)).plan.context == 1


def test_where_nothing_fits_the_smallest_is_returned_and_says_so():
    use = best_use(dense_model(1e12), Cluster(H100, 8), batch_sequences=8)
    assert not use.step.fits
    assert use.fitting == 0


def test_the_plans_are_those_that_loops_make():
    model = Transformer(layers=7, width=1024, heads=12, vocabulary=1000, context=128)
    count, most = 50, 33
    wanted = set()
    for t, p, c, b, v in product((1, 2, 4), (1, 2, 3, 4, 7), (1, 2), (1, 2, 4, 8), range(1, 8)):
        d, stage = count // (t * p * c), (7, 4, 3, 2, 1)[(1, 2, 3, 4, 7).index(p)]
        m = most // (d * b) if d else 0
        if not m or stage % v or (b > 1 and c > 1):
            continue
        for n in {m} if v == 1 else {m, m // p * p, p}:
            if 0 < n <= m:
                wanted |= {(t, p, c, b, v, r, s, d, d * b * n) for r in ("none", "full") for s in ("optimizer", "full")}
    plan, batches = plans_within(model, Cluster(H100, count), most, contexts=(1, 2))
    names = ("tensor", "pipeline", "context", "micro_batch", "interleave", "recompute", "sharding", "data")
    found = list(zip(*(getattr(plan, name).tolist() for name in names), batches.tolist(), strict=True))
    assert set(found) == wanted
    assert (plan.sequence_parallel == (plan.tensor > 1)).all()


def test_pieces_stop_at_sixteen():
    deep = Transformer(layers=34, width=1024, heads=8, vocabulary=1000, context=128)
    plan, _ = plans_within(deep, Cluster(H100, 16), 100)
    depths = {-(-34 // p) for p in range(1, 17)}
    assert set(plan.interleave.tolist()) == {v for v in range(1, 17) if any(depth % v == 0 for depth in depths)}


def test_a_batch_below_one_sequence_for_each_replica_is_refused():
    with pytest.raises(ValueError, match="batch_sequences = 1; expected a micro-batch or more for each replica"):
        plans_within(SMALL, Cluster(H100, 10_000), 1)
    with pytest.raises(ValueError, match="batch_sequences = 0"):
        plans_within(SMALL, Cluster(H100, 8), 0)


@pytest.mark.parametrize(
    ("parameters", "published"), [(5.296e11, "Megatron 529.6B"), (1.008e12, "Megatron 1008B"), (1e12, "Megatron 1008B")]
)
def test_scaled_models_are_the_published_ones(parameters, published):
    made, shape = dense_model(parameters), architecture(published)
    assert made.width == shape.width
    assert abs(made.layers - shape.layers) <= 1
    assert made.parameters == pytest.approx(parameters, rel=0.02)


def test_scaled_models_have_about_the_parameters_asked_for():
    for parameters in (3e11, 7e11, 1.5e12, 2e12, 4e12):
        model = dense_model(parameters)
        assert model.parameters == pytest.approx(parameters, rel=0.06)
        assert model.heads % 8 == 0
    with pytest.raises(ValueError, match="parameters"):
        dense_model(0)


def test_a_sweep_has_a_row_for_each_setting_as_asked_alone():
    models = {"small": SMALL, "GPT-3": GPT_3}
    table = sweep(models, [1_000, 1_500], [2**21], chip=H100)
    assert list(zip(table["model"], table["count"], strict=True)) == list(product(models, [1_000, 1_500]))
    use = best_use(GPT_3, Cluster(H100, 1_500), batch_sequences=1024)
    row = table.iloc[-1]
    assert (row["mfu"], row["low"], row["high"]) == (use.mfu, use.low, use.high)
    assert [row[f"lost_{name}"] for name in LOST] == [use.shares[name] for name in LOST]
    assert row["used"] == row["tensor"] * row["pipeline"] * row["context"] * row["data"]
    assert row["tokens"] <= row["batch_tokens"]
    assert row["hfu"] >= row["mfu"]
    step = use.step
    assert row["hfu"] == float(step.hfu) * use.accelerators / 1_500
    assert (row["memory_bytes"], row["seconds"], row["fits"]) == (step.memory_bytes, step.seconds, step.fits)
    assert (row["tried"], row["fitting"]) == (use.tried, use.fitting)
