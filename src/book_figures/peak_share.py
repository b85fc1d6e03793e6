"""The figures of chapter 5 on plans: what a training step is made of, and what share of the peak the best plan uses."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np
import pandas as pd

from book_figures import numbers, theme
from book_figures.charts_curves import UNDER, curves
from book_figures.charts_waterfall import waterfall
from book_figures.figure import Control, Figure, Readout, figure
from book_figures.sensitivity import Input
from book_figures.texts import tr, tr_all
from compute_scaling.accelerator import REFERENCE, accelerator
from compute_scaling.checks import Floats
from compute_scaling.cluster import Cluster
from compute_scaling.plan import Plan
from compute_scaling.plan_search import CONTEXT, best_use, dense_model, sweep
from compute_scaling.rates import ATTENTION_SHARE, LINK_SHARE, NETWORK_SHARE, matmul_share, sustained
from compute_scaling.throughput import RANGE, step_time
from compute_scaling.transformer import Transformer
from compute_scaling.units import BYTES_PER_GB

MODELS: Final = {"175B": 175e9, "1T": 1e12, "2T": 2e12}
MODEL_WORDS: Final = {
    "175B": "175 billion parameters", "1T": "1 trillion parameters", "2T": "2 trillion parameters",
}  # fmt: skip
CHIPS: Final = (2_000, 5_000, 10_000, 20_000, 30_000, 50_000, 70_000, 100_000, 150_000, 200_000)
BATCHES: Final = tuple(2**power for power in range(22, 28))  # tokens
MODEL, SIZES, SMALL_MACHINE = "1T", ("1T", "2T"), 20_000
MACHINE: Final = 100_000
BATCH: Final = 2**24  # tokens: Llama 3.1 405B, whose table of plans has 16 million
LARGE_BATCH: Final = 4 * BATCH
DEFAULT: Final = 0.4  # the share that chapter 2 takes for days of a run
# Tokens of a batch that published runs reached: DeepSeek-V3 (arXiv:2412.19437, section 4.2), 15,360 sequences of 4,096
DEEPSEEK_V3_BATCH: Final = 15_360 * 4096

USED, BUSY, WAITING = "for the model", "busy, but slower or twice", "moving data or waiting"
COLOURS: Final = {USED: theme.BLUE, BUSY: theme.GREEN, WAITING: theme.PINK}
PARTS: Final = {  # in the order of the rows: name -> (columns of the sweep, kind)
    "the model's arithmetic (MFU)": (("mfu",), USED),
    "arithmetic slower than the peak": (("lost_below_peak",), BUSY),
    "arithmetic done twice": (("lost_recompute",), BUSY),
    "traffic in layers and between stages": (("lost_tensor", "lost_pipeline"), WAITING),
    "pipeline bubble": (("lost_bubble",), WAITING),
    "exchange of gradients": (("lost_data",), WAITING),
    "optimiser and idle chips": (("lost_optimiser", "lost_idle"), WAITING),
}
SPLITS: Final = ("tensor", "pipeline", "context", "data")
SOURCES: Final = "narayanan-2021-megatron, korthikanti-2022-recomputation"


def model(name: str) -> Transformer:
    """Return one of the chapter's models: a GPT of so many parameters (`plan_search.dense_model`).

    >>> model("1T").layers
    128
    """
    return dense_model(MODELS[name])


def grid() -> pd.DataFrame:
    """Return the best plan for every model, batch and machine of the chapter: `plan_search.sweep` on H100s."""
    return sweep({name: model(name) for name in MODELS}, CHIPS, BATCHES, chip=accelerator(REFERENCE))


def one(table: pd.DataFrame, name: str = MODEL, count: int = MACHINE, tokens: int = BATCH) -> pd.Series:
    """Return the row of `grid` for a model, a machine and a batch."""
    found = table[(table["model"] == name) & (table["count"] == count) & (table["batch_tokens"] == tokens)]
    return found.iloc[0]


def millions(tokens: float) -> str:
    """Return a batch in words.

    >>> millions(2**24), millions(2**27)
    ('17 million', '134 million')
    """
    return tr("{count} million", count=numbers.count(tokens / 1e6))


def split(row: pd.Series) -> str:
    """Return a plan in words."""
    words = {
        "each matrix over {n} chips": row["tensor"], "the layers over {n} stages": row["pipeline"],
        "each sequence over {n} groups": row["context"], "the batch over {n} copies": row["data"],
    }  # fmt: skip
    parts = [tr(text, n=numbers.count(n)) for text, n in words.items() if n > 1]
    return ", ".join(parts[:-1]) + tr(" and ") + parts[-1] if len(parts) > 1 else "".join(parts)


def parts(row: pd.Series) -> "pd.Series[float]":
    """Return what the peak of a row of `grid` goes to, by the names of `PARTS`; the shares add up to 1."""
    return pd.Series({name: float(sum(row[column] for column in columns)) for name, (columns, _) in PARTS.items()})


def largest_loss(row: pd.Series) -> str:
    """Return the part that loses most, apart from arithmetic that is slower than the peak."""
    losses = parts(row).iloc[2:]
    return str(losses.idxmax())


# ------------------------------------------------------------------------------------------- what a step is made of


def step_parts(table: pd.DataFrame) -> Figure:
    """Return the figure that the reader moves: machine, model and batch -> where the peak of the best plan goes."""
    steps = {count: step for step, count in enumerate(CHIPS)}
    settings = table.assign(step=table["count"].map(steps), batch=table["batch_tokens"].map(millions))
    rows = pd.concat([_bars(row) for _, row in settings.iterrows()], ignore_index=True)
    default = one(table)
    shares = parts(default)
    shown = pd.DataFrame(
        {
            "part": [tr(name) for name in shares.index],
            "kind": [tr(kind) for _, kind in PARTS.values()],
            "share of the peak": shares.map(numbers.percent).to_numpy(),
            "H100s": MACHINE,
            "batch at most, tokens": millions(BATCH),
            "90 % range of the MFU": [_range(default), *[""] * (len(shares) - 1)],
            "sources": SOURCES,
        }
    )
    return figure(
        waterfall(
            rows,
            value_title="share of the machine's peak",
            styles={tr(kind): ("square", colour) for kind, colour in COLOURS.items()},
            axis_format="%",
            keep="datum.step === chips && datum.model === model && datum.batch === batch",
            line=(DEFAULT, tr("{share}, as in chapter 2", share=numbers.percent(DEFAULT))),
        ),
        name="fig-step-parts",
        caption=tr(
            "All bars together are the peak. Only the first one trains the model. Make the machine larger and it "
            "shrinks, but for the smallest machines, which are short of memory; make the batch larger and it grows."
        ),
        alt_text=tr(
            "Waterfall chart of where the peak of {chips} H100s goes in a step of a model of {model} with a batch of "
            "at most {batch} tokens: {used} to the model's arithmetic, {slow} to arithmetic slower than the peak, and "
            "{most} to the largest of the other losses, {what}.",
            chips=numbers.count(MACHINE), model=tr(MODEL_WORDS[MODEL]), batch=millions(BATCH),
            used=numbers.percent(shares.iloc[0]), slow=numbers.percent(shares.iloc[1]),
            most=numbers.percent(shares[largest_loss(default)]), what=tr(largest_loss(default)),
        ),
        table=shown,
        controls=[
            Control("chips", tr("H100s"), {str(n): numbers.count(n) for n in CHIPS}, str(MACHINE), slider=True),
            Control("model", tr("Model"), tr_all(MODEL_WORDS), MODEL),
            Control(
                "batch", tr("Tokens in a batch, at most"), {millions(n): millions(n) for n in BATCHES}, millions(BATCH)
            ),
        ],
        readout=Readout(
            pd.DataFrame(
                {
                    "chips": settings["step"], "model": settings["model"], "batch": settings["batch"],
                    "text": [sentence(row) for _, row in settings.iterrows()],
                }
            )
        ),
    )  # fmt: skip


def sentence(row: pd.Series) -> str:
    """Return the readout of a setting: MFU with its range, the plan, the step's time and the largest loss."""
    loss = largest_loss(row)
    return tr(
        "The best plan uses {mfu} of the peak ({span}). It splits {split}; a step takes {seconds} s. The largest loss "
        "besides slow arithmetic: {loss}, {share}.",
        mfu=numbers.percent(row["mfu"]), span=_range(row), split=split(row),
        seconds=numbers.significant(row["seconds"], 2), loss=tr(loss), share=numbers.percent(parts(row)[loss]),
    )  # fmt: skip


def _range(row: pd.Series) -> str:
    return numbers.span(numbers.percent(row["low"]), numbers.percent(row["high"]))


def _bars(row: pd.Series) -> pd.DataFrame:
    shares = parts(row)
    ends = shares.cumsum().round(4)
    labels = [f"{tr(name)}: {numbers.percent(round(share, 4))}" for name, share in shares.items()]
    return pd.DataFrame(
        {
            "step": row["step"], "model": row["model"], "batch": row["batch"], "row": range(len(shares)),
            "start": ends.shift(fill_value=0.0).to_numpy(), "end": ends.to_numpy(),
            "series": [tr(kind) for _, kind in PARTS.values()], "label": labels, "text": labels,
        }
    )  # fmt: skip


# -------------------------------------------------------------------------------------------- more chips, same batch


def grown(names: Sequence[str] = SIZES) -> pd.DataFrame:
    """Return the best plans where the batch grows with the machine: as many tokens a chip as `BATCH` has on 20,000."""
    chip, each = accelerator(REFERENCE), BATCH / SMALL_MACHINE
    rows = [sweep({name: model(name)}, [count], [round(each * count)], chip=chip) for name in names for count in CHIPS]
    return pd.concat(rows, ignore_index=True)


def mfu_by_size(table: pd.DataFrame, grown_rows: pd.DataFrame) -> Figure:
    """Return the figure of the best plan's MFU over the size of the machine: batch fixed, four times that, growing.

    table: what `grid` returns; grown_rows: what `grown` does.
    """
    names = {
        BATCH: tr("batch of at most {count} tokens", count=millions(BATCH)),
        LARGE_BATCH: tr("at most {count}", count=millions(LARGE_BATCH)),
    }
    growing = tr("growing, {each} tokens a chip", each=numbers.count(BATCH / SMALL_MACHINE))
    fixed = table[table["model"].isin(SIZES) & table["batch_tokens"].isin(names)]
    rows = pd.concat(
        [fixed.assign(series=fixed["batch_tokens"].map(names)), grown_rows.assign(series=growing)], ignore_index=True
    )
    rows = rows.rename(columns={"count": "x", "mfu": "y"})
    shown = rows[rows["model"] == MODEL]
    ends = {
        name: part.set_index("x")["y"] for name, part in shown.groupby("series", sort=False)
    }  # fmt: skip
    parts_of_text = [
        tr(
            "{name}: {first} on {few} chips, {last} on {many}",
            name=name,
            first=numbers.percent(line[SMALL_MACHINE]),
            few=numbers.count(SMALL_MACHINE),
            last=numbers.percent(line[MACHINE]),
            many=numbers.count(MACHINE),
        )
        for name, line in ends.items()
    ]
    return figure(
        curves(
            rows[["x", "y", "low", "high", "series", "model"]],
            x_title="H100s (log scale)",
            y_title="MFU of the best plan, share of the peak",
            keep="datum.model === size",
            line=(DEFAULT, tr("{share}, as in chapter 2", share=numbers.percent(DEFAULT))),
            line_row=UNDER,
            x_log=True,
            y_format="%",
            colours=(theme.BLUE, theme.GREEN, theme.PINK),
        ),
        name="fig-mfu-by-size",
        caption=tr(
            "A larger machine at the same batch is used worse, once it has memory enough. A batch that grows with the "
            "machine keeps it busy. Bands are the 90\u00a0% range of the step-time model. It was tested on machines "
            "of up to a sixth of the planned one; beyond, it extrapolates."
        ),
        alt_text=tr(
            "Curves of the MFU of the best plan for a model of {model} over the size of the machine: {parts}.",
            model=tr(MODEL_WORDS[MODEL]), parts="; ".join(parts_of_text),
        ),
        table=pd.DataFrame(
            {
                "model": rows["model"].map(MODEL_WORDS), "batch": rows["series"], "H100s": rows["x"],
                "MFU": rows["y"].map(numbers.percent), "low": rows["low"].map(numbers.percent),
                "high": rows["high"].map(numbers.percent), "tensor": rows["tensor"], "pipeline": rows["pipeline"],
                "context": rows["context"], "data": rows["data"], "recompute": rows["recompute"], "sources": SOURCES,
            }
        ),
        controls=[Control("size", tr("Model"), {name: tr(MODEL_WORDS[name]) for name in SIZES}, MODEL)],
        readout=Readout(pd.DataFrame({"size": SIZES, "text": [speed_sentence(table, name) for name in SIZES]})),
    )  # fmt: skip


def speed_sentence(table: pd.DataFrame, name: str) -> str:
    """Return how much faster the large machine trains than the small one, at the same batch and at four times that."""

    def speedup(tokens: int) -> str:
        few, many = (one(table, name, count, tokens)["mfu"] * count for count in (SMALL_MACHINE, MACHINE))
        return numbers.times(many / few)

    return tr(
        "{ratio} times the chips train {same} times as fast with at most {batch} tokens in a batch, {large} times with "
        "at most {larger}.",
        ratio=numbers.count(MACHINE / SMALL_MACHINE), same=speedup(BATCH), batch=millions(BATCH),
        large=speedup(LARGE_BATCH), larger=millions(LARGE_BATCH),
    )  # fmt: skip


# ---------------------------------------------------------------------------------------------------------- the plans


def plans(table: pd.DataFrame) -> pd.DataFrame:
    """Return the best plans for one and two trillion parameters on both machines with both batches, for readers."""
    rows = [
        one(table, name, count, tokens)
        for name in SIZES
        for count in (SMALL_MACHINE, MACHINE)
        for tokens in (BATCH, LARGE_BATCH)
    ]
    return pd.DataFrame(
        {
            "parameters": [_size(MODELS[row["model"]]) for row in rows],
            "H100s": [numbers.count(row["count"]) for row in rows],
            "batch, million tokens": [numbers.count(row["batch_tokens"] / 1e6) for row in rows],
            "MFU": [numbers.percent(row["mfu"]) for row in rows],
            "90\u00a0% range": [_range(row) for row in rows],
            "largest loss": [tr(largest_loss(row)) for row in rows],
            "split": [" × ".join(str(row[name]) for name in SPLITS) for row in rows],
            "memory, GB": [numbers.significant(row["memory_bytes"] / BYTES_PER_GB, 2) for row in rows],
        }
    )


CROWDED: Final = {  # plans to try on the memory, from nothing split to all; replicas make up the rest
    "nothing split: every chip has the whole model": Plan(),
    "matrices over 8 chips": Plan(tensor=8, sequence_parallel=True),
    "and layers over 16 stages": Plan(tensor=8, pipeline=16, sequence_parallel=True),
    "and the optimiser over the copies": Plan(tensor=8, pipeline=16, sequence_parallel=True, sharding="optimizer"),
    "and layers over 43 stages": Plan(tensor=8, pipeline=43, sequence_parallel=True, sharding="optimizer"),
    "16 stages, activations computed twice": Plan(
        tensor=8, pipeline=16, sequence_parallel=True, sharding="optimizer", recompute="full"
    ),
    "no stages, everything over the copies": Plan(tensor=8, sequence_parallel=True, sharding="full", recompute="full"),
}


def memory_of_plans(name: str = MODEL, count: int = SMALL_MACHINE, tokens: int = BATCH) -> pd.DataFrame:
    """Return what each plan of `CROWDED` asks of a chip's memory: `plan`, `memory_bytes`, `fits`, `mfu`."""
    shape, chip, rows = model(name), accelerator(REFERENCE), []
    for words, plan in CROWDED.items():
        copies = count // int(plan.accelerators)
        batch = max(1, tokens // (shape.context * copies)) * copies
        full = replace(plan, data=copies)
        step = step_time(shape, Cluster(chip, full.accelerators), full, batch_sequences=batch)
        rows.append(
            {
                "plan": words, "memory_bytes": float(step.memory_bytes), "fits": bool(step.fits),
                "mfu": float(step.mfu) * float(full.accelerators) / count,
            }
        )  # fmt: skip
    return pd.DataFrame(rows)


def shown_memory(table: pd.DataFrame) -> pd.DataFrame:
    """Return `memory_of_plans` as readers see it."""
    sizes = [numbers.with_prefix(value, "B", 2) for value in table["memory_bytes"]]
    mfu = [numbers.percent(share) if fits else "–" for share, fits in zip(table["mfu"], table["fits"], strict=True)]
    fits = table["fits"].map({True: tr("yes"), False: tr("no")})
    return pd.DataFrame(
        {"plan": table["plan"].map(tr), "memory on a chip": sizes, "fits": fits, "MFU, if it fits": mfu}
    )


# ------------------------------------------------------------------------------------------------------ what matters


def mfu_of(
    batch_tokens: Floats,
    chips: Floats,
    parameters: Floats,
    length: Floats,
    matmul: Floats,
    link: Floats,
    network: Floats,
    miss: Floats,
) -> Floats:
    """Return the MFU of the best plan on H100s; every argument an array of the same length.

    batch_tokens: of a step at most. length: tokens of a sequence. matmul, link, network: shares of the datasheet that
    the best matrix product, the links in a node and the network sustain. miss: measured over predicted seconds.
    """
    chip = accelerator(REFERENCE)
    found = []
    for tokens, count, size, sequence, share, links, ports in zip(
        batch_tokens, chips, parameters, length, matmul, link, network, strict=True
    ):
        rates = sustained(chip, link_share=links, network_share=ports)
        speed = chip.bf16_flop_per_s * share
        rates = replace(rates, matmul_flop_per_s=speed, attention_flop_per_s=speed * ATTENTION_SHARE)
        words = {"batch_sequences": tokens / sequence, "sequence_length": sequence, "rates": rates}
        found.append(best_use(dense_model(size), Cluster(chip, int(count)), **words).mfu)
    return np.array(found) / miss


def inputs(batch: int = BATCH) -> list[Input]:
    """Return the inputs of `mfu_of` with their ranges; judgements of ours are called so."""
    megatron, palm, llama = "narayanan-2021-megatron", "palm-2022", "llama-3-herd-2024"
    share, count = numbers.percent, numbers.significant
    low, high = RANGE
    published = f"{palm}, {llama}, deepseek-v3-2024"
    product, best = matmul_share(REFERENCE), "bekman-ml-engineering"
    return [
        Input("batch_tokens", "tokens in a batch", batch / 4, batch, batch * 4, millions, published),
        Input("chips", "H100s in one run", SMALL_MACHINE, MACHINE, 125_000, count, "generation-nt-2024"),
        Input("parameters", "parameters (judgement)", 5e11, 1e12, 2e12, _size, megatron),
        Input("length", "tokens in a sequence", 2048, CONTEXT, 8192, numbers.count, f"{palm}, {llama}"),
        Input("matmul", "best matrix product (judgement)", 0.7, product, 0.85, share, best),
        Input("link", "links in a node (judgement)", 0.6, LINK_SHARE, 0.85, share, SOURCES),
        Input("network", "network (judgement)", 0.5, NETWORK_SHARE, 0.9, share, SOURCES),
        Input("miss", "measured over predicted seconds", low, 1, high, numbers.times, SOURCES),
    ]


def _size(parameters: float) -> str:
    """Return a number of parameters in words.

    >>> _size(5e11), _size(1.5e12)
    ('500 billion', '1.5 trillion')
    """
    scale, word = (1e12, "trillion") if parameters >= 1e12 else (1e9, "billion")
    return f"{numbers.significant(parameters / scale)} {tr(word)}"


def word(mfu: float) -> str:
    """Return whether an MFU reaches the share that chapter 2 takes.

    >>> word(0.41), word(0.23)
    ('holds', 'does not hold')
    """
    return "holds" if mfu >= DEFAULT else "does not hold"
