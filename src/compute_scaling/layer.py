"""A layer: where the time of one transformer layer goes, for one micro-batch on one accelerator.

Forward, in bytes of 2 a number: four matrix products; attention; norms and residuals, which only move memory; and two
all-reduces among the `tensor` accelerators. Backward, each matrix product twice (for the inputs and for the weights),
the sums of the weights' gradients kept in 4 bytes, and two all-reduces more (Shoeybi et al. 2019,
https://arxiv.org/abs/1909.08053; Korthikanti et al. 2022, https://arxiv.org/abs/2205.05198).
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from compute_scaling.checks import Floats, floats
from compute_scaling.plan import Plan
from compute_scaling.rates import BYTES_PER_ACTIVATION, Rates
from compute_scaling.transformer import CAUSAL_SHARE, Transformer

# Numbers read and written a number of the width: norm (forward 2, backward 3) and residual sum (3 and 2), twice a layer
NORM_AND_RESIDUAL_MOVES: Final = 2 * (2 + 3)
# Bytes a score where attention is not fused: softmax and dropout, and the products before and after them
SCORE_BYTES_FORWARD: Final = 13
SCORE_BYTES_BACKWARD: Final = 17
GRADIENT_SUM_BYTES: Final = 4 + 4  # read and write a 4-byte sum for each weight
FUSED_BACKWARD: Final = (
    2.5  # FLOP over the forward pass: five products for two, one of them recomputed (Dao et al. 2022)
)


@dataclass(frozen=True)
class LayerSeconds:
    """Seconds of one layer, forward and backward, for one micro-batch: its parts add up."""

    compute: Floats
    recompute: Floats
    tensor: Floats
    context: Floats

    @property
    def total(self) -> Floats:
        """All parts together."""
        return self.compute + self.recompute + self.tensor + self.context


def layer_seconds(
    model: Transformer, rates: Rates, plan: Plan, sequence_length: ArrayLike, *, fused: NDArray[np.bool_], node: int
) -> LayerSeconds:
    """Return where the seconds of a layer go; plan and sequence_length broadcast.

    fused: whether attention is one kernel. node: accelerators that share fast links.
    """
    t, c = floats(plan.tensor), floats(plan.context)
    tokens = plan.tokens(sequence_length)
    products = _products_s(model, rates, tokens, t)
    core_forward, core_backward = _attention_s(model, rates, tokens, t, sequence_length, fused)
    moved_forward, moved_backward = _moved_s(model, rates, tokens, t, plan)
    all_reduce = 2 * rates.ring_s(BYTES_PER_ACTIVATION * tokens * model.width, t, node=node)
    keys_values = rates.ring_s(BYTES_PER_ACTIVATION * 2 * tokens * c * model.kv_width / t, c, apart=t, node=node)
    sums = GRADIENT_SUM_BYTES * (model.attention_weights + model.mlp_weights) / t / rates.memory_bytes_per_s
    forward = products + core_forward + moved_forward
    full = plan.word("recompute") == "full"
    traffic = np.where(full, 6, 4) * all_reduce
    beside = np.maximum(traffic / t, traffic - np.where(full, 4, 3) * products)  # the first of t pieces cannot hide
    scores = (plan.word("recompute") == "selective") & ~fused
    return LayerSeconds(
        compute=forward + 2 * products + sums + core_backward + moved_backward,
        recompute=np.where(full, forward, np.where(scores, core_forward, 0)),
        tensor=np.where(plan.overlap_tensor, beside, traffic),
        context=np.where(full, 4, 3) * keys_values,
    )


def logit_seconds(model: Transformer, rates: Rates, plan: Plan, sequence_length: ArrayLike) -> Floats:
    """Return seconds of the output matrix and the loss for one micro-batch, forward and backward.

    The logits pass five times through memory in 4 bytes: written, largest found, summed, read, differentiated.
    """
    t, tokens = floats(plan.tensor), plan.tokens(sequence_length)
    moved = 5 * 4 * tokens * model.vocabulary / t
    return 3 * rates.matmul_s(tokens, model.width, model.vocabulary / t) + moved / rates.memory_bytes_per_s


def _products_s(model: Transformer, rates: Rates, tokens: Floats, t: Floats) -> Floats:
    into = 2 if model.gated else 1
    return (
        rates.matmul_s(tokens, model.width, (model.attention_width + 2 * model.kv_width) / t)
        + rates.matmul_s(tokens, model.attention_width / t, model.width)
        + rates.matmul_s(tokens, model.width, into * model.mlp_width / t)
        + rates.matmul_s(tokens, model.mlp_width / t, model.width)
    )


def _attention_s(
    model: Transformer, rates: Rates, tokens: Floats, t: Floats, sequence_length: ArrayLike, fused: NDArray[np.bool_]
) -> tuple[Floats, Floats]:
    """Scores, softmax and weighted values, forward and backward."""
    pairs = tokens * floats(sequence_length) / t  # of one head
    arithmetic = 4 * pairs * model.attention_width / rates.attention_flop_per_s
    queries_to_result = BYTES_PER_ACTIVATION * 4 * tokens * model.attention_width / t / rates.memory_bytes_per_s
    scores = model.heads * pairs / rates.memory_bytes_per_s
    # a fused kernel leaves out the pairs that look ahead
    one_kernel = CAUSAL_SHARE * arithmetic + queries_to_result
    forward = np.where(fused, one_kernel, arithmetic + queries_to_result + SCORE_BYTES_FORWARD * scores)
    apart_backward = 2 * (arithmetic + queries_to_result) + SCORE_BYTES_BACKWARD * scores
    return forward, np.where(fused, FUSED_BACKWARD * one_kernel, apart_backward)


def _moved_s(model: Transformer, rates: Rates, tokens: Floats, t: Floats, plan: Plan) -> tuple[Floats, Floats]:
    """Norms and residuals, activation function, and the rearranging of queries, keys and values."""
    normed = NORM_AND_RESIDUAL_MOVES * model.width * tokens / np.where(plan.sequence_parallel, t, 1)
    arranged = 2 * (model.attention_width + 2 * model.kv_width) * tokens / t
    inner = model.mlp_width * tokens / t
    into = 2 if model.gated else 1
    second = BYTES_PER_ACTIVATION / rates.memory_bytes_per_s
    return second * (normed + arranged + (into + 1) * inner), second * (normed + arranged + (2 * into + 1) * inner)
