"""Throughput: how long one step of training takes on a machine, and which plan is fastest.

A pipeline of p stages that each hold v pieces passes m micro-batches in (m + (p - 1) / v) times the time of the slowest
stage (Narayanan et al. 2021, https://arxiv.org/abs/2104.04473, section 2.2); where v > 1, m counts as the next multiple
of p. To it come the traffic between stages, the exchange of gradients among the `data` accelerators, and the optimiser:

    step = (m + (p - 1) / v) x stage + m x transfers + exchange + optimiser

`layer` counts what a stage does, `rates` how fast. Left out: stragglers, failures, reading of data, expert parallelism.
Where a plan does not say, attention is fused and traffic overlaps with computation on chips with an fp8 peak (their
software came after FlashAttention); on older chips attention is fused only where nothing is recomputed, and traffic
does not overlap, but for FSDP.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from compute_scaling.accelerator import Precision
from compute_scaling.checks import Floats, array, floats, positive
from compute_scaling.cluster import Cluster
from compute_scaling.layer import layer_seconds, logit_seconds
from compute_scaling.memory import activation_bytes, stage_parameters, state_bytes
from compute_scaling.plan import CHOICES, Plan
from compute_scaling.rates import BYTES_PER_ACTIVATION, Rates, sustained
from compute_scaling.transformer import Transformer
from compute_scaling.units import BYTES_PER_GB

GRADIENT_BYTES: Final = 4
WEIGHT_BYTES: Final = 2
OPTIMISER_BYTES: Final = (
    30  # Adam a parameter: gradient, two moments and 4-byte weight read, the last three and the 2-byte weight written
)
# Of a stage's time, what an exchange of gradients can hide behind: the last backward pass. Weights gathered again (a
# sharded optimiser) can hide behind the next forward pass too.
BACKWARD_SHARE: Final = 2 / 3
# Low and high of measured over predicted seconds at 90 %, over the held-out tables of `validation.speed`
RANGE: Final = (0.878, 1.326)
RANGE_SHARDED: Final = (0.766, 2.636)  # where all weights are sharded


@dataclass(frozen=True)
class Step:
    """One training step: its seconds and where they go, utilisation and memory.

    seconds: of the step; low_s to high_s is its 90 % range. The parts add up to it: compute_s, recompute_s,
    tensor_s and context_s (traffic inside layers), bubble_s (stages that wait), pipeline_s (traffic between stages),
    data_s (exchange of gradients and weights that nothing hides), optimiser_s.
    mfu, hfu: share of the dense peak without and with what is computed twice. memory_bytes: of the fullest accelerator;
    fits: not more than it has. tokens_per_s: of the whole machine.
    """

    seconds: Floats
    low_s: Floats
    high_s: Floats
    compute_s: Floats
    recompute_s: Floats
    tensor_s: Floats
    context_s: Floats
    bubble_s: Floats
    pipeline_s: Floats
    data_s: Floats
    optimiser_s: Floats
    mfu: Floats
    hfu: Floats
    memory_bytes: Floats
    fits: NDArray[np.bool_]
    tokens_per_s: Floats

    def fastest(self, batch_sequences: ArrayLike = 1) -> int:
        """Return the place of the plan that takes the least time for a sequence, of those that fit.

        Time is the middle of the range, for plans that shard all weights turn out slower than computed. Where no plan
        fits, it is the one that needs least memory. batch_sequences: of each plan, where they differ.
        """
        likely_s = np.sqrt(self.low_s * self.high_s) / batch_sequences
        return int(np.argmin(np.where(self.fits, likely_s, np.inf) if self.fits.any() else self.memory_bytes))


def step_time(
    model: Transformer,
    cluster: Cluster,
    plan: Plan,
    *,
    batch_sequences: ArrayLike,
    sequence_length: ArrayLike | None = None,
    precision: Precision = "bf16",
    rates: Rates | None = None,
) -> Step:
    """Return the time of one training step by its parts; plan, batch_sequences and sequence_length broadcast.

    batch_sequences: sequences in a step, over the whole machine. sequence_length: tokens each (default: the model's
    context). rates: instead of those `rates.sustained` gives. MFU counts every matrix product once and full attention.
    Raises ValueError for a plan that does not divide machine, model or batch, or a model with experts.

    >>> from compute_scaling.accelerator import accelerator
    >>> model = Transformer(layers=96, width=12_288, heads=96, vocabulary=51_200, context=2048)
    >>> plan = Plan(tensor=8, pipeline=8, interleave=3, recompute="selective", sequence_parallel=True)
    >>> step = step_time(model, Cluster(accelerator("A100 SXM 80GB"), 64), plan, batch_sequences=64)
    >>> bool(12 < step.seconds < 15), bool(step.fits)  # measured: 13.75 s
    (True, True)
    """
    if model.experts > 1:
        raise ValueError(f"experts = {model.experts}; expected 1, for expert parallelism is not modelled")
    batch_sequences = plan.check(model, cluster.count, batch_sequences)
    chip = cluster.accelerator
    speed = rates or sustained(chip, precision)
    length = positive("sequence_length", model.context if sequence_length is None else sequence_length)
    modern = bool(np.isfinite(chip.fp8_flop_per_s))
    fused = array(modern | (plan.word("recompute") == "none") if plan.fused_attention is None else plan.fused_attention)
    whole = plan.word("sharding") == "full"
    overlap = array(modern | whole if plan.overlap is None else plan.overlap)
    node = cluster.accelerators_per_node

    layer = layer_seconds(model, speed, plan, length, fused=fused, node=node)
    depth, last = _slowest_stage(model, plan, layer.total, logit_seconds(model, speed, plan, length))
    stage = depth * layer.total + last
    p, v = floats(plan.pipeline), floats(plan.interleave)
    m = plan.micro_batches(batch_sequences)
    unfilled = np.where(v > 1, np.ceil(m / p) * p - m, 0)  # interleaved, micro-batches go through in groups of p
    bubble = (unfilled + (p - 1) / v) * stage
    transfers = m * _transfers_s(model, speed, plan, length, node) * np.where(overlap & (v > 1), 0, 1)
    exchange = _exchange_s(model, speed, plan, m, node)
    behind = np.where(plan.word("sharding") == "optimizer", 1, BACKWARD_SHARE)
    hidden = overlap * np.where(whole, m, behind) * stage
    optimiser = (
        OPTIMISER_BYTES * stage_parameters(model, plan) / np.where(plan.word("sharding") == "none", 1, plan.replicas)
    )
    parts = {
        "compute_s": m * (depth * layer.compute + last),
        "recompute_s": m * depth * layer.recompute,
        "tensor_s": m * depth * layer.tensor,
        "context_s": m * depth * layer.context,
        "bubble_s": bubble,
        "pipeline_s": transfers,
        "data_s": np.maximum(0, exchange - hidden),
        "optimiser_s": optimiser / speed.memory_bytes_per_s,
    }
    seconds = sum(parts.values(), array(0.0))
    tokens = floats(batch_sequences) * length
    peak = cluster.peak_flop_per_s(precision)
    flop = model.training_flop_per_token(length) * tokens
    memory = state_bytes(model, plan) + activation_bytes(model, plan, length, m, fused=fused)
    return Step(
        seconds=seconds,
        low_s=seconds * np.where(whole, RANGE_SHARDED[0], RANGE[0]),
        high_s=seconds * np.where(whole, RANGE_SHARDED[1], RANGE[1]),
        **parts,
        mfu=flop / (seconds * peak),
        hfu=(flop + _twice_flop_per_token(model, plan, length, fused) * tokens) / (seconds * peak),
        memory_bytes=memory,
        fits=memory <= chip.memory_gb * BYTES_PER_GB,
        tokens_per_s=tokens / seconds,
    )


def _slowest_stage(model: Transformer, plan: Plan, layer: Floats, logits: Floats) -> tuple[Floats, Floats]:
    """Layers of the slowest stage, and its seconds of logits: the last has them, but perhaps fewer layers."""
    full = plan.stage_layers(model)
    rest = model.layers - full * (floats(plan.pipeline) - 1)
    end = rest * layer + logits >= full * layer
    return np.where(end, rest, full), np.where(end, logits, 0)


def _transfers_s(model: Transformer, rates: Rates, plan: Plan, length: Floats, node: int) -> Floats:
    """Seconds of one micro-batch's passage from stage to stage, forward and back, each `tensor` accelerator a slice."""
    share = BYTES_PER_ACTIVATION * plan.tokens(length) * model.width / floats(plan.tensor)
    bytes_per_s = np.where(plan.accelerators <= node, rates.link_bytes_per_s, rates.network_bytes_per_s)
    return np.where(array(plan.pipeline) > 1, 2 * floats(plan.interleave) * share / bytes_per_s, 0)


def _exchange_s(model: Transformer, rates: Rates, plan: Plan, m: Floats, node: int) -> Floats:
    """Seconds to exchange gradients (and weights that are kept in parts) among the replicas of a stage."""
    sharding = plan.word("sharding")
    pieces = np.where(sharding == "full", plan.stage_layers(model), 1)  # FSDP gathers layer by layer
    bytes_each = np.where(
        sharding == "full",
        WEIGHT_BYTES,
        np.where(sharding == "optimizer", (GRADIENT_BYTES + WEIGHT_BYTES) / 2, GRADIENT_BYTES),
    )
    volume = bytes_each * stage_parameters(model, plan) / pieces
    once = pieces * rates.ring_s(volume, plan.replicas, apart=plan.tensor, node=node)
    return once * np.where(sharding == "full", 3 * m, 2)


def _twice_flop_per_token(model: Transformer, plan: Plan, length: Floats, fused: NDArray[np.bool_]) -> Floats:
    """FLOP that recomputation adds, a token."""
    recompute = plan.word("recompute")
    attention = np.where((recompute == "selective") & ~fused, model.attention_flop_per_token(length), 0)
    return np.where(recompute == "full", model.layers_flop_per_token(length), attention)


def best_plan(
    model: Transformer,
    cluster: Cluster,
    *,
    batch_sequences: int,
    sequence_length: int | None = None,
    precision: Precision = "bf16",
    contexts: Sequence[int] = (1,),
) -> tuple[Plan, Step]:
    """Return the fastest of all plans that divide the machine and fit its memory, and its step.

    Fastest as `Step.fastest` says; where no plan fits, its `fits` is False. Tried: every way to split the machine into
    tensor (inside a node), pipeline, data and the `contexts` named (into how many parts each sequence may be split),
    every micro-batch and interleaving that divide, the three kinds of recomputation and of sharding. Raises ValueError
    where no plan divides machine, model and batch.

    >>> from compute_scaling.accelerator import accelerator
    >>> model = Transformer(layers=96, width=12_288, heads=96, vocabulary=51_200, context=2048)
    >>> plan, step = best_plan(model, Cluster(accelerator("H100 SXM"), 20_000), batch_sequences=10_000)
    >>> bool(step.fits), int(plan.accelerators)
    (True, 20000)
    """
    plans = all_plans(model, cluster, batch_sequences, contexts=contexts)
    step = step_time(
        model, cluster, plans, batch_sequences=batch_sequences, sequence_length=sequence_length, precision=precision
    )
    best = plans.at(step.fastest())
    return best, step_time(
        model, cluster, best, batch_sequences=batch_sequences, sequence_length=sequence_length, precision=precision
    )


def all_plans(model: Transformer, cluster: Cluster, batch_sequences: int, *, contexts: Sequence[int] = (1,)) -> Plan:
    """Return every plan that divides machine, model and batch, as one Plan of arrays.

    contexts: splits of each sequence to try; 1 leaves sequences whole. Sequence parallelism goes with tensor
    parallelism. Raises ValueError where there is none.
    """
    count = int(array(cluster.count))
    axes = (
        [n for n in _divisors(model.heads) if n <= cluster.accelerators_per_node],
        [n for n in range(1, model.layers + 1) if count % n == 0],
        contexts,
        _divisors(batch_sequences),
        range(1, model.layers + 1),
    )
    t, p, c, b, v = np.meshgrid(*(array(axis) for axis in axes), indexing="ij", sparse=True)
    divides = (count % (t * p * c) == 0) & (-(-model.layers // p) % v == 0)
    d = np.where(divides, count // (t * p * c), 1)
    found = np.nonzero(divides & (batch_sequences % (d * b) == 0))
    if not found[0].size:
        raise ValueError(
            f"count = {count}; expected one that tensor, pipeline and a divisor of {batch_sequences} sequences make up"
        )
    kinds = [pair.ravel() for pair in np.meshgrid(*(array(words) for words in CHOICES.values()), indexing="ij")]
    recompute, sharding = (np.tile(words, found[0].size) for words in kinds)
    t, p, c, b, v = (np.repeat(array(axis)[places], kinds[0].size) for axis, places in zip(axes, found, strict=True))
    d = count // (t * p * c)
    return Plan(
        tensor=t,
        pipeline=p,
        data=d,
        context=c,
        micro_batch=b,
        interleave=v,
        recompute=recompute,
        sharding=sharding,
        sequence_parallel=t > 1,
    )


def _divisors(number: int) -> list[int]:
    return [n for n in range(1, number + 1) if number % n == 0]
