"""The estimates of chapter 9: how much compute others put Grok's generations at, when, and what each is made from."""

import json
from collections.abc import Iterable
from typing import Final

import altair as alt
import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from book_figures import numbers, readers, theme
from book_figures.charts_claims import Styles
from book_figures.charts_estimates import estimates
from book_figures.figure import Control, Figure, Readout, figure
from book_figures.texts import tr, tr_all
from compute_scaling import data, training
from compute_scaling.accelerator import REFERENCE, accelerator
from compute_scaling.claims import models
from compute_scaling.claims.verdict import Reader
from compute_scaling.uncertainty import interval
from compute_scaling.units import HOURS_PER_DAY

METHODS: Final[Styles] = {
    "stated by the developer": ("circle", theme.GREEN),
    "hardware and time": ("diamond", theme.BLUE),
    "benchmarks": ("triangle-up", theme.PINK),
    "speculative": ("cross", theme.GREY),
}
OURS: Final = "ours, from the chips"
GENERATIONS: Final = (
    "GPT-4",
    "Grok-1",
    "Gemini 1.0 Ultra",
    "Llama 3.1 405B",
    "Grok-2",
    "Grok-3",
    "GPT-4.5",
    "Grok-4",
)  # by release
GENERATIONS_AXIS: Final = (1e24, 1.5e27)
FLOP_TICKS: Final = (1e24, 1e25, 1e26, 1e27)
EPOCH_EARLY, EPOCH_LATE, FROM_HOURS = "epoch-training-cost-trends", "epoch-notable-ai-models", "rdworld-grok-3-2025"
# What an estimate takes for chips and days, as its row in data/compute_estimates.csv says; three months are 90 days.
TAKEN: Final = {EPOCH_EARLY: (100_000, 100), EPOCH_LATE: (80_000, 90)}
REPORTED_HOURS: Final = "C25-002"  # of data/outcomes.csv
GROK_4_HOURS: Final = "grok-4"  # of data/training_runs.csv


def flop(power: float) -> str:
    """Return FLOP as readers see it.

    >>> flop(4.64e26), flop(2.1e25)
    ('4.64\xa0×\xa010²⁶', '2.1\xa0×\xa010²⁵')
    """
    digits = 3 if f"{power:.2e}"[3] != "0" else 2
    return numbers.power_of_ten(power, digits)


def tr_keys(styles: Styles) -> Styles:
    """Return styles with the names of their series in the book's language."""
    return {tr(name): style for name, style in styles.items()}


def ends(draws: ArrayLike) -> tuple[str, str, str]:
    """Return low, mid and high of draws of FLOP at 90 %, as readers see them: to the two digits that they bear.

    >>> ends([1e25, 1e25])
    ('1.0\xa0×\xa010²⁵', '1.0\xa0×\xa010²⁵', '1.0\xa0×\xa010²⁵')
    """
    low, mid, high = map(numbers.power_of_ten, interval(draws))
    return low, mid, high


# -------------------------------------------------------------------------------------------------- estimates by others


def estimates_of(names: Iterable[str], reader: Reader) -> pd.DataFrame:
    """Return the estimates of models that a reader knows, with `low`, `mid`, `high` and `row`, in the names' order.

    A range without a middle has none; a middle without a range is its own.
    """
    order = list(names)
    rows = reader.table("compute_estimates")
    rows = rows[rows["model"].isin(order)]
    middle = rows["training_flop"]
    rows = rows.assign(
        row=rows["model"].map(order.index),
        low=rows["training_flop_low"].fillna(middle),
        mid=middle,
        high=rows["training_flop_high"].fillna(middle),
    )
    return rows.sort_values(["row", "known_on", "source_id"], ignore_index=True)


def spans(rows: pd.DataFrame) -> pd.DataFrame:
    """Return a row a model: the lowest and highest value of its estimates, and how it is labelled."""
    ends = rows.groupby(["row", "model"], as_index=False).agg(low=("low", "min"), high=("high", "max"))
    texts = [numbers.span(flop(low), flop(high)) for low, high in zip(ends["low"], ends["high"], strict=True)]
    return ends.assign(label=[f"{model}: {text}" for model, text in zip(ends["model"], texts, strict=True)])


def dots(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the marks of estimates: one each that has a middle, with its method."""
    known = rows.dropna(subset=["mid"])
    texts = [
        tr("{model}: {flop} FLOP, known on {day}", model=model, flop=flop(value), day=numbers.day(day))
        for model, value, day in zip(known["model"], known["mid"], known["known_on"], strict=True)
    ]
    return pd.DataFrame(
        {"row": known["row"], "value": known["mid"], "series": known["method"].map(tr), "text": texts}
    )  # fmt: skip


def flop_axis() -> alt.Axis:
    """Return the axis of training FLOP, a tick a factor of ten."""
    labels = {f"{tick:.0e}": numbers.power_of_ten(tick, 1).removeprefix("1 × ") for tick in FLOP_TICKS}
    return alt.Axis(values=list(FLOP_TICKS), labelExpr=f"({json.dumps(labels)})[format(datum.value, '.0e')]")


def who_depends_on_whom() -> pd.DataFrame:
    """Return the estimates of Grok's generations with what each is made from, and what share of the peak that needs."""
    rows = estimates_of(["Grok-2", "Grok-3", "Grok-4"], readers.now())
    others = {
        ("Grok-2", EPOCH_EARLY): tr("what xAI said of it beside GPT-4 and Grok-3"),
        ("Grok-2", "the-batch-grok-3-2025"): tr("ours: estimates of Grok-3 over fifteen to over ten"),
        ("Grok-3", EPOCH_EARLY): tr("{plan}; and around 15 times Grok-2", plan=plan(*TAKEN[EPOCH_EARLY])),
        ("Grok-3", EPOCH_LATE): plan(*TAKEN[EPOCH_LATE]),
        ("Grok-3", FROM_HOURS): tr("ours: {hours} GPU-hours at 35 % of the peak", hours=millions(reported_hours())),
        ("Grok-4", "iguazu-grok-4-2025"): tr(
            "{hours} GPU-hours of several chips, later training too", hours=millions(grok_4_hours())
        ),
    }
    made = [others.get(key, "–") for key in zip(rows["model"], rows["source_id"], strict=True)]
    values = [numbers.span(flop(low), flop(high)) for low, high in zip(rows["low"], rows["high"], strict=True)]
    return pd.DataFrame(
        {
            "model": rows["model"], "FLOP": values, "made from": made,
            "share of the 16-bit peak": [_needs(row) for _, row in rows.iterrows()],
            "public from": rows["known_on"], "sources": rows["source_id"],
        }
    )  # fmt: skip


def reported_hours() -> float:
    """Return the GPU-hours that were reported for Grok-3.

    >>> reported_hours()
    200000000.0
    """
    return float(data.load("outcomes").set_index("outcome_id").at[REPORTED_HOURS, "value"])


def grok_4_hours() -> float:
    """Return the GPU-hours that others put Grok-4 at.

    >>> grok_4_hours()
    246000000.0
    """
    return float(data.load("training_runs").set_index("run_id").at[GROK_4_HOURS, "gpu_hours"])


def plan(chips: float, days: float) -> str:
    """Return chips and days as readers see them.

    >>> plan(100_000, 250 / 3)
    '100,000 H100s for 83 days'
    """
    return tr(
        "{chips} H100s for {days} days",
        chips=numbers.count(chips),
        days=numbers.significant(days, 2 if days < 100 else 3),
    )


def millions(value: float) -> str:
    """Return a count in millions, whole.

    >>> millions(200e6)
    '200 million'
    """
    return tr("{count} million", count=numbers.count(value / 1e6))


def _needs(row: pd.Series) -> str:
    hours = {
        **{("Grok-3", source): chips * days * HOURS_PER_DAY for source, (chips, days) in TAKEN.items()},
        ("Grok-3", FROM_HOURS): reported_hours(),
        ("Grok-4", "iguazu-grok-4-2025"): grok_4_hours(),
    }.get((row["model"], row["source_id"]))
    return numbers.percent(share_needed(row["mid"], hours)) if hours else "–"


def share_needed(training_flop: float, gpu_hours: float) -> float:
    """Return the share of the H100's dense 16-bit peak that so many FLOP in so many hours need.

    >>> round(share_needed(4.64e26, 100_000 * 2_400), 2)
    0.54
    """
    peak = accelerator(REFERENCE).bf16_flop_per_s
    return float(training.campaign_utilisation(training_flop, peak_flop_per_s=peak, gpu_hours=gpu_hours))


# ----------------------------------------------------------------------------------------------------- the generations


def generations(reader: Reader) -> pd.DataFrame:
    """Return the models in the order of their release, with what a reader knows of their FLOP.

    Columns: `row`, `model`, `label`, `low`, `mid`, `high`, `sources`; all missing but the label where nothing is known.
    Grok-2 and Grok-3 have a second row: our 90 % range on the chips that the article names.
    """
    released = data.load("compute_estimates").groupby("model")["released_on"].min()
    by_model = dict(tuple(estimates_of(GENERATIONS, reader).groupby("model")))
    chips = {name: claim for claim, name in models.MODELS.items()}
    rows = []
    for name in GENERATIONS:
        if name in chips:
            low, mid, high = interval(reader.once(models.generations)[chips[name]])
            text = tr("{model}, our range: {span}", model=name, span=_ours(low, high))
            rows.append({"model": name, "label": text, "low": low, "mid": mid, "high": high, "ours": True})
        known = by_model.get(name)
        what = tr("{model}, estimates", model=name) if name in chips else name
        if known is None:
            absent = tr("no estimate") if released[name] <= reader.as_of else tr("not out yet")
            rows.append({"model": name, "label": tr("{what}: {absent}", what=what, absent=absent), "ours": False})
        else:
            low, high = known["low"].min(), known["high"].max()
            text = tr("{what}: {span}", what=what, span=numbers.span(flop(low), flop(high)))
            sources = ", ".join(sorted(set(known["source_id"])))
            rows.append({"model": name, "label": text, "low": low, "high": high, "ours": False, "sources": sources})
    return pd.DataFrame(rows).assign(row=range(len(rows)))


def generations_figure() -> Figure:
    """Return the figure of the generations of Grok beside other models, as known on the article's day and today."""
    by_day = {"then": readers.then(), "now": readers.now()}
    parts, marks = [], []
    for key, reader in by_day.items():
        rows = generations(reader).assign(known=key)
        parts.append(rows)
        places = rows[~rows["ours"]].set_index("model")["row"]
        found = estimates_of(GENERATIONS, reader)
        marks.append(dots(found.assign(row=found["model"].map(places))).assign(known=key))
        ours = rows[rows["ours"]]
        marks.append(
            pd.DataFrame(
                {"row": ours["row"], "value": ours["mid"], "series": tr(OURS), "text": ours["label"], "known": key}
            )
        )
    table = pd.concat(parts, ignore_index=True)
    last = table[table["known"] == "now"]
    line = models.REPORTED_OPERATIONS
    return figure(
        estimates(
            pd.concat(marks, ignore_index=True),
            table.dropna(subset=["low"])[["row", "low", "high", "known"]],
            table[["row", "label", "known"]],
            value_title="training FLOP (log scale)",
            styles=tr_keys({**METHODS, OURS: ("square", theme.ORANGE)}),
            scale=alt.Scale(type="log", domain=list(GENERATIONS_AXIS), nice=False),
            axis=flop_axis(),
            keep="datum.known === known",
            line=(line, tr("to be reported above: {flop}", flop=_threshold())),
        ),
        name="fig-generations",
        caption=tr(
            "In May 2024 nobody had an estimate of Grok-2 or Grok-3, and the chips alone gave ranges of more "
            "than a factor of three. Today the estimates of Grok-3 lie in the upper half of our range, or above it."
        ),
        alt_text=tr(
            "Dot plot of the training FLOP of {count} models on a logarithmic axis, as known today: from {low} to "
            "{high}. Our ranges are {two} for Grok-2 and {three} for Grok-3.",
            count=last["model"].nunique(), low=flop(last["low"].min()), high=flop(last["high"].max()),
            **{key: _ours(row["low"], row["high"])
               for key, (_, row) in zip(("two", "three"), last[last["ours"]].iterrows(), strict=True)},
        ),
        table=_generations_shown(table),
        controls=[Control("known", tr("As known on"), tr_all({"then": "31 May 2024", "now": "the day of this book"}),
                          "then")],
        readout=Readout(
            pd.DataFrame(
                {"known": list(by_day), "text": [generations_sentence(reader) for reader in by_day.values()]}
            )
        ),
    )  # fmt: skip


def generations_sentence(reader: Reader) -> str:
    """Return the readout of a day: the estimates known, Grok-3 beside GPT-4, the chance that it is to be reported."""
    drawn = reader.once(models.generations)["C25"]
    low, mid, high = interval(drawn)
    gpt_4 = middle_of("GPT-4", reader)
    others = len(estimates_of(models.MODELS.values(), reader).dropna(subset=["mid"]))
    return tr(
        "Estimates of Grok-2 and Grok-3: {others}. On its chips Grok-3 is {mid} FLOP ({span}), {times} times "
        "the {gpt_4} of GPT-4. The chance that it passes {line} is {chance}.",
        others=others, mid=numbers.power_of_ten(mid), span=_ours(low, high), times=numbers.times(mid / gpt_4),
        gpt_4=flop(gpt_4), line=_threshold(),
        chance=numbers.chance(chance_of_more(reader, "C25", models.REPORTED_OPERATIONS)),
    )  # fmt: skip


def _threshold() -> str:
    """Return the operations above which a run was to be reported: a round number, by order."""
    return numbers.power_of_ten(models.REPORTED_OPERATIONS, 1)


def _ours(low: float, high: float) -> str:
    """Return a range of our own, to the two digits that it bears."""
    return numbers.span(numbers.power_of_ten(low), numbers.power_of_ten(high))


def middle_of(model: str, reader: Reader) -> float:
    """Return the median of the estimates of a model that a reader knows.

    >>> middle_of("GPT-4", readers.now())
    2.1e+25
    """
    return float(estimates_of([model], reader)["mid"].median())


def chance_of_more(reader: Reader, claim_id: str, threshold: float) -> float:
    """Return the chance that a run on the chips claimed takes more FLOP than a threshold.

    >>> chance_of_more(readers.now(), "C25", 1e26) > 0.9
    True
    """
    return float((reader.once(models.generations)[claim_id] > threshold).mean())


def _generations_shown(table: pd.DataFrame) -> pd.DataFrame:
    days = {"then": tr("31 May 2024"), "now": numbers.day(data.updated_on())}
    return pd.DataFrame(
        {
            "as known on": table["known"].map(days), "model": table["model"],
            "by": np.where(table["ours"], tr("us, from the chips"), tr("estimates")), "low, FLOP": table["low"],
            "middle, FLOP": table["mid"], "high, FLOP": table["high"],
            "sources": table["sources"].fillna("generation-nt-2024").where(table["ours"] | table["low"].notna(), ""),
        }
    )  # fmt: skip
