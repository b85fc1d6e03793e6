"""Step times: predicted by `throughput`, measured by others (`data/step_times.csv`).

The three shares of `rates` are fitted on the tables of `FITTED`; every other table is held out. Where a publication
does not print a part of the plan, one rule fills it for all tables:

    interleave       the middle one of the divisors above 1 of a stage's layers
    micro_batch      1 with a pipeline; without one, the fastest power of two up to 16 that divides the batch
    recompute        none
    fused_attention  the habit of the chip's day, as `throughput` has it

What a publication prints - seconds, tokens per second, FLOP/s or MFU - is turned into seconds a step. The range of a
prediction comes from the other held-out tables: their mean error and its spread from table to table and row to row.
Plans that shard all weights (FSDP, ZeRO-3) are a group of their own: there software sets the pace, not the machine.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, Final, TypeAlias

import numpy as np
import pandas as pd
import scipy  # its parts load at first use: the core stays quick to import

from compute_scaling import data
from compute_scaling.accelerator import accelerator
from compute_scaling.checks import Floats
from compute_scaling.cluster import Cluster
from compute_scaling.plan import Plan
from compute_scaling.rates import LINK_SHARE, MEMORY_SHARE, NETWORK_SHARE, sustained
from compute_scaling.throughput import step_time
from compute_scaling.transformer import Transformer, architecture
from compute_scaling.validation.board import board, median_of_others, new_group_interval

Shares: TypeAlias = tuple[float, float, float]
SHARES: Final[Shares] = (MEMORY_SHARE, LINK_SHARE, NETWORK_SHARE)
FITTED: Final = ("narayanan-2021-t1", "korthikanti-2022-t5")
CAUSAL_FLOP: Final = ("llama-3-405b",)  # tables whose FLOP leave out the pairs of tokens that look ahead
MICRO_BATCHES: Final = (1, 2, 4, 8, 16)
SHAPE: Final = ("layers", "width", "heads", "kv_heads", "feed_forward", "vocabulary")


def rows() -> pd.DataFrame:
    """Return every comparable measurement with its prediction, 90 % range and baseline: the columns of `board`."""
    timed = predictions()
    low, high = _ranges(timed)
    return board(
        pd.DataFrame(
            {
                "table": timed["table_id"],
                "row": timed["measurement_id"],
                "quantity": "seconds a step",
                "unit": "s",
                "sample": np.where(timed["table_id"].isin(FITTED), "fitted", "held out"),
                "predicted": timed["predicted_s"],
                "low": timed["predicted_s"] * low,
                "high": timed["predicted_s"] * high,
                "measured": timed["measured_s"],
                "baseline": _baseline_s(timed),
                "source_id": timed["source_id"],
            }
        )
    )


def predictions(tables: Iterable[str] | None = None, shares: Shares = SHARES) -> pd.DataFrame:
    """Return the measurements that can be compared with `predicted_s`, `measured_s`, model FLOP and more.

    tables: only those. shares: of memory, links and network; those of `rates` by default.
    """
    table = data.load("step_times")
    table = table[table["left_out"].isna() & (table["table_id"].isin(list(tables)) if tables else True)]
    made = [_timed(row, shares) for row in table.to_dict("records")]
    return table.reset_index(drop=True).join(pd.DataFrame(made))


def for_new_machine(timed: pd.DataFrame) -> pd.DataFrame:
    """Return the held-out rows with two errors: `model_error`, and `guess_error` of a guess from elsewhere.

    timed: what `predictions` returns. The guess knows the chip's peak and how well others used theirs, nothing of the
    table itself: the median over all other tables, fitted ones too, of a table's median share of the peak. It answers
    what the baseline of `rows` cannot: what a machine will do that nobody has measured.

    >>> float(for_new_machine(predictions())[["model_error", "guess_error"]].median().round(1).iloc[0])
    0.1
    """
    share = timed["predicted_mfu"] * timed["predicted_s"] / timed["measured_s"]
    typical = share.groupby(timed["table_id"]).median()
    guess = timed["table_id"].map({name: typical.drop(name).median() for name in typical.index})
    errors = timed.assign(
        model_error=(timed["predicted_s"] / timed["measured_s"] - 1).abs(), guess_error=(share / guess - 1).abs()
    )
    return errors[~errors["table_id"].isin(FITTED)].reset_index(drop=True)


def fit_shares() -> Floats:
    """Return the shares of memory, links and network that fit the tables of `FITTED` best, by log of the seconds."""

    def misses(shares: Floats) -> Floats:
        timed = predictions(FITTED, (shares[0], shares[1], shares[2]))
        return np.log(timed["predicted_s"] / timed["measured_s"]).to_numpy()

    found = scipy.optimize.least_squares(misses, SHARES, bounds=(0.2, 1.0))
    return np.asarray(found.x)


def _ranges(timed: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """Low and high of measured over predicted for each row, from the other held-out tables of its group."""
    held = timed[~timed["table_id"].isin(FITTED)]
    low, high = pd.Series(np.nan, timed.index), pd.Series(np.nan, timed.index)
    for (table, whole), group in timed.groupby(["table_id", "shards_all"]):
        others = held[(held["table_id"] != table) & (held["shards_all"] == whole)]
        low[group.index], _, high[group.index] = range_of_new_table(others)
    return low, high


def range_of_new_table(timed: pd.DataFrame) -> Floats:
    """Return low, mid and high of measured over predicted seconds, for a row of a table not among these."""
    return np.exp(new_group_interval(np.log(timed["measured_s"] / timed["predicted_s"]), timed["table_id"]))


def _baseline_s(timed: pd.DataFrame) -> pd.Series:
    """Seconds a step at the median FLOP/s of the other rows of a table, per accelerator."""
    accelerators = timed["accelerators"].astype(float)
    rate = timed["model_flop"] / (timed["measured_s"] * accelerators)
    typical = rate.groupby(timed["table_id"]).transform(median_of_others)
    return timed["model_flop"] / (typical * accelerators)


def _timed(row: dict[str, Any], shares: Shares) -> dict[str, float | bool]:
    model = _model(row)
    chip, node = accelerator(row["accelerator"]), int(row["accelerators_per_node"])
    if pd.notna(row["node_network_bit_per_s"]):
        chip = replace(chip, scaleout_bit_per_s=row["node_network_bit_per_s"] / node)
    cluster = Cluster(chip, row["accelerators"], node)
    memory, link, network = shares
    rates = sustained(chip, row["precision"], memory_share=memory, link_share=link, network_share=network)
    steps = [
        step_time(
            model,
            cluster,
            plan,
            batch_sequences=row["batch_sequences"],
            sequence_length=row["sequence_length"],
            precision=row["precision"],
            rates=rates,
        )
        for plan in _plans(row, model)
    ]
    step = min(steps, key=lambda step: float(step.seconds))
    tokens = row["batch_sequences"] * row["sequence_length"]
    return {
        "predicted_s": float(step.seconds),
        "measured_s": _measured_s(row, model, tokens, float(cluster.peak_flop_per_s(row["precision"]))),
        "predicted_mfu": float(step.mfu),
        "model_flop": float(model.training_flop_per_token(row["sequence_length"]) * tokens),
        "shards_all": row["sharding"] == "full",
    }


def _model(row: dict[str, Any]) -> Transformer:
    if pd.notna(row["architecture"]):
        return architecture(row["architecture"])
    shape: dict[str, Any] = {name: int(row[name]) for name in SHAPE}
    gated = bool(row["gated"])
    return Transformer(
        **shape, gated=gated, biases=not gated, tied_embedding=not gated, context=int(row["sequence_length"])
    )


def _plans(row: dict[str, Any], model: Transformer) -> list[Plan]:
    """Return the plan of a row; several where the micro-batch was not printed and may be chosen."""
    stage = -(-model.layers // int(row["pipeline"]))
    replicas = row["data"]
    free = [size for size in MICRO_BATCHES if row["batch_sequences"] % (replicas * size) == 0]
    micro = [row["micro_batch"]] if pd.notna(row["micro_batch"]) else free if row["pipeline"] == 1 else [1]
    interleave = (
        row["interleave"] if pd.notna(row["interleave"]) else _middle_divisor(stage) if row["pipeline"] > 1 else 1
    )
    return [
        Plan(
            tensor=row["tensor"],
            pipeline=row["pipeline"],
            data=replicas,
            context=row["context"],
            micro_batch=size,
            interleave=interleave,
            recompute=row["recompute"] if pd.notna(row["recompute"]) else "none",
            sequence_parallel=bool(row["sequence_parallel"]),
            sharding=row["sharding"],
            fused_attention=bool(row["fused_attention"]) if pd.notna(row["fused_attention"]) else None,
            overlap_tensor=bool(row["overlap_tensor"]),
        )
        for size in micro
    ]


def _middle_divisor(number: int) -> int:
    divisors = [n for n in range(2, number + 1) if number % n == 0] or [1]
    return divisors[(len(divisors) - 1) // 2]


def _measured_s(row: dict[str, Any], model: Transformer, tokens: float, peak_flop_per_s: float) -> float:
    """Return what was printed, in seconds a step."""
    if pd.notna(row["step_s"]):
        return float(row["step_s"])
    if pd.notna(row["tokens_per_s_per_accelerator"]):
        return float(tokens / (row["tokens_per_s_per_accelerator"] * row["accelerators"]))
    if pd.notna(row["tokens_per_s_total"]):
        return float(tokens / row["tokens_per_s_total"])
    length = row["sequence_length"]
    flop = model.training_flop_per_token(length, causal=row["table_id"] in CAUSAL_FLOP)
    if row["flop_convention"] == "hardware":
        flop = flop + model.layers_flop_per_token(length)
    rate = row["achieved_flop_per_s"] * row["accelerators"]
    return float(flop * tokens / (rate if pd.notna(rate) else row["mfu"] * peak_flop_per_s))
