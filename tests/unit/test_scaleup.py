from itertools import product

import numpy as np
import pandas as pd
import pytest

from compute_scaling import data, scaleup
from compute_scaling.accelerator import accelerator
from compute_scaling.cluster import Cluster
from compute_scaling.plan import Plan
from compute_scaling.reader import Reader
from compute_scaling.throughput import all_plans, best_plan, step_time
from compute_scaling.transformer import Transformer

SMALL = Transformer(layers=8, width=1024, heads=8, vocabulary=32_000, context=2048)


@pytest.fixture(scope="module")
def steps():
    return scaleup.steps([2**13, 2**17, 2**20], batches=[2_048, 32_768])


@pytest.mark.parametrize("parameters", [1e11, 4e11, 1e12, 5.2e12, 1.5e13])
def test_a_shape_has_about_the_parameters_and_divides(parameters):
    model = scaleup.shaped(parameters)
    assert model.parameters == pytest.approx(parameters, rel=0.08)
    assert model.heads % 32 == model.layers % 16 == 0


def test_the_run_made_for_a_machine_grows_as_the_root_of_it():
    small, large = scaleup.made_for(10_000)[0], scaleup.made_for(1_000_000)[0]
    assert large / small == pytest.approx(10)


def test_parts_of_a_step_add_up_and_fit(steps):
    assert steps[list(scaleup.PARTS)].sum(axis=1).to_numpy() == pytest.approx(1)
    assert steps["fits"].all()
    assert (steps["mfu_low"] < steps["mfu"]).all()
    assert (steps["mfu"] < steps["mfu_high"]).all()


def test_plans_use_the_whole_machine(steps):
    used = steps["tensor_split"] * steps["pipeline_split"] * steps["context_split"] * steps["replicas"]
    assert (used == steps["accelerators"]).all()
    assert (steps["tensor_split"] <= steps["node"]).all()


def test_a_run_takes_longer_the_less_of_the_peak_is_used(steps):
    """Attention, which the count of six FLOP leaves out, is a tenth of the work of the smallest model."""
    assert (steps["days"] * steps["mfu"] / scaleup.RUN_DAYS / scaleup.NOMINAL).between(1, 1.12).all()


def test_a_larger_batch_and_more_links_never_hurt(steps):
    table = steps.pivot_table(index=["accelerators", "node"], columns="batch_tokens", values="mfu")
    assert (table.iloc[:, 1] >= table.iloc[:, 0]).all()
    wide, narrow = table.xs(64, level="node"), table.xs(8, level="node")
    assert (wide >= narrow).all().all()


def test_machines_scale_as_they_must(steps):
    table = scaleup.machines(Reader(data.updated_on(), draws=2048), steps)
    per_chip = table[["power_mw", "capital_usd", "bill_usd"]].div(table["accelerators"], axis=0)
    assert (per_chip.max() / per_chip.min()).to_list() == pytest.approx([1, 1, 1])
    share_of_value = (
        table["bill_usd"] / table["capital_usd"]
    )  # in three months, of what loses a factor ten in 7.1 years
    assert share_of_value.between(0.05, 0.12).all()
    assert (table["hours"] * table["accelerators"]).std() == pytest.approx(0, abs=1e-6)
    assert (table["useful_all"] <= table["useful_one"]).all()
    assert ((table["movement"] > 1) == (table["mfu"] < table["mfu"].groupby(
        [table["batch_tokens"], table["node"]]).transform("first") / 2)).all()  # fmt: skip


def test_the_largest_at_half(steps):
    table = scaleup.largest_at_half(steps).set_index(["batch_tokens", "node"])
    assert (table["most"] >= table["flop"]).all()
    assert table.loc[(2_048 * 8_192, 8), "accelerators"] < 2**20


def test_reach_says_how_far():
    table = scaleup.reach().set_index("part")
    assert table.at["step time", "accelerators"] == table.at["failures", "accelerators"] == 16_384
    assert (table["times"] > 1).all()
    assert set(table["sources"].str.split(", ").explode()) <= set(data.load("sources")["source_id"])


def test_all_plans_with_split_sequences_are_those_of_loops():
    """Every plan, found by trying every number."""
    cluster = Cluster(accelerator("H100 SXM"), 16)
    found = all_plans(SMALL, cluster, 8, contexts=(1, 2))
    names = ("tensor", "pipeline", "data", "context", "micro_batch", "interleave")
    pairs = set(zip(*(np.asarray(getattr(found, name)).tolist() for name in names), strict=True))
    expected = {
        (t, p, 16 // (t * p * c), c, b, v)
        for t, p, c, b, v in product((1, 2, 4, 8), range(1, 9), (1, 2), (1, 2, 4, 8), range(1, 9))
        if 16 % (t * p * c) == 0 and -(-8 // p) % v == 0 and 8 % (16 // (t * p * c) * b) == 0
    }
    assert pairs == expected
    assert len(np.asarray(found.tensor)) == 9 * len(expected)


def test_no_plan_is_faster_than_the_best():
    cluster = Cluster(accelerator("H100 SXM"), 16)
    plan, step = best_plan(SMALL, cluster, batch_sequences=8, contexts=(1, 2))
    every = step_time(SMALL, cluster, all_plans(SMALL, cluster, 8, contexts=(1, 2)), batch_sequences=8)
    likely = np.sqrt(every.low_s * every.high_s)[every.fits]
    assert float(np.sqrt(step.low_s * step.high_s)) == pytest.approx(likely.min())
    assert isinstance(plan, Plan)


def test_whole_sequences_are_the_default():
    cluster = Cluster(accelerator("H100 SXM"), 16)
    assert set(np.asarray(all_plans(SMALL, cluster, 16).context).tolist()) == {1}
    assert pd.Series(np.asarray(all_plans(SMALL, cluster, 16, contexts=(2,)).context)).eq(2).all()
