"""Memory: what one accelerator must hold during a training step.

State: 18 bytes a parameter - weight (2), gradient (4), and Adam's two moments and 4-byte weight (12). Activations, kept
from forward to backward: Korthikanti et al. 2022 (https://arxiv.org/abs/2205.05198), section 4, here for grouped-query
and gated layers too. Per layer, in bytes a token: 10 h outside the split matrices (norms' inputs, masks), divided
among the `tensor` accelerators with sequence parallelism; 8 h + 16 h inside them; 5 a head and pair of tokens for
scores.
"""

from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from compute_scaling.checks import Floats, array, floats
from compute_scaling.plan import Plan
from compute_scaling.transformer import Transformer

STATE_BYTES: Final = 2 + 4 + 12
SHARDED_STATE_BYTES: Final = 12  # of the state: what ZeRO-1 divides
OUTSIDE_BYTES: Final = 10
CHECKPOINT_BYTES: Final = 2
SCORE_BYTES: Final = 5
LOGIT_BYTES: Final = 4 + 2


def stage_parameters(model: Transformer, plan: Plan) -> Floats:
    """Return the parameters that one accelerator computes with: its slice of a stage, with one embedding."""
    body = (model.parameters - model.embedding_parameters) / floats(plan.pipeline)
    return array((body + model.vocabulary * model.width) / floats(plan.tensor))


def state_bytes(model: Transformer, plan: Plan) -> Floats:
    """Return bytes of weights, gradients and optimiser on one accelerator."""
    sharding = plan.word("sharding")
    optimizer = STATE_BYTES - SHARDED_STATE_BYTES + SHARDED_STATE_BYTES / plan.replicas
    each = np.where(
        sharding == "none", STATE_BYTES, np.where(sharding == "optimizer", optimizer, STATE_BYTES / plan.replicas)
    )
    return each * stage_parameters(model, plan)


def activation_bytes(
    model: Transformer, plan: Plan, sequence_length: ArrayLike, micro_batches: ArrayLike, *, fused: NDArray[np.bool_]
) -> Floats:
    """Return bytes of activations on an accelerator of the first stage, which keeps up to `pipeline` micro-batches.

    Interleaving adds (p - 1) / (p v) to that. Without a pipeline the logits come on top.
    """
    t, p, v = (floats(getattr(plan, name)) for name in ("tensor", "pipeline", "interleave"))
    tokens = plan.tokens(sequence_length)
    split = np.where(plan.sequence_parallel, t, 1)
    recompute = plan.word("recompute")
    inner = (2 * (2 if model.gated else 1) + 2) * model.mlp_width
    inside = (4 * model.attention_width + 4 * model.kv_width + inner) / t
    scores = SCORE_BYTES * model.heads * floats(sequence_length) / t
    kept = OUTSIDE_BYTES * model.width / split + inside + np.where(fused | (recompute == "selective"), 0, scores)
    layer = tokens * np.where(recompute == "full", CHECKPOINT_BYTES * model.width / split, kept)
    in_flight = np.minimum(micro_batches, p * np.where(v > 1, 1 + (p - 1) / (p * v), 1))
    logits = np.where(p > 1, 0, LOGIT_BYTES * tokens * model.vocabulary / t)
    return layer * plan.stage_layers(model) * in_flight + logits
