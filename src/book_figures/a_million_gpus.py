"""The figures of chapter 14 on machines: a step, a run and a bill from ten thousand chips to millions."""

from functools import lru_cache
from typing import Any, Final

import numpy as np
import pandas as pd

from book_figures import charts, how_far, numbers
from book_figures.charts_curves import curves
from book_figures.figure import Control, Figure, Readout, figure
from book_figures.texts import tr, tr_all
from book_figures.theme import BLUE, GREEN, GREY, PINK
from compute_scaling import scaleup, walls

DEFAULT_BATCH: Final = 8_192 * scaleup.SEQUENCE
DEFAULT_NODE: Final = 8
PARTS: Final = {
    "arithmetic and the memory it waits for": ("compute",),
    "computed twice": ("recompute",),
    "messages inside a layer": ("tensor", "context"),
    "waiting in the pipeline": ("bubble",),
    "messages between copies and stages": ("pipeline", "data", "optimiser"),
}
NODES: Final = {"8": "8 chips on fast links, a server of 2024", "64": "64 chips on fast links, about a rack"}
IDEAL: Final = "if utilisation stayed"
SHOWN: Final = tuple(2**power for power in (13, 14, 17, 18, 20, 22, 23))
COLUMNS: Final = {
    "accelerators": "H100s", "node": "chips on fast links", "batch_tokens": "tokens a step", "layers": "layers",
    "parameters": "parameters", "mfu": "share of the peak", "mfu_low": "low", "mfu_high": "high",
    "flop": "FLOP in three months",
}  # fmt: skip
SOURCES: Final = "llama-3-herd-2024, nvidia-h100-datasheet"
OVER: Final = {
    "power": "power", "chips": "chips", "text": "text", "movement": "data movement", "failures": "failures"
}  # fmt: skip


@lru_cache
def steps() -> pd.DataFrame:
    """Return `scaleup.steps`, computed once.

    >>> len(steps()) == len(scaleup.COUNTS) * len(scaleup.BATCHES) * len(scaleup.NODES)
    True
    """
    return scaleup.steps()


@lru_cache
def machines() -> pd.DataFrame:
    """Return `scaleup.machines` as a reader of today knows the inputs."""
    return scaleup.machines(how_far.reader("now"), steps())


def batch_words(tokens: float) -> str:
    """Return the tokens of a step in words.

    >>> batch_words(DEFAULT_BATCH)
    '67 million tokens'
    """
    return tr("{millions} million tokens", millions=numbers.significant(tokens / 1e6, 2 if tokens < 1e8 else 3))


def batches() -> dict[str, str]:
    """Return the batches as choices: tokens -> words."""
    return {str(batch * scaleup.SEQUENCE): batch_words(batch * scaleup.SEQUENCE) for batch in scaleup.BATCHES}


def at(accelerators: int, *, batch: float = DEFAULT_BATCH, node: int = DEFAULT_NODE) -> "pd.Series[Any]":
    """Return the row of `machines` of a machine, a batch in tokens and a node."""
    rows = machines()
    found = rows[(rows["accelerators"] == accelerators) & (rows["batch_tokens"] == batch) & (rows["node"] == node)]
    return found.iloc[0]


def size_chooser() -> Figure:
    """Return the figure: where the time of a step goes, on a machine to choose, with a sentence on the whole run."""
    rows = machines().assign(
        step=lambda table: table["accelerators"].map(list(scaleup.COUNTS).index),
        batch=lambda table: table["batch_tokens"].astype(int).astype(str),
        servers=lambda table: table["node"].astype(str),
    )
    pieces = []
    for name, parts in PARTS.items():
        share = rows[list(parts)].sum(axis=1)
        label = [f"{tr(name)}: {numbers.chance(value) if value else numbers.percent(0)}" for value in share]
        pieces.append(
            rows[["step", "batch", "servers", "accelerators"]].assign(entity=tr(name), share=share, label=label)
        )
    table = pd.concat(pieces, ignore_index=True)
    percent = (100 * table["share"]).round(4)
    plotted = table[["step", "batch", "servers", "entity", "label"]].assign(
        owner="", low=percent, mid=percent, high=percent, sources=""
    )
    chosen = (table["batch"] == str(DEFAULT_BATCH)) & (table["servers"] == str(DEFAULT_NODE))
    default = table[chosen & (table["accelerators"] == scaleup.MILLION)]
    return figure(
        charts.ranked_bars(
            plotted,
            value_title="share of the time of a step, percent",
            rows=len(PARTS),
            most=100,
            keep="datum.step === size && datum.batch === batch && datum.servers === servers",
        ),
        name="fig-where-time-goes",
        caption=tr(
            "On small machines most of a step is arithmetic. Move to millions of chips and that part shrinks: "
            "the chips wait. A larger batch, or more chips on fast links, moves the point where that begins."
        ),
        alt_text=_parts_alt(default),
        table=_parts_table(table[chosen]),
        controls=[
            Control(
                "size", tr("H100s"), {str(count): numbers.count(count) for count in scaleup.COUNTS},
                str(scaleup.MILLION), slider=True,
            ),
            Control("batch", tr("A step takes"), batches(), str(DEFAULT_BATCH)),
            Control("servers", tr("Servers"), tr_all(NODES), str(DEFAULT_NODE)),
        ],
        readout=Readout(
            pd.DataFrame(
                {
                    "size": rows["step"], "batch": rows["batch"], "servers": rows["servers"],
                    "text": [sentence(row) for _, row in rows.iterrows()],
                }
            )
        ),
    )  # fmt: skip


def sentence(row: "pd.Series[Any]") -> str:
    """Return the readout of a machine: utilisation, the run, failures, power and bill."""
    return tr(
        "{size} H100s use {mfu} of their peak ({span}). {days} days give {flop}, if nothing fails; a failure comes "
        "every {hours}. The site draws {power}, the chips cost {capital} and the run {bill}.",
        size=numbers.count(row["accelerators"]), mfu=numbers.percent(row["mfu"]),
        span=numbers.span(numbers.percent(row["mfu_low"]), numbers.percent(row["mfu_high"])),
        days=scaleup.RUN_DAYS, flop=how_far.flop(row["flop"]), hours=numbers.duration(row["hours"]),
        power=numbers.with_prefix(row["power_mw"] * 1e6, "W"), capital=numbers.usd(row["capital_usd"]),
        bill=numbers.usd(row["bill_usd"]),
    )  # fmt: skip


def _parts_alt(rows: pd.DataFrame) -> str:
    first = rows.sort_values("share", ascending=False)
    parts = ", ".join(f"{row['entity']} {numbers.percent(row['share'])}" for _, row in first.iterrows())
    return tr(
        "Bar chart of where a step's time goes on {size} H100s with {batch} a step and servers of {node}: {parts}.",
        size=numbers.count(scaleup.MILLION), batch=batch_words(DEFAULT_BATCH), node=DEFAULT_NODE, parts=parts,
    )  # fmt: skip


def _parts_table(rows: pd.DataFrame) -> pd.DataFrame:
    wide = rows.pivot_table(index="accelerators", columns="entity", values="share")[[tr(name) for name in PARTS]]
    shown = wide.map(numbers.percent).reset_index()
    return shown.rename(columns={"accelerators": tr("H100s")}).assign(
        **{
            "tokens a step": batch_words(DEFAULT_BATCH),
            "chips on fast links": DEFAULT_NODE,
            "sources": SOURCES,
        }
    )


def more_chips() -> Figure:
    """Return the figure: what three months give on machines of all sizes, by batch, with ranges."""
    table = steps().assign(servers=lambda rows: rows["node"].astype(str))
    names = {batch * scaleup.SEQUENCE: batch_words(batch * scaleup.SEQUENCE) for batch in scaleup.BATCHES}
    lines = pd.DataFrame(
        {
            "x": table["accelerators"].astype(float), "y": table["flop"],
            "low": table["flop"] * table["mfu_low"] / table["mfu"],
            "high": table["flop"] * table["mfu_high"] / table["mfu"],
            "series": table["batch_tokens"].map(names), "servers": table["servers"],
        }
    ).sort_values("series", key=lambda column: column.map(list(names.values()).index), kind="stable")  # fmt: skip
    counts = np.array(scaleup.COUNTS, dtype=float)
    ideal = walls.run_flop(counts, days=scaleup.RUN_DAYS, utilisation=scaleup.NOMINAL)
    ideals = pd.concat(
        [
            pd.DataFrame({"x": counts, "y": ideal, "low": ideal, "high": ideal, "series": tr(IDEAL), "servers": node})
            for node in NODES
        ]
    )
    shown = table[table["node"] == DEFAULT_NODE]
    return figure(
        curves(
            pd.concat([lines, ideals], ignore_index=True),
            x_title="H100s (log scale)", y_title="FLOP in three months (log scale)",
            keep="datum.servers === links", x_log=True, y_log=True, y_format=charts.SCIENTIFIC,
            line=(float(scaleup.MILLION), tr("a million")), line_axis="x",
            colours=(BLUE, GREEN, PINK, GREY),
        ),
        name="fig-more-chips",
        caption=tr(
            "Where a line goes flat, more chips give nothing. Bands are the 90 % ranges of the step model, which was "
            "checked on no more than a small part of the way; the grey line is what a constant share of the peak gives."
        ),
        alt_text=_more_alt(shown),
        table=table[list(COLUMNS)].assign(
            batch_tokens=table["batch_tokens"].map(names),
            mfu=[numbers.percent(value) for value in table["mfu"]],
            mfu_low=[numbers.percent(value) for value in table["mfu_low"]],
            mfu_high=[numbers.percent(value) for value in table["mfu_high"]],
            sources=SOURCES,
        )
        .rename(columns=COLUMNS),
        controls=[Control("links", tr("Servers"), tr_all(NODES), str(DEFAULT_NODE))],
        readout=Readout(pd.DataFrame({"links": list(NODES), "text": [most_sentence(int(node)) for node in NODES]})),
    )  # fmt: skip


def most_sentence(node: int) -> str:
    """Return the readout of a kind of server: up to which size half of the utilisation is kept, by batch."""
    kept = scaleup.largest_at_half(steps())
    rows = kept[kept["node"] == node]
    last = max(scaleup.COUNTS)
    parts = [
        tr(
            "{size} with {batch}" if row["accelerators"] < last else "{size} or more with {batch}",
            size=numbers.count(row["accelerators"]), batch=batch_words(row["batch_tokens"]),
        )
        for _, row in rows.iterrows()
    ]  # fmt: skip
    return tr(
        "Machines keep at least half of a small machine's utilisation up to these sizes: {parts} a step.",
        parts="; ".join(parts),
    )


def _more_alt(rows: pd.DataFrame) -> str:
    parts = []
    for batch, group in rows.groupby("batch_tokens"):
        by_size = group.set_index("accelerators")
        parts.append(
            tr(
                "{batch} a step: {first} of the peak on {small} chips, {last} on {large}",
                batch=batch_words(float(str(batch))), first=numbers.percent(by_size["mfu"].iloc[0]),
                small=numbers.count(by_size.index[0]), last=numbers.percent(by_size.at[scaleup.MILLION, "mfu"]),
                large=numbers.count(scaleup.MILLION),
            )
        )  # fmt: skip
    return tr("Line chart of what three months give against the number of H100s. {parts}.", parts="; ".join(parts))


# -------------------------------------------------------------------------------------------------------------- tables


def one_table() -> pd.DataFrame:
    """Return machines of all sizes on one table, in servers of 2024: from the step to the walls they pass."""
    rows = machines()
    rows = rows[(rows["batch_tokens"] == DEFAULT_BATCH) & (rows["node"] == DEFAULT_NODE)]
    rows = rows[rows["accelerators"].isin(SHOWN)]
    return pd.DataFrame(
        {
            "H100s": [numbers.count(value) for value in rows["accelerators"]],
            "share of peak": [numbers.percent(value) for value in rows["mfu"]],
            "failure every": [numbers.duration(value) for value in rows["hours"]],
            "useful time": [numbers.chance(value) for value in rows["useful_all"]],
            "power": [numbers.with_prefix(value * 1e6, "W") for value in rows["power_mw"]],
            "hardware": [numbers.usd(value) for value in rows["capital_usd"]],
            "90 days": [numbers.usd(value) for value in rows["bill_usd"]],
            "walls passed": [", ".join(passed(row)) or "–" for _, row in rows.iterrows()],
        }
    )


def passed(row: "pd.Series[Any]") -> list[str]:
    """Return the walls of today that a machine is beyond, in words, the farthest first."""
    over = sorted((name for name in OVER if row[name] > 1), key=lambda name: -row[name])
    return [tr(OVER[name]) for name in over]


def reach_table() -> pd.DataFrame:
    """Return how large a machine each part was checked on, and how far the simulation goes beyond."""
    rows = scaleup.reach()
    return pd.DataFrame(
        {
            "part": [tr(part) for part in rows["part"]],
            "checked up to": [numbers.count(size) for size in rows["accelerators"]],
            "times to a million": [numbers.amount(times) for times in rows["times"]],
            "sources": rows["sources"],
        }
    )
