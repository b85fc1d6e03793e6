"""The figures of chapter 9 on single runs: chips, days, utilisation and precision as FLOP, and the way back."""

from collections.abc import Iterable
from typing import Final

import altair as alt
import numpy as np
import pandas as pd
import scipy

from book_figures import charts_scores, numbers, readers, theme
from book_figures.charts_claims import Styles
from book_figures.charts_estimates import estimates
from book_figures.figure import Control, Figure, Readout, figure
from book_figures.grok_estimates import (
    EPOCH_EARLY,
    EPOCH_LATE,
    FROM_HOURS,
    METHODS,
    TAKEN,
    dots,
    estimates_of,
    flop,
    flop_axis,
    middle_of,
    millions,
    plan,
    reported_hours,
    share_needed,
    spans,
    tr_keys,
)  # fmt: skip
from book_figures.texts import tr, tr_all
from compute_scaling import data, training
from compute_scaling.accelerator import REFERENCE, Precision, accelerator
from compute_scaling.claims import models
from compute_scaling.claims.verdict import Reader
from compute_scaling.outlook import stated_runs, utilisation_odds
from compute_scaling.units import HOURS_PER_DAY
from compute_scaling.validation.board import board
from compute_scaling.validation.runs import hours_of_runs

BUILDER_MODELS: Final = ("GPT-4", "Gemini 1.0 Ultra", "Llama 3.1 405B", "Grok-2", "GPT-4.5", "Grok-3", "Grok-4")
BUILDER_AXIS: Final = (2e24, 4e27)
MIDDLE_OF_AXIS: Final = float(np.sqrt(BUILDER_AXIS[0] * BUILDER_AXIS[1]))

CHIPS: Final = (16_000, 20_000, 24_000, 80_000, 100_000, 200_000)
DAYS: Final = (30, 45, 60, 75, 90, 100, 120, 150)
SHARES: Final = tuple(percent / 100 for percent in range(20, 65, 5))
PRECISIONS: Final[dict[Precision, str]] = {"bf16": "16-bit (bf16)", "fp8": "8-bit (fp8)"}
BITS: Final = {"bf16": "16-bit", "fp8": "8-bit"}
START_CHIPS: Final = 100_000
START_DAYS: Final = 90
START_SHARE: Final = 0.3
START_PRECISION: Final = "bf16"

ONLINE: Final = "musk-post-2024-09-02"  # in data/clusters.csv
LAUNCH: Final = "C25-003"  # of data/outcomes.csv
LONGER: Final = 120  # days, the longest of our range
SITE: Final = 200_000  # chips at the site on the day of the launch
SHARE_TICKS: Final = (0, 0.2, 0.4, 0.6, 0.8)
SHARE_AXIS: Final = (0.0, 0.9)
PUBLISHED, NEEDED, NEEDED_8 = "published run", "needed, 16-bit peak", "needed, in 8 bits"
SHARE_STYLES: Final[Styles] = {
    PUBLISHED: ("circle", theme.BLUE), NEEDED: ("diamond", theme.ORANGE), NEEDED_8: ("triangle-up", theme.PINK),
}  # fmt: skip


def published(reader: Reader | None = None, chips: str = "") -> "pd.Series[float]":
    """Return the campaign utilisations of the runs that may be taken over, the lowest first, by run.

    chips: how the name of the run's chip begins, such as "H" for the H100 and the H800; all of them if empty.

    >>> len(published()), round(float(published().max()), 3), round(float(published(chips="H").max()), 3)
    (41, 0.514, 0.376)
    """
    runs = (reader or readers.now()).once(stated_runs)
    runs = runs[runs["accelerator"].str.startswith(chips)]
    return runs.set_index("run_id")["utilisation"].sort_values()


def utilisation_range(reader: Reader | None = None) -> tuple[float, float, float]:
    """Return low, mid and high of the utilisation of a run of a new family of models, at 90 %.

    >>> [round(end, 2) for end in utilisation_range()]
    [0.17, 0.3, 0.47]
    """
    low, mid, high = scipy.special.expit(utilisation_odds(reader or readers.now()).ppf([0.05, 0.5, 0.95]))
    return float(low), float(mid), float(high)


# ------------------------------------------------------------------------------------------------------ build your run


def runs_to_build() -> pd.DataFrame:
    """Return every run that the controls can set: steps and values of each control, and its FLOP, in one call."""
    steps = [range(len(values)) for values in (CHIPS, DAYS, SHARES)]
    grid = pd.MultiIndex.from_product([*steps, list(PRECISIONS)], names=["chips", "days", "share", "precision"])
    table = grid.to_frame(index=False)
    chip = accelerator(REFERENCE)
    peaks = {name: float(chip.peak_flop_per_s(name)) for name in PRECISIONS}
    used = np.take(SHARES, table["share"])
    peak = table["precision"].map(peaks).to_numpy()
    built = training.run(
        accelerators=np.take(CHIPS, table["chips"]),
        days=np.take(DAYS, table["days"]),
        mfu=used,
        goodput=1,
        peak_flop_per_s=peak,
    )
    return table.assign(value=built.training_flop, hours=built.gpu_hours, of_16_bit=used * peak / peaks["bf16"])


def run_builder() -> Figure:
    """Return the figure in which the reader sets a run and sees its FLOP beside the estimates of others."""
    rows = estimates_of(BUILDER_MODELS, readers.now())
    bars = spans(rows)
    built = runs_to_build()
    moving = built[["chips", "days", "share", "precision", "value"]].assign(
        label=[tr("your run: {flop}", flop=numbers.power_of_ten(value)) for value in built["value"]],
        side=np.where(built["value"] < MIDDLE_OF_AXIS, "right", "left"),
    )
    own = built[_is_start(built)].iloc[0]
    return figure(
        estimates(
            dots(rows),
            bars,
            bars,
            value_title="training FLOP (log scale)",
            styles=tr_keys(METHODS),
            scale=alt.Scale(type="log", domain=list(BUILDER_AXIS), nice=False),
            axis=flop_axis(),
            moving=moving,
            keep_moving=(
                "datum.chips === +chips && datum.days === days && datum.share === share && "
                "datum.precision === precision"
            ),
        ),
        name="fig-build-a-run",
        caption=tr(
            "Four numbers make a run: move any of them and the line moves. Grok-2 and Grok-3 can both be hit in many "
            "ways, which is why chips alone do not say how much compute a model took."
        ),
        alt_text=tr(
            "Dot plot of estimates of the training FLOP of {count} models on a logarithmic axis, from {low} to {high}. "
            "A line marks the run that the reader sets; at the start it is {own}, {chips} H100s for {days} days.",
            count=len(bars),
            low=flop(rows["low"].min()),
            high=flop(rows["high"].max()),
            own=numbers.power_of_ten(own["value"]),
            chips=numbers.count(START_CHIPS),
            days=START_DAYS,
        ),
        table=_shown(rows, own),
        controls=_controls(),
        readout=Readout(_builder_readout(built, bars.set_index("model"))),
    )


def _controls() -> list[Control]:
    def steps(values: Iterable[float], texts: Iterable[str]) -> dict[str, str]:
        return dict(zip(map(str, values), texts, strict=True))

    chips = {str(step): tr("{count} H100s", count=numbers.count(size)) for step, size in enumerate(CHIPS)}
    days = steps(DAYS, [tr("{days} days", days=days) for days in DAYS])
    shares = steps(SHARES, map(numbers.percent, SHARES))
    return [
        Control("chips", tr("Chips"), chips, str(CHIPS.index(START_CHIPS))),
        Control("days", tr("Length of the run"), days, str(START_DAYS), slider=True),
        Control("share", tr("Share of the peak in use, all the time"), shares, str(START_SHARE), slider=True),
        Control("precision", tr("Precision of the products"), tr_all(PRECISIONS), START_PRECISION),
    ]


def _is_start(built: pd.DataFrame) -> "pd.Series[bool]":
    steps = {
        "chips": CHIPS.index(START_CHIPS), "days": DAYS.index(START_DAYS), "share": SHARES.index(START_SHARE),
        "precision": START_PRECISION,
    }  # fmt: skip
    return pd.concat([built[name] == value for name, value in steps.items()], axis=1).all(axis=1)


def _builder_readout(built: pd.DataFrame, ends: pd.DataFrame) -> pd.DataFrame:
    used = published().to_numpy()
    gpt_4 = middle_of("GPT-4", readers.now())
    texts = [
        tr(
            "{flop} FLOP in {hours} million GPU-hours, {times} times GPT-4. That is {grok_2} the estimates of Grok-2 "
            "and {grok_3} those of Grok-3. {count} of {all} published runs used {share} of the 16-bit peak or more.",
            flop=numbers.power_of_ten(row.value),
            hours=numbers.significant(row.hours / 1e6),
            times=numbers.times(row.value / gpt_4),
            grok_2=_place(row.value, *ends.loc["Grok-2", ["low", "high"]]),
            grok_3=_place(row.value, *ends.loc["Grok-3", ["low", "high"]]),
            count=int((used >= row.of_16_bit).sum()),
            all=len(used),
            share=numbers.percent(row.of_16_bit),
        )
        for row in built.itertuples()
    ]
    columns = built[["chips", "days", "share", "precision"]]
    return columns.assign(chips=columns["chips"].astype(str), text=texts)


def _place(value: float, low: float, high: float) -> str:
    return tr("below") if value < low else tr("above") if value > high else tr("among")


def _shown(rows: pd.DataFrame, own: pd.Series) -> pd.DataFrame:
    columns = {
        "model": "model", "low": "low, FLOP", "mid": "FLOP", "high": "high, FLOP", "method": "method",
        "known_on": "public from", "note": "note", "source_id": "source",
    }  # fmt: skip
    shown = rows.rename(columns=columns)[list(columns.values())]
    note = tr(
        "{chips} H100s for {days} days at {share} of the 16-bit peak",
        chips=numbers.count(START_CHIPS), days=START_DAYS, share=numbers.percent(SHARES[int(own["share"])]),
    )  # fmt: skip
    first = pd.DataFrame([{"model": tr("your run, at the start"), "FLOP": own["value"], "note": note}])
    return pd.concat([shown, first], ignore_index=True).assign(
        method=lambda table: table["method"].fillna("–"), source=lambda table: table["source"].fillna("")
    )


# ---------------------------------------------------------------------------------------------------- the way back


def grok_3_estimates() -> pd.DataFrame:
    """Return the estimates of Grok-3, the highest first: `key` (of the menu), `flop`, `text`, `source_id`.

    >>> grok_3_estimates()["flop"].tolist()
    [4.64e+26, 3.5e+26, 2.5e+26]
    """
    rows = estimates_of(["Grok-3"], readers.now()).sort_values("mid", ascending=False, ignore_index=True)
    makers = {EPOCH_EARLY: tr("Epoch AI"), EPOCH_LATE: tr("Epoch AI"), FROM_HOURS: tr("ours")}
    texts = [
        tr("{flop}, {maker}, {month}", flop=flop(value), maker=makers[source], month=numbers.month(day))
        for value, source, day in zip(rows["mid"], rows["source_id"], rows["known_on"], strict=True)
    ]
    return pd.DataFrame({"key": rows.index.astype(str), "flop": rows["mid"], "text": texts}).assign(
        source_id=rows["source_id"]
    )


def days_online() -> int:
    """Return the days from the one on which Musk called the machine of 100,000 online to the launch of Grok-3.

    >>> days_online()
    168
    """
    clusters, outcomes = data.load("clusters"), data.load("outcomes").set_index("outcome_id")
    machine = clusters[clusters["cluster_id"].eq("colossus-1-phase-1") & clusters["source_id"].eq(ONLINE)]
    return int((outcomes.at[LAUNCH, "happened_on"] - machine["first_operational"].iloc[0]).days)


def shares_needed() -> pd.DataFrame:
    """Return the share of the peak that each estimate of Grok-3 needs under each assumption on chips, days, precision.

    Columns: `key`, `flop`, `row`, `assumed`, `hours`, `low`, `share`, `high` (of the 16-bit peak; a range for 8 bits,
    where the measured gains differ), `more` (published runs that used as much), `chance` (that a run of a new family
    uses as much), `source_id`. Row 0 is for the published runs.
    """
    gains = models.eight_bit_gains(readers.now())["gain"]
    plans = {
        tr("{hours} GPU-hours, as reported", hours=millions(reported_hours())): reported_hours(),
        **{plan(*TAKEN[source]): _hours(*TAKEN[source]) for source in (EPOCH_LATE, EPOCH_EARLY)},
        plan(100_000, LONGER): _hours(100_000, LONGER),
        tr("{plan}, online to launch", plan=plan(100_000, days_online())): _hours(100_000, days_online()),
        tr("{plan}, the later site", plan=plan(SITE, 100)): _hours(SITE, 100),
    }
    parts = []
    for given in grok_3_estimates().itertuples():
        shares = [share_needed(given.flop, hours) for hours in plans.values()]
        rows = pd.DataFrame({"assumed": list(plans), "hours": list(plans.values()), "share": shares})
        rows = rows.assign(low=rows["share"], high=rows["share"])
        in_8_bit = share_needed(given.flop, _hours(*TAKEN[EPOCH_EARLY])) / gains
        last = {
            "assumed": tr("{plan}, in 8 bits", plan=plan(*TAKEN[EPOCH_EARLY])),
            "hours": _hours(*TAKEN[EPOCH_EARLY]), "low": in_8_bit.min(), "share": in_8_bit.median(),
            "high": in_8_bit.max(),
        }  # fmt: skip
        rows = pd.concat([rows, pd.DataFrame([last])], ignore_index=True)
        parts.append(
            rows.assign(key=given.key, flop=given.flop, source_id=given.source_id, row=range(1, len(rows) + 1))
        )
    table = pd.concat(parts, ignore_index=True)
    used = published().to_numpy()
    odds = utilisation_odds(readers.now())
    chance = 1 - odds.cdf(scipy.special.logit(np.minimum(table["share"], 1 - 1e-9)))
    return table.assign(more=[int((used >= share).sum()) for share in table["share"]], chance=chance)


def utilisation_needed(table: pd.DataFrame) -> Figure:
    """Return the figure of the shares of the peak that estimates of Grok-3 need, over those of published runs."""
    menu = grok_3_estimates()
    used = published()
    low, _, high = utilisation_range()
    runs = pd.DataFrame({"row": 0, "value": used.to_numpy(), "series": tr(PUBLISHED)})
    runs["text"] = [f"{run}: {numbers.percent(value)}" for run, value in used.items()]
    needed = pd.DataFrame(
        {
            "row": table["row"],
            "value": table["share"],
            "series": np.where(table["low"] < table["high"], tr(NEEDED_8), tr(NEEDED)),
            "text": [f"{a}: {numbers.percent(s)}" for a, s in zip(table["assumed"], table["share"], strict=True)],
            "key": table["key"],
        }
    )
    first = tr("{count} published runs (bar: 90 % range of a new family)", count=len(used))
    labels = pd.concat(
        [pd.DataFrame([{"row": 0, "label": first}]), needed[["row", "key"]].assign(label=needed["text"])],
        ignore_index=True,
    )
    bars = pd.concat(
        [pd.DataFrame([{"row": 0, "low": low, "high": high}]), table[["row", "low", "high", "key"]]], ignore_index=True
    )
    top = numbers.percent(used.max())
    worst = table[(table["key"] == "0") & np.isclose(table["hours"], _hours(*TAKEN[EPOCH_EARLY]))].iloc[0]
    return figure(
        estimates(
            _any_key(pd.concat([runs, needed], ignore_index=True)),
            _any_key(bars),
            _any_key(labels),
            value_title="share of the dense 16-bit peak, over the whole run",
            styles=tr_keys(SHARE_STYLES),
            scale=alt.Scale(domain=list(SHARE_AXIS), nice=False),
            axis=alt.Axis(values=list(SHARE_TICKS), format=".0%"),
            keep="datum.key === 'all' || datum.key === estimate",
            line=(float(used.max()), tr("highest published: {share}", share=top)),
        ),
        name="fig-share-needed",
        caption=tr(
            "Right of the dotted line no published run has been. Choose an estimate of Grok-3 and see which "
            "assumptions on chips, days and precision bring it back among the dots."
        ),
        alt_text=tr(
            "Dot plot of the share of the 16-bit peak. {count} published runs lie between {low} and {high}, half of "
            "them below {middle}. The estimate of {flop} FLOP on {plan} needs {share}.",
            count=len(used), low=numbers.percent(used.min()), high=top, middle=numbers.percent(used.median()),
            flop=flop(worst["flop"]), plan=worst["assumed"], share=numbers.percent(worst["share"]),
        ),
        table=_needed_shown(table, used),
        controls=[Control("estimate", tr("Estimate of Grok-3, FLOP"), dict(zip(menu["key"], menu["text"], strict=True)),
                          "0")],
        readout=Readout(
            pd.DataFrame({"estimate": menu["key"], "text": [needed_sentence(table, key) for key in menu["key"]]})
        ),
    )  # fmt: skip


def needed_sentence(table: pd.DataFrame, key: str) -> str:
    """Return the readout of an estimate: what it needs on 100,000 chips for 100 days, and in 8 bits."""
    rows = table[table["key"] == key]
    plain = rows[np.isclose(rows["hours"], _hours(*TAKEN[EPOCH_EARLY])) & (rows["low"] == rows["high"])].iloc[0]
    eight = rows[rows["low"] < rows["high"]].iloc[0]
    return tr(
        "{flop} FLOP on {plan} need {share} of the 16-bit peak. {more} of {all} published runs used as much; the "
        "chance that a run of a new family does is {chance}. With the gain measured for 8 bits the need falls to {mid} "
        "({span}).",
        flop=flop(plain["flop"]), plan=plain["assumed"], share=numbers.percent(plain["share"]), more=plain["more"],
        all=len(published()), chance=numbers.chance(plain["chance"]), mid=numbers.percent(eight["share"]),
        span=numbers.span(numbers.percent(eight["low"]), numbers.percent(eight["high"])),
    )  # fmt: skip


def _any_key(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.assign(key=rows["key"].fillna("all"))


def _hours(chips: float, days: float) -> float:
    return chips * days * HOURS_PER_DAY


def _needed_shown(table: pd.DataFrame, used: "pd.Series[float]") -> pd.DataFrame:
    runs = readers.now().once(stated_runs).set_index("run_id").loc[used.index]
    dots_shown = pd.DataFrame(
        {
            "what": [tr("published: {model}", model=model) for model in runs["model"]],
            "share of the 16-bit peak": list(map(numbers.percent, used)),
            "FLOP": runs["flop"].to_numpy(), "GPU-hours": runs["hours"].to_numpy(),
            "source": runs["source_id"].to_numpy(),
        }
    )  # fmt: skip
    middle = pd.DataFrame(
        [{"what": tr("published: median"), "share of the 16-bit peak": numbers.percent(used.median())}]
    )
    ends = zip(table["low"], table["high"], strict=True)
    needed = pd.DataFrame(
        {
            "what": [
                tr("{flop}: {assumed}", flop=flop(value), assumed=assumed)
                for value, assumed in zip(table["flop"], table["assumed"], strict=True)
            ],
            "share of the 16-bit peak": [
                numbers.span(*(numbers.percent(end) for end in pair)) for pair in ends
            ],
            "FLOP": table["flop"], "GPU-hours": table["hours"],
            "published runs at or above": table["more"].map(numbers.count),
            "chance of a new family": table["chance"].map(numbers.chance),
            "source": table["source_id"],
        }
    )  # fmt: skip
    columns = ["published runs at or above", "chance of a new family"]
    shown = pd.concat([needed, dots_shown, middle], ignore_index=True)
    return shown.assign(**{name: shown[name].fillna("–") for name in columns}, source=shown["source"].fillna(""))


# ------------------------------------------------------------------------------------------------------- validation


def predicted_hours() -> pd.DataFrame:
    """Return the stated runs with their accelerator-hours as predicted and as measured, and their family."""
    rows = board(hours_of_runs())
    rows = rows[rows["quantity"] == "accelerator-hours, stated"]
    families = data.load("training_runs").set_index("run_id")["family"]
    return rows.assign(family=rows["row"].map(families)).sort_values("family", kind="stable", ignore_index=True)


def hours_by_family(rows: pd.DataFrame) -> Figure:
    """Return the figure of measured over predicted accelerator-hours, a row a family; rows: `predicted_hours`."""
    ratio = rows["measured"] / rows["predicted"]
    ranges = rows.assign(low=rows["low"] / rows["predicted"], high=rows["high"] / rows["predicted"])
    ranges = ranges.groupby("family", as_index=False).agg(
        low=("low", "min"), high=("high", "max"), runs=("row", "size")
    )
    texts = [
        tr("{family}: {runs} runs", family=row.family, runs=row.runs)
        if row.runs > 1
        else tr("{family}: one run", family=row.family)
        for row in ranges.itertuples()
    ]
    series = np.where(rows["covered"].astype(bool), tr("inside its range"), tr("outside"))
    points = pd.DataFrame({"name": rows["family"], "value": ratio, "series": series, "text": rows["row"]})
    return figure(
        charts_scores.dots_in_ranges(
            points,
            ranges.assign(name=ranges["family"], label=texts)[["name", "label", "low", "high"]],
            value_title="GPU-hours measured over predicted (log scale)",
            styles={tr("inside its range"): ("circle", theme.BLUE), tr("outside"): ("cross", theme.ORANGE)},
            scale=alt.Scale(type="log", domain=[0.25, 4], nice=False),
            axis=alt.Axis(values=[0.3, 0.5, 1, 2, 3], format="~g"),
            line=(1, tr("as predicted")),
        ),
        name="fig-hours-of-runs",
        caption=tr(
            "Each run is predicted from the other families alone. Bars are the 90 % ranges. Most runs lie within a "
            "third of the prediction; those outside their range took fewer hours."
        ),
        alt_text=tr(
            "Dot plot of GPU-hours measured over predicted for {runs} runs of {families} families, from {low} "
            "({first}) to {high} ({last}); {inside} of the runs lie inside their 90 % ranges.",
            runs=len(rows), families=len(ranges), low=numbers.times(ratio.min()), first=rows["row"][ratio.idxmin()],
            high=numbers.times(ratio.max()), last=rows["row"][ratio.idxmax()], inside=int(rows["covered"].sum()),
        ),
        table=pd.DataFrame(
            {
                "covered": np.where(rows["covered"].astype(bool), tr("inside"), tr("outside")), "run": rows["row"],
                "family": rows["family"], "GPU-hours measured": rows["measured"], "predicted": rows["predicted"],
                "low": rows["low"], "high": rows["high"], "measured over predicted": ratio,
                "baseline": rows["baseline"], "source": rows["source_id"],
            }
        ),
    )  # fmt: skip
