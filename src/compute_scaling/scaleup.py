"""Scale-up: machines larger than any that exists, put together from the parts of the book that were validated.

A machine of n H100s gets the run that is made for it: the compute-optimal model that it would train in `RUN_DAYS` at
`NOMINAL` of its peak, in the shape of today's models (`shaped`). Then its step is timed under the best plan
(`throughput`), its failures counted (`failure_rates`, `reliability`), its power and its bill (`energy`, `cost`) added.

Nothing here can be checked against a machine of such a size, for there is none. `REACH` says how far each part was.
"""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from compute_scaling import data
from compute_scaling.accelerator import REFERENCE, accelerator
from compute_scaling.checks import Floats, positive
from compute_scaling.cluster import Cluster
from compute_scaling.cost import capital_cost_usd
from compute_scaling.energy import WATTS_PER_MW, facility_power_w, server_factor
from compute_scaling.failure_rates import published_rates
from compute_scaling.inputs import published, server_usd
from compute_scaling.outlook import chip_day_usd, failure_free_hours
from compute_scaling.reader import Reader
from compute_scaling.reliability import goodput
from compute_scaling.throughput import best_plan
from compute_scaling.transformer import Transformer
from compute_scaling.units import SECONDS_PER_DAY
from compute_scaling.walls import (
    AT_PARAMETERS,
    LAYER_EXPONENT,
    LAYERS,
    TOKENS_PER_PARAMETER,
    inputs_on,
    run_flop,
    text_flop,
)

COUNTS: Final = tuple(2**power for power in range(13, 24))  # 8,192 to 8,388,608: plans must divide the machine
MILLION: Final = 2**20
SEQUENCE: Final = 8_192  # tokens
BATCHES: Final = (2_048, 8_192, 32_768)  # sequences: 17, 67 and 268 million tokens
NODES: Final = (8, 64)  # chips on fast links: today's servers; a rack, counted as the power of two below its 72
CONTEXTS: Final = (1, 2, 4, 8, 16, 32)  # ways to split a sequence; Llama 3 used up to 16
RUN_DAYS: Final = 90  # three months, as in Erdil and Schneider-Joseph 2024
NOMINAL: Final = 0.4
HEAD: Final = 128  # numbers of an attention head
WIDTH_STEP: Final = 32 * HEAD
LAYER_STEP: Final = 16
PER_LAYER: Final = 12  # parameters of a layer over its width squared: 4 of attention, 8 of the rest
VOCABULARY: Final = 131_072
PARTS: Final = ("compute", "recompute", "tensor", "context", "bubble", "pipeline", "data", "optimiser")
CHECKPOINT_S: Final = 0.04  # stall for a copy to the memory of peers: ByteRobust 2025, the upper end
STOP_ALL, STOP_ONE = "stop time, all replicas stop", "stop time, one replica stops"


def shaped(parameters: float) -> Transformer:
    """Return a transformer of about so many parameters, with layers as `walls` scales them from Llama 3.1 405B.

    Width is a multiple of 4,096 and layers of 16, so that plans can divide them.

    >>> model = shaped(405e9)
    >>> model.layers, model.width, round(model.parameters / 1e9)
    (128, 16384, 414)
    """
    wished = LAYERS * (float(positive("parameters", parameters)) / AT_PARAMETERS) ** LAYER_EXPONENT
    width = WIDTH_STEP * max(1, round(np.sqrt(parameters / (PER_LAYER * wished)) / WIDTH_STEP))
    layers = LAYER_STEP * max(1, round(parameters / (PER_LAYER * width**2) / LAYER_STEP))
    return Transformer(
        layers=layers, width=width, heads=width // HEAD, vocabulary=VOCABULARY, context=SEQUENCE, feed_forward=4 * width
    )


def made_for(accelerators: ArrayLike) -> tuple[Floats, Floats]:
    """Return parameters and tokens of the run that is made for a machine; arguments broadcast.

    >>> parameters, tokens = made_for(1_000_000)
    >>> f"{parameters:.1e}", f"{tokens:.0e}"
    ('5.1e+12', '1e+14')
    """
    flop = run_flop(accelerators, days=RUN_DAYS, utilisation=NOMINAL)
    parameters = np.sqrt(flop / text_flop(1, tokens_per_parameter=1) / TOKENS_PER_PARAMETER)
    return parameters, TOKENS_PER_PARAMETER * parameters


def steps(
    counts: Sequence[int] = COUNTS, *, batches: Sequence[int] = BATCHES, nodes: Sequence[int] = NODES
) -> pd.DataFrame:
    """Return the step of each machine under its best plan, a row a machine, batch (sequences) and node.

    Columns: `accelerators`, `batch_tokens`, `node`; `parameters`, `layers` and `tokens` of the run; the plan's
    `tensor_split`, `pipeline_split`, `context_split` and `replicas` (copies of the model); `seconds` with its 90 %
    range `low_s` to `high_s`; `mfu` with `mfu_low` and `mfu_high`; the share of each of `PARTS`; `flop`, what the run
    reaches in `RUN_DAYS` without failures, and `days` that all of it would take.

    >>> small = steps([8_192], batches=[2_048], nodes=[8]).iloc[0]
    >>> bool(0.4 < small["mfu"] < 0.5)
    True
    """
    chip = accelerator(REFERENCE)
    rows = [
        _step(Cluster(chip, count, node), batch) for count in counts for node in nodes for batch in batches
    ]  # fmt: skip
    return pd.DataFrame(rows)


def _step(cluster: Cluster, batch: int) -> dict[str, Any]:
    count = int(np.asarray(cluster.count))
    parameters, tokens = (float(value) for value in made_for(count))
    model = shaped(parameters)
    plan, step = best_plan(model, cluster, batch_sequences=batch, contexts=CONTEXTS)
    seconds, mfu = float(step.seconds), float(step.mfu)
    reached = float(run_flop(count, days=RUN_DAYS, utilisation=mfu))
    row = {
        "accelerators": count, "batch_tokens": float(batch * SEQUENCE), "node": cluster.accelerators_per_node,
        "parameters": parameters, "layers": model.layers, "tokens": tokens, "tensor_split": plan.tensor,
        "pipeline_split": plan.pipeline, "context_split": plan.context, "replicas": plan.data, "fits": bool(step.fits),
        "seconds": seconds, "low_s": float(step.low_s), "high_s": float(step.high_s), "mfu": mfu,
        "mfu_low": mfu * seconds / float(step.high_s), "mfu_high": mfu * seconds / float(step.low_s),
    }  # fmt: skip
    row |= {part: float(getattr(step, f"{part}_s")) / seconds for part in PARTS}
    return row | {"flop": reached, "days": tokens / float(step.tokens_per_s) / SECONDS_PER_DAY}


def machines(reader: Reader, table: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of `steps` with failures, power and bill, as a reader knows the inputs.

    Added: `hours` between failures with `hours_low` and `hours_high` (90 %); `useful_all`, the share of the time that
    counts where each failure stops the whole machine, and `useful_one`, where it stops one copy of the model only;
    `power_mw` of the site at its peak; `capital_usd` of the hardware; `bill_usd` of the chips used up in `RUN_DAYS`,
    with electricity. And over what there is today: `power`, over the largest site; `chips`, over the share of all that
    one run gets; `text`, the tokens over the stock; `movement`, half of the smallest machine's utilisation over
    this one's; `failures`, one half over `useful_all`. Above 1 is a wall passed.
    """
    per_chip = failure_free_hours(reader, 1.0)
    low, mid, high = (np.quantile(per_chip, level) for level in (0.05, 0.5, 0.95))
    count = table["accelerators"].astype(float)
    stops = reader.table("reliability").assign(name=lambda rows: rows["quantity"] + ", " + rows["item"])
    stop_s = stops.set_index("name")["value"]
    chip, now = accelerator(REFERENCE), inputs_on(reader, reader.as_of)
    watts = facility_power_w(
        1, tdp_w=chip.tdp_w, pue=published("PUE", reader.as_of).ppf(np.array(0.5))[()],
        server_factor=server_factor(REFERENCE, reader.as_of),
    )  # fmt: skip
    price = float(server_usd(pd.Series([REFERENCE]), reader.as_of, level=np.array([0.5]))[0, 0])
    found = table.assign(
        hours=mid / count, hours_low=low / count, hours_high=high / count,
        useful_all=goodput(mid / count, checkpoint_s=CHECKPOINT_S, restart_s=float(stop_s[STOP_ALL])),
        useful_one=goodput(
            mid / count * table["replicas"], checkpoint_s=CHECKPOINT_S, restart_s=float(stop_s[STOP_ONE])
        ),
        power_mw=count * watts / WATTS_PER_MW, capital_usd=capital_cost_usd(count, server_usd=price),
        bill_usd=count * RUN_DAYS * float(np.median(chip_day_usd(reader, {})["usd"])),
    )  # fmt: skip
    smallest = table.sort_values("accelerators").groupby(["batch_tokens", "node"])["mfu"].transform("first")
    return found.assign(
        power=found["power_mw"] / float(np.median(now["power_mw"])),
        chips=count / float(np.median(now["chips"] * now["share"])),
        text=found["tokens"] / float(np.median(now["tokens"])),
        movement=smallest / 2 / found["mfu"],
        failures=0.5 / found["useful_all"],
    )


def largest_at_half(table: pd.DataFrame) -> pd.DataFrame:
    """Return, for each batch and node of `steps`, how far machines scale: the data-movement wall of our own step model.

    Columns: `batch_tokens`, `node`; `accelerators` and `flop` of the largest machine that keeps half of the smallest
    one's utilisation; `most`, the most FLOP that any machine of them reaches in `RUN_DAYS`, and `most_at`, its size.
    """
    rows = []
    for (batch, node), group in table.sort_values("accelerators").groupby(["batch_tokens", "node"]):
        kept = group[group["mfu"] >= group["mfu"].iloc[0] / 2].iloc[-1]
        best = group.loc[group["flop"].idxmax()]
        rows.append({"batch_tokens": batch, "node": node, "accelerators": kept["accelerators"], "flop": kept["flop"],
                     "most": best["flop"], "most_at": best["accelerators"]})  # fmt: skip
    return pd.DataFrame(rows)


def reach() -> pd.DataFrame:
    """Return how large a machine each part was checked on: `part`, `accelerators`, `sources`, and `times` to a million.

    >>> reach().set_index("part").loc["step time", "times"].item()
    64.0
    """
    power = data.load("clusters").dropna(subset=["power_mw"])
    parts = {
        "step time": data.load("step_times"),
        "failures": published_rates(),
        "power and cost": power[power["accelerator"] == REFERENCE].rename(columns={"count": "accelerators"}),
    }
    rows = [{"part": part, **_largest(table)} for part, table in parts.items()]
    return pd.DataFrame(rows).assign(times=lambda table: MILLION / table["accelerators"])


def _largest(rows: pd.DataFrame) -> dict[str, Any]:
    size = rows["accelerators"].astype(float)
    sources = rows.loc[size == size.max(), "source_id"]
    return {"accelerators": float(size.max()), "sources": ", ".join(sorted(set(sources)))}
