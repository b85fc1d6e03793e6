"""Plans: what they count, and what they refuse."""

import re

import numpy as np
import pytest

from compute_scaling.plan import Plan
from compute_scaling.transformer import Transformer

LLAMA = Transformer(layers=126, width=16_384, heads=128, vocabulary=128_256, context=8192, biases=False, gated=True)


def test_the_splits_multiply_to_the_machine():
    plan = Plan(tensor=8, pipeline=16, data=[4, 8], context=16)
    assert plan.accelerators.tolist() == [8192, 16_384]
    assert np.asarray(plan.replicas).tolist() == [64, 128]


def test_micro_batches_share_the_batch():
    assert Plan(data=64, micro_batch=2).micro_batches(2048) == 16


def test_the_fullest_stage_holds_the_rounded_up_share_of_the_layers():
    assert Plan(pipeline=[1, 9, 16]).stage_layers(LLAMA).tolist() == [126, 14, 8]


def test_a_plan_that_divides_all_passes():
    Plan(tensor=8, pipeline=16, data=128, interleave=[3, 8]).check(LLAMA, 16_384, 2048)
    Plan(pipeline=126).check(LLAMA, 126, 1)  # one layer a stage


def test_a_machine_or_batch_of_none_is_refused():
    for count, batch, name in ((0, 2048, "count"), (16_384, 0, "batch_sequences")):
        with pytest.raises(ValueError, match=f"^{name} = 0; expected a number above 0$"):
            Plan(tensor=8, pipeline=16, data=128).check(LLAMA, count, batch)
    with pytest.raises(ValueError, match=r"^batch_sequences = -8; expected a number above 0$"):
        Plan().micro_batches(-8)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"tensor": 0}, "tensor = 0; expected a number above 0"),
        ({"pipeline": 1.5}, "pipeline = 1.5; expected a whole number"),
        ({"data": np.nan}, "data = nan; expected a number above 0"),
        ({"micro_batch": [1, -2]}, "micro_batch = -2; expected a number above 0"),
        ({"recompute": "some"}, "recompute = 'some'; expected one of none, selective, full"),
        ({"sharding": np.array(["full", "half"])}, "sharding = 'half'; expected one of none, optimizer, full"),
    ],
)
def test_nonsense_is_refused(fields, message):
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        Plan(**fields)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"data": 64}, "tensor x pipeline x data x context = 8192; expected as many as the cluster has"),
        (
            {"tensor": 24, "pipeline": 1, "data": 1, "context": 1},
            "tensor x pipeline x data x context = 24; expected as many as the cluster has",
        ),
        ({"interleave": 9}, "interleave = 9; expected at most the layers of a stage"),
        ({"tensor": 1, "pipeline": 128}, "pipeline = 128; expected at most the 126 layers"),
        ({"micro_batch": 3}, "data x micro_batch = 384; expected a divisor of batch_sequences"),
        ({"micro_batch": 32}, "data x micro_batch = 4096; expected a divisor of batch_sequences"),
    ],
)
def test_a_plan_that_does_not_divide_is_refused(fields, message):
    plan = Plan(**({"tensor": 8, "pipeline": 16, "data": 128} | fields))
    with pytest.raises(ValueError, match=re.escape(message)):
        plan.check(LLAMA, 16_384, 2048)


def test_heads_that_the_tensor_split_does_not_divide_are_refused():
    model = Transformer(layers=48, width=1600, heads=25, vocabulary=50_257, context=1024)
    with pytest.raises(ValueError, match=r"^tensor = 8; expected a divisor of the 25 heads$"):
        Plan(tensor=8).check(model, 8, 8)


def test_one_plan_can_be_taken_out_of_many():
    plans = Plan(tensor=np.array([1, 8]), data=4, recompute=np.array(["none", "full"]))
    assert plans.at(1) == Plan(tensor=8, data=4, recompute="full")
