"""The figures of chapter 9 on the step: five times the chips, as training compute, and which assumption turns it."""

from typing import Final

import numpy as np
import pandas as pd
import scipy

from book_figures import charts, numbers, readers
from book_figures.figure import Figure, figure
from book_figures.sensitivity import Input, moved, tornado_figure
from book_figures.texts import tr
from compute_scaling import data
from compute_scaling.checks import Floats
from compute_scaling.claims import models
from compute_scaling.claims.verdict import ABOUT, Reader, claimed, one_word
from compute_scaling.outlook import stated_runs
from compute_scaling.uncertainty import interval

ARTICLE: Final = "generation-nt-2024"
GPT_4: Final = "semianalysis-gpt4-2023"  # its run is what our range of days is set around
TEN_TIMES, USED_BY_EPOCH = "C25-003", "C26-002"  # rows of data/outcomes.csv
BOTH_THEN, BOTH_NOW = 3, 5  # rows of `steps`: the compute with both factors unknown


def step_claimed() -> float:
    """Return the chips of Grok-3 over those of Grok-2, as the article has them.

    >>> step_claimed()
    5.0
    """
    return claimed("C25") / claimed("C24")


def band() -> tuple[float, float]:
    """Return what counts as about five times.

    >>> band()
    (4.0, 6.25)
    """
    return step_claimed() / ABOUT, step_claimed() * ABOUT


def word(times: float) -> str:
    """Return the verdict word of a step.

    >>> word(5), word(6.5)
    ('holds', 'does not hold')
    """
    return one_word(times, times, *band())


def odds(reader: Reader) -> "tuple[pd.Series[float], pd.Series[str]]":
    """Return the log odds of the published utilisations that a reader knows, and the family of each."""
    runs = reader.once(stated_runs)
    return pd.Series(scipy.special.logit(runs["utilisation"]), runs.index), runs["family"]


def by_generation(reader: Reader) -> dict[str, tuple[float, float]]:
    """Return the lowest and highest published utilisation of each generation of Meta's Llama models.

    >>> {name: (round(low, 2), round(high, 2)) for name, (low, high) in by_generation(readers.now()).items()}["LLaMA-1"]
    (0.43, 0.51)
    """
    runs = reader.once(stated_runs)
    llama = runs[runs["family"] == "Llama"]
    groups = llama.groupby(llama["model"].str.extract(r"^(LLaMA-\d|Llama \d)")[0])["utilisation"]
    return {str(name): (float(shares.min()), float(shares.max())) for name, shares in groups}


def share_of_scatter(reader: Reader) -> float:
    """Return the share of the variance of the logarithm of the step that comes from the utilisations.

    >>> round(share_of_scatter(readers.now()), 2)
    0.69
    """
    drawn = models.step_factors(reader)
    parts = {name: float(np.log(drawn[name]).var()) for name in ("utilisation", "days")}
    return parts["utilisation"] / sum(parts.values())


def steps() -> pd.DataFrame:
    """Return the step from Grok-2 to Grok-3 by what is counted, in May 2024 and today: `name`, low, mid, high, sources.

    One factor at a time is unknown first, then all; at last what others say of the step in compute.
    """
    then, now = readers.then(), readers.now()
    older, newer = (models.counted(claim, now) for claim in models.MODELS)
    counts = (newer.min() / older.max(), step_claimed(), newer.max() / older.min())
    drawn, known = models.step_factors(then), models.step_factors(now)
    in_8_bits = np.multiply.outer(known["compute"], models.eight_bit_gains(now)["gain"].to_numpy()).ravel()
    runs = {reader: _sources(reader) for reader in (then, now)}
    said = data.load("outcomes").set_index("outcome_id")
    ten, fifteen = said.loc[TEN_TIMES], said.loc[USED_BY_EPOCH]
    rows = [
        ("then", tr("chips, as the article has them"), (step_claimed(),) * 3, ARTICLE),
        ("then", tr("compute, days unknown"), _around(drawn["days"]), GPT_4),
        ("then", tr("compute, use unknown"), _around(drawn["utilisation"]), runs[then]),
        ("then", tr("compute, both unknown"), interval(drawn["compute"]), runs[then]),
        ("now", tr("chips, as counted later"), counts, ", ".join([*older.index[:1], *newer.index[:1]])),
        ("now", tr("compute, both unknown"), interval(known["compute"]), runs[now]),
        ("now", tr("both, and Grok-3 in 8 bits"), interval(in_8_bits), runs[now]),
        ("now", tr("xAI, at least"), (ten["value_low"],) * 3, ten["source_id"]),
        ("now", tr("Epoch AI, about"), (fifteen["value"],) * 3, fifteen["source_id"]),
    ]
    days = {"then": tr("May 2024"), "now": tr("today")}
    table = pd.DataFrame(
        [(days[when], f"{days[when]}: {what}", *map(float, ends), sources) for when, what, ends, sources in rows],
        columns=["known", "name", "low", "mid", "high", "sources"],
    )
    words = [one_word(low, high, *band()) for low, high in zip(table["low"], table["high"], strict=True)]
    return table.assign(verdict=words)


def steps_figure(table: pd.DataFrame) -> Figure:
    """Return the figure of the step by what is counted; table: `steps`."""
    spans = [
        numbers.times(mid) if low == high else f"{numbers.times(mid)} ({_span(low, high)})"
        for low, mid, high in table[["low", "mid", "high"]].itertuples(index=False)
    ]
    labels = [f"{name}: {span}" for name, span in zip(table["name"], spans, strict=True)]
    return figure(
        charts.range_dots(
            table.assign(label=labels)[["name", "low", "mid", "high", "label", "verdict"]],
            value_title="Grok-3 over Grok-2, times (log scale)",
            band=band(),
            line=(step_claimed(), tr("five times")),
        ),
        name="fig-five-times",
        caption=tr(
            "In chips the step is five times. In compute five is only the middle of a wide range, most of which comes "
            "from utilisation. The shaded band is what we count as about five; thick lines are 90 % ranges, or, for "
            "chips as counted later, the lowest and the highest."
        ),
        alt_text=tr(
            "Dot plot of the step from Grok-2 to Grok-3 by what is counted, {count} values. In chips it is {chips}; in "
            "compute it is {then} as known in May 2024 and {now} as known today. xAI said {ten} or more.",
            count=len(table), chips=numbers.times(step_claimed()), ten=numbers.times(table["mid"].iloc[-2]),
            then=_span(*table.loc[BOTH_THEN, ["low", "high"]]), now=_span(*table.loc[BOTH_NOW, ["low", "high"]]),
        ),
        table=table.rename(columns={"name": "what is counted", "mid": "times", "known": "as known"})[
            ["as known", "what is counted", "low", "times", "high", "verdict", "sources"]
        ],
    )  # fmt: skip


def assumptions() -> pd.DataFrame:
    """Return what each assumption does to the step in training compute when it alone moves (`sensitivity.moved`).

    The verdict turns at both ends of what counts as about five, so both places stand in `flips`.
    """
    now = readers.now()
    older, newer = (models.counted(claim, now) for claim in models.MODELS)
    factors = models.step_factors(now)
    gains = models.eight_bit_gains(now)
    runs = now.once(stated_runs).sort_values("utilisation")
    spread = ", ".join(dict.fromkeys([runs["source_id"].iloc[0], runs["source_id"].iloc[-1]]))
    count, times = numbers.count, numbers.times
    in_8_bit = ", ".join(sorted(set(gains["source_id"])))
    inputs = [
        Input("older", "chips of Grok-2", older.min(), claimed("C24"), older.max(), count, older.index[0]),
        Input("newer", "chips of Grok-3", newer.min(), claimed("C25"), newer.max(), count, newer.index[0]),
        Input("days", "days, Grok-3 over Grok-2 (ours)", *_even(interval(factors["days"])), times, GPT_4),
        Input("used", "utilisation, Grok-3 over Grok-2", *_even(interval(factors["utilisation"])), times, spread),
        Input("bits", "gain of 8 bits, in Grok-3 alone", 1.0, 1.0, float(gains["gain"].max()), times, in_8_bit),
    ]
    below, above = (moved(step, inputs, word=word, threshold=end) for end in band())
    pairs = zip(below["flips"], above["flips"], strict=True)
    turns = ["; ".join(at for at in pair if at != "–") or "–" for pair in pairs]
    return above.assign(flips=turns)


def step(older: Floats, newer: Floats, days: Floats, used: Floats, bits: Floats) -> Floats:
    """Return the step in training compute: the product of the steps in chips, days, utilisation and precision.

    >>> step(20_000, 100_000, 1, 1.2, 1)
    6.0
    """
    return newer / older * days * used * bits


def tornado(table: pd.DataFrame) -> Figure:
    """Return the tornado of the step in training compute; table: `assumptions`."""
    return tornado_figure(
        table,
        name="fig-step-assumptions",
        what="Grok-3 over Grok-2 in training compute",
        caption=tr(
            "One assumption at a time, from a step of five. Whatever moves the result by more than a quarter turns the "
            "word."
        ),
        value_title="Grok-3 over Grok-2 in compute, times (log scale)",
        write=numbers.times,
        line=(step_claimed(), tr("five times")),
        log=True,
    )


def _around(draws: Floats) -> tuple[float, float, float]:
    low, _, high = interval(draws)
    return step_claimed() * low, step_claimed(), step_claimed() * high


def _even(ends: tuple[float, float, float]) -> tuple[float, float, float]:
    """Return the ends of a ratio whose middle is one: two models of one kind, neither of them favoured."""
    return ends[0], 1.0, ends[2]


def _span(low: float, high: float) -> str:
    return numbers.span(numbers.times(low), numbers.times(high))


def _sources(reader: Reader) -> str:
    return ", ".join(sorted(set(reader.once(stated_runs)["source_id"])))
