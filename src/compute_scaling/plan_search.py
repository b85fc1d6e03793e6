"""Plan search: the best use of a machine of any size for a batch of at most so many sequences.

`throughput.best_plan` asks for plans that divide machine and batch without rest; whether there is a good one then hangs
on the factors of two numbers. Here a plan may leave accelerators idle and make the batch smaller, as those who train
do: of `count` accelerators it uses tensor x pipeline x data, with as many replicas as fit, and each replica gets a
whole number of micro-batches. What stands idle counts as lost:

    1 = mfu + below the peak + recompute + tensor + bubble + pipeline + data + optimiser + idle

as shares of the machine's peak over the time of a step.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from compute_scaling.accelerator import Accelerator, Precision
from compute_scaling.checks import positive
from compute_scaling.cluster import Cluster
from compute_scaling.plan import Plan
from compute_scaling.rates import Rates
from compute_scaling.throughput import Step, step_time
from compute_scaling.transformer import Transformer

MICRO_BATCHES: Final = (1, 2, 4, 8)
CONTEXTS: Final = (1, 2, 4, 8)
MOST_PIECES: Final = 16  # of interleaving: published plans stay below
RECOMPUTE: Final = ("none", "full")
SHARDING: Final = ("optimizer", "full")
MICRO_RULES: Final = ("all", "whole groups", "one group")
WEIGHTS_PER_LAYER: Final = 12  # times the width squared, of a GPT: Narayanan et al. 2021, equation 2
WIDTH_PER_LAYER: Final = 200
HEAD_WIDTH: Final = 160
EIGHT: Final = 8  # so that tensor parallelism of a node divides the heads
VOCABULARY: Final = 51_200
CONTEXT: Final = 4096
PLAN_COLUMNS: Final = ("tensor", "pipeline", "context", "data", "micro_batch", "interleave", "recompute")
LOST: Final = ("below_peak", "recompute", "tensor", "bubble", "pipeline", "data", "optimiser", "idle")


@dataclass(frozen=True)
class Use:
    """A plan on a machine that may be larger than the plan, and what becomes of the machine's peak.

    count: accelerators of the machine; accelerators: those that the plan uses. batch_sequences: of the step.
    mfu, low, high: share of the whole machine's peak, and its 90 % range. shares: `mfu` and what is `LOST`; they add up
    to 1. tried, fitting: plans compared, and those among them whose memory fits.
    """

    plan: Plan
    step: Step
    count: int
    accelerators: int
    batch_sequences: int
    mfu: float
    low: float
    high: float
    shares: dict[str, float]
    tried: int
    fitting: int


def best_use(
    model: Transformer,
    cluster: Cluster,
    *,
    batch_sequences: float,
    sequence_length: float | None = None,
    precision: Precision = "bf16",
    rates: Rates | None = None,
    contexts: Sequence[int] = CONTEXTS,
) -> Use:
    """Return the plan that trains most tokens a second on at most the cluster, with at most so many sequences a step.

    Most as `throughput.Step.fastest` says; arguments as for `throughput.best_plan`, `rates` as for
    `throughput.step_time`. Where no plan fits the memory, the one that needs least is returned and its step says so.
    Raises ValueError where no plan has a micro-batch for each replica.

    >>> from compute_scaling.accelerator import accelerator
    >>> model = Transformer(layers=96, width=12_288, heads=96, vocabulary=51_200, context=2048)
    >>> use = best_use(model, Cluster(accelerator("H100 SXM"), 20_011), batch_sequences=10_000)
    >>> use.accelerators, bool(use.step.fits), round(sum(use.shares.values()), 6)
    (20000, True, 1.0)
    """
    plans, batches = plans_within(model, cluster, batch_sequences, contexts=contexts)

    def timed(plan: Plan, batch: ArrayLike) -> Step:
        machine = replace(cluster, count=plan.accelerators)
        return step_time(
            model, machine, plan, batch_sequences=batch, sequence_length=sequence_length, precision=precision,
            rates=rates,
        )  # fmt: skip

    steps = timed(plans, batches)
    best = steps.fastest(batches)
    plan, batch = plans.at(best), int(batches[best])
    step, count = timed(plan, batch), int(np.asarray(cluster.count))
    used = float(plan.accelerators) / count
    mfu = float(step.mfu) * used
    return Use(
        plan=plan, step=step, count=count, accelerators=int(plan.accelerators), batch_sequences=batch, mfu=mfu,
        low=mfu * float(step.seconds / step.high_s), high=mfu * float(step.seconds / step.low_s),
        shares={"mfu": mfu} | _lost(step, used), tried=len(batches), fitting=int(steps.fits.sum()),
    )  # fmt: skip


def plans_within(
    model: Transformer, cluster: Cluster, batch_sequences: float, *, contexts: Sequence[int] = CONTEXTS
) -> tuple[Plan, NDArray[np.int_]]:
    """Return every plan of at most the cluster's size, as one Plan of arrays, and the sequences of its batch.

    Tensor parallelism divides a node and the heads; of pipelines whose fullest stage has the same layers, the shortest
    is tried; there are as many replicas as the machine holds, and each gets as many micro-batches as the batch has for
    it, or, where the pipeline is interleaved, the largest multiple of its stages, or just one for each stage.
    contexts: ways of splitting a sequence. Left out: splitting several sequences at once, which is the work of one with
    more traffic; recomputing scores alone, which fused attention makes needless; an optimiser kept whole, which takes
    more memory and is never faster. Raises ValueError where no plan has a micro-batch for each replica.

    >>> from compute_scaling.accelerator import accelerator
    >>> model = Transformer(layers=2, width=1024, heads=8, vocabulary=1000, context=128)
    >>> plans, batches = plans_within(model, Cluster(accelerator("H100 SXM"), 17), 100, contexts=(1,))
    >>> sorted(set((plans.tensor * plans.pipeline * plans.data).tolist())), int(batches.max())
    ([16, 17], 100)
    """
    count, most = int(np.asarray(cluster.count)), int(positive("batch_sequences", batch_sequences))
    node = cluster.accelerators_per_node
    tensors = [t for t in range(1, node + 1) if model.heads % t == 0 and node % t == 0]
    depths = {-(-model.layers // p): p for p in range(model.layers, 0, -1)}  # layers of a stage: the fewest stages
    stages, pieces = sorted(depths.values()), range(1, min(MOST_PIECES, model.layers) + 1)
    axes = [
        np.array(axis)
        for axis in (tensors, stages, contexts, MICRO_BATCHES, pieces, RECOMPUTE, SHARDING, range(len(MICRO_RULES)))
    ]
    places = np.meshgrid(*(np.arange(len(axis)) for axis in axes), indexing="ij", sparse=True)
    t, p, c, b, v, recompute, sharding, rule = (axis[place] for axis, place in zip(axes, places, strict=True))
    d = count // (t * p * c)
    m = most // (np.maximum(d, 1) * b)
    groups = np.where(rule == 0, m, np.where(rule == 1, m // p * p, p))
    shape = np.broadcast_shapes(*(place.shape for place in places))
    divides = (-(-model.layers // p) % v == 0) & (d >= 1) & ((b == 1) | (c == 1))
    good = np.broadcast_to(divides & (groups >= 1) & (groups <= m) & ((rule == 0) | (v > 1)), shape)
    if not good.any():
        raise ValueError(f"batch_sequences = {most}; expected a micro-batch or more for each replica of a plan")
    t, p, c, b, v, recompute, sharding, d, m = (
        np.broadcast_to(axis, shape)[good] for axis in (t, p, c, b, v, recompute, sharding, d, groups)
    )
    plan = Plan(
        tensor=t, pipeline=p, data=d, context=c, micro_batch=b, interleave=v, recompute=recompute, sharding=sharding,
        sequence_parallel=t > 1,
    )  # fmt: skip
    return plan, d * b * m


def dense_model(parameters: float, *, context: int = CONTEXT) -> Transformer:
    """Return a GPT of about so many parameters: the shapes of Megatron's largest, scaled.

    Layers in eights and width in `HEAD_WIDTH` times eight, 200 of width for each layer: 529.6 and 1,008 billion
    parameters are 105 and 128 layers of width 20,480 and 25,600 in Narayanan et al. 2021
    (https://arxiv.org/abs/2104.04473), Table 1. Raises ValueError for parameters not above 0.

    >>> model = dense_model(1e12)
    >>> model.layers, model.width, model.heads, round(model.parameters / 1e9)
    (128, 25600, 160, 1008)
    >>> round(dense_model(2e12).parameters / 1e9)
    1968
    """
    wanted = float(positive("parameters", parameters)) / WEIGHTS_PER_LAYER
    layers = max(1, round((wanted / WIDTH_PER_LAYER**2) ** (1 / 3) / EIGHT)) * EIGHT
    heads = max(1, round((wanted / layers) ** 0.5 / (HEAD_WIDTH * EIGHT))) * EIGHT
    return Transformer(layers=layers, width=heads * HEAD_WIDTH, heads=heads, vocabulary=VOCABULARY, context=context)


def _lost(step: Step, used: float) -> dict[str, float]:
    """Return what of the machine's peak is lost to what."""
    seconds = {
        "below_peak": step.compute_s - step.mfu * step.seconds, "recompute": step.recompute_s,
        "tensor": step.tensor_s + step.context_s, "bubble": step.bubble_s, "pipeline": step.pipeline_s,
        "data": step.data_s, "optimiser": step.optimiser_s,
    }  # fmt: skip
    return {name: float(value / step.seconds) * used for name, value in seconds.items()} | {"idle": 1 - used}


def sweep(
    models: Mapping[str, Transformer], counts: Sequence[int], batch_tokens: Sequence[int], *, chip: Accelerator
) -> pd.DataFrame:
    """Return the best use of every machine size by every model and batch, one a row.

    counts: accelerators. batch_tokens: of a step at most, in sequences of the model's context. Columns: `model`,
    `count`, `batch_tokens` (at most), `mfu`, `low`, `high`, `lost_...` for what is `LOST`, the plan's `tensor`,
    `pipeline`, `context`, `data`, `micro_batch`, `interleave` and `recompute`, `used` (accelerators), `tokens` (of the
    step), `seconds`, `hfu` (of the whole machine), `memory_bytes`, `fits`, `tried`, `fitting`.

    >>> from compute_scaling.accelerator import accelerator
    >>> table = sweep({"GPT-3": dense_model(175e9)}, [1_000, 10_000], [2**22], chip=accelerator("H100 SXM"))
    >>> table["mfu"].is_monotonic_decreasing, bool(table["fits"].all())
    (True, True)
    """
    rows = []
    for (name, model), tokens, count in product(models.items(), batch_tokens, counts):
        use = best_use(model, Cluster(chip, count), batch_sequences=tokens / model.context)
        plan, step = use.plan, use.step
        rows.append(
            {"model": name, "count": count, "batch_tokens": tokens}
            | {"mfu": use.mfu} | {f"lost_{name}": use.shares[name] for name in LOST}
            | {"low": use.low, "high": use.high}
            | {field: getattr(plan, field) for field in PLAN_COLUMNS}
            | {
                "used": use.accelerators, "tokens": use.batch_sequences * model.context,
                "seconds": float(step.seconds), "hfu": float(step.hfu) * use.accelerators / count,
                "memory_bytes": float(step.memory_bytes), "fits": bool(step.fits), "tried": use.tried,
                "fitting": use.fitting,
            }
        )  # fmt: skip
    return pd.DataFrame(rows)
