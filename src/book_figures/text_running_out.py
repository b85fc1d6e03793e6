"""The figures of chapter 10 on text: how much there is, how much a run needs, and what reading it twice costs."""

from functools import lru_cache
from typing import Any, Final

import altair as alt
import numpy as np
import pandas as pd

from book_figures import alt_texts, numbers
from book_figures.charts_claims import Styles
from book_figures.charts_curves import curves
from book_figures.charts_scores import dots_in_ranges
from book_figures.figure import Control, Figure, Readout, figure
from book_figures.more_compute import grok_3
from book_figures.readers import now
from book_figures.texts import tr
from book_figures.theme import BLUE, ORANGE
from compute_scaling import data
from compute_scaling.scaling_laws import (
    MUENNIGHOFF_2023,
    coefficients,
    data_constrained_loss,
    data_constrained_optimum,
    optimal_tokens,
    published,
    single_epoch_loss,
)

STOCK: Final = "stock of text"
STOCKS: Final = {  # subjects of data/limits.csv, smallest first
    "X, posts": "posts on X",
    "public, high quality, English": "good public text, English",
    "public, high quality": "good public text",
    "web, high quality": "good text on the web",
    "public, of use for training": "public text, with repeats",
    "all of language": "all text, any quality",
}
LARGEST_OPEN: Final = "llama-3-1-405b"
NEEDS: Final = ("besiroglu-2024", "llama-3-2024-optimal-tokens-figure", "hoffmann-2022-approach-3-unrounded")
SHORT: Final = dict(zip(NEEDS, ("Besiroglu", "Llama 3's figure", "Hoffmann"), strict=True))
THERE, WANTED = "there is", "a run takes"
UNIQUE: Final = (1.56e13, 3e13, 6e13, 1.6e14, 3e14)  # steps of the slider: Llama 3.1, then Cummins, then Villalobos
DEFAULT_UNIQUE: Final = 2  # its place: good public text in all languages
FLOPS: Final = np.geomspace(1e24, 1e29, 26)
TRILLION: Final = 1e12
SMALLEST: Final = 0.0001  # nats: far below the scatter of any fit
FREE, AGAIN, ONCE = "as much text as one likes", "the text read again and again", "each token read once"


def stock(subject: str) -> "pd.Series[Any]":
    """Return the published row on a stock of text.

    >>> float(stock("X, posts")["value"])
    11000000000000.0
    """
    rows = data.load("limits").query("quantity == @STOCK").set_index("subject")
    return rows.loc[subject]


def needed(law: str, training_flop: float) -> float:
    """Return the compute-optimal tokens by a law of either kind.

    >>> round(needed("besiroglu-2024", 3.5e26) / 1e12)
    30
    """
    if law.startswith("llama-3"):
        return float(optimal_tokens(law, training_flop))
    return float(published(law).optimum(training_flop)[1])


@lru_cache
def needs_and_stocks() -> pd.DataFrame:
    """Return what there is and what a run takes, in tokens.

    Columns: `name`, `series`, `low`, `mid`, `high`, `known_on`, `source`. The need of Grok-3 is the compute-optimal
    one, with the range of the estimates of its compute; nobody outside knows what it read. `mid` is missing where a
    source gives a range alone.
    """
    rows = []
    for subject, name in STOCKS.items():
        found = stock(subject)
        ends = [found[f"value_{end}"] if pd.notna(found[f"value_{end}"]) else found["value"] for end in ("low", "high")]
        rows.append([tr(name), tr(THERE), ends[0], found["value"], ends[1], found["known_on"], found["source_id"]])
    run = data.load("training_runs").set_index("run_id").loc[LARGEST_OPEN]
    read = float(run["tokens"])
    taken = [[tr("Llama 3.1 405B, used"), tr(WANTED), read, read, read, run["known_on"], run["source_id"]]]
    compute = data.load("outcomes").set_index("outcome_id").loc["C25-008"]
    for law in NEEDS:
        low, mid, high = (needed(law, flop) for flop in grok_3(now()))
        name = tr("Grok-3, best by {law}", law=tr(SHORT[law]))
        law_source = coefficients(law)["source_id"].iloc[0]
        taken.append([name, tr(WANTED), low, mid, high, compute["known_on"], f"{compute['source_id']}, {law_source}"])
    columns = ["name", "series", "low", "mid", "high", "known_on", "source"]
    return pd.DataFrame([*taken, *rows], columns=columns).astype({"low": float, "mid": float, "high": float})


def need_and_stock() -> Figure:
    """Return the figure of the tokens that a run takes beside those that there are."""
    rows = needs_and_stocks()
    ranges = rows.assign(label=[_named(row) for _, row in rows.iterrows()])
    ranges = ranges.assign(low=rows["low"] / TRILLION, high=rows["high"] / TRILLION)
    points = rows.dropna(subset=["mid"]).assign(value=rows["mid"] / TRILLION, text=rows["name"])
    styles: Styles = {tr(THERE): ("circle", BLUE), tr(WANTED): ("diamond", ORANGE)}
    middles = rows.dropna(subset=["mid"]).reset_index(drop=True)
    return figure(
        dots_in_ranges(
            points[["name", "value", "series", "text"]], ranges[["name", "label", "low", "high"]],
            value_title="trillions of tokens (log scale)", styles=styles,
            scale=alt.Scale(type="log", domain=[5, 200_000], nice=False),
            axis=alt.Axis(values=[10, 100, 1000, 10_000, 100_000], format=",d"),
        ),
        name="fig-need-and-stock",
        caption=tr(
            "What the best use of Grok-3's compute would read lies among the estimates of all good public text. The "
            "posts of X alone would not do."
        ),
        alt_text=alt_texts.of_values(
            "Dot plot with ranges", "tokens that a run takes and that there are", middles["name"], middles["mid"],
            _tokens,
        ),
        table=rows.rename(
            columns={
                "name": "text", "series": "kind", "mid": "tokens", "known_on": "known on", "source": "sources"
            }
        ),
    )  # fmt: skip


def _named(row: "pd.Series[Any]") -> str:
    span = numbers.span(numbers.significant(row["low"] / TRILLION, 2), _tokens(row["high"]))
    return f"{row['name']}: {span if pd.isna(row['mid']) else _tokens(row['mid'])}"


def _tokens(value: float) -> str:
    """Return a number of tokens in trillions, as all of this chapter are.

    >>> _tokens(9.3e16)
    '93,000 trillion'
    """
    return f"{numbers.significant(value / TRILLION, 2)} {tr('trillion')}"


# ----------------------------------------------------------------------------------------------------------- the wall


@lru_cache
def with_limited_text() -> pd.DataFrame:
    """Return the least loss at each compute for each stock of different tokens, by the law for repeated text.

    Columns: `step` (of the slider), `unique`, `flop`, `series`, `loss`, `above` (the law's floor), `readings`: how
    often the text is read at that optimum.
    """
    law, unique = MUENNIGHOFF_2023, np.array(UNIQUE)[:, None]
    free = law.optimum(FLOPS)
    repeated = data_constrained_optimum(law, training_flop=FLOPS, unique_tokens=unique)
    losses = {
        FREE: np.broadcast_to(law.loss(*free), (len(UNIQUE), len(FLOPS))),
        AGAIN: data_constrained_loss(law, *repeated, unique_tokens=unique),
        ONCE: single_epoch_loss(law, training_flop=FLOPS, unique_tokens=unique),
    }
    readings = {AGAIN: repeated[1] / unique, ONCE: np.minimum(free[1] / unique, 1), FREE: np.nan * repeated[1]}
    parts = [
        pd.DataFrame(
            {
                "step": np.repeat(range(len(UNIQUE)), len(FLOPS)), "unique": np.repeat(UNIQUE, len(FLOPS)),
                "flop": np.tile(FLOPS, len(UNIQUE)), "series": tr(name), "loss": values.ravel(),
                "above": values.ravel() - law.E, "readings": readings[name].ravel(),
            }
        )
        for name, values in losses.items()
    ]  # fmt: skip
    return pd.concat(parts, ignore_index=True)


@lru_cache
def at_compute(training_flop: float) -> pd.DataFrame:
    """Return the optimum at a compute for each stock: `step`, `unique`, `readings`, losses `free`, `again`, `once`."""
    law, unique = MUENNIGHOFF_2023, np.array(UNIQUE)
    parameters, tokens = data_constrained_optimum(law, training_flop=training_flop, unique_tokens=unique)
    return pd.DataFrame(
        {
            "step": range(len(UNIQUE)),
            "unique": unique,
            "readings": tokens / unique,
            "free": float(law.loss(*law.optimum(training_flop))),
            "again": data_constrained_loss(law, parameters, tokens, unique_tokens=unique),
            "once": single_epoch_loss(law, training_flop=training_flop, unique_tokens=unique),
        }
    )


def wall() -> Figure:
    """Return the figure of loss over compute with a stock of text to choose."""
    rows = with_limited_text()
    flop, law = grok_3(now())[1], MUENNIGHOFF_2023
    spots = at_compute(flop)
    points = pd.DataFrame(
        {"x": flop, "y": spots["again"] - law.E, "label": tr("Grok-3's compute"), "step": spots["step"]}
    )
    steps = {str(step): tr("{size} tokens", size=_tokens(unique)) for step, unique in enumerate(UNIQUE)}
    shown = rows[rows["step"] == DEFAULT_UNIQUE].drop(columns="step")
    hundred = at_compute(100 * flop)
    return figure(
        curves(
            rows.rename(columns={"flop": "x", "above": "y"})[["x", "y", "series", "step"]],
            x_title="training compute in FLOP (log scale)", y_title="loss above the floor, nats per token (log scale)",
            keep="datum.step === stock", points=points, keep_points="datum.step === stock", x_log=True, y_log=True,
            x_format=".0e", y_format="~g",
        ),
        name="fig-data-wall",
        caption=tr(
            "The wall is soft. Where the text runs out, the curve for text that is read again bends away slowly; only "
            "who reads each token once pays dearly. Move the slider to less text."
        ),
        alt_text=tr(
            "Line chart of loss above the floor over training compute, by the law of Muennighoff et al., with {size} "
            "different tokens. At {flop} FLOP it is {free} without a limit, {again} with text read again and {once} "
            "with each token read once.",
            size=_tokens(UNIQUE[DEFAULT_UNIQUE]), flop=numbers.power_of_ten(FLOPS[-1]),
            **_ends_of(shown),
        ),
        table=shown.assign(
            source="muennighoff-2023"
        ).rename(columns={"unique": "different tokens", "flop": "FLOP", "above": "loss above the floor"}),
        controls=[Control("stock", tr("Different tokens to read"), steps, str(DEFAULT_UNIQUE), slider=True)],
        readout=Readout(
            pd.DataFrame(
                {
                    "stock": spots["step"],
                    "text": [wall_sentence(spots.loc[step], hundred.loc[step]) for step in spots["step"]],
                }
            )
        ),
    )  # fmt: skip


def _ends_of(rows: pd.DataFrame) -> dict[str, str]:
    last = rows[rows["flop"] == FLOPS[-1]].set_index("series")["above"]
    names = {"free": FREE, "again": AGAIN, "once": ONCE}
    return {key: numbers.significant(last[tr(name)], 3) for key, name in names.items()}


def wall_sentence(one: "pd.Series[Any]", hundred: "pd.Series[Any]") -> str:
    """Return the readout of a stock: how much of the text is read and what the lack of it costs, at two computes."""
    return tr(
        "With {size} different tokens: at Grok-3's compute the best run reads {readings}, and the limit costs {cost} "
        "nats of loss. At a hundred times that compute it reads {later}, and the limit costs {later_cost} nats.",
        size=_tokens(one["unique"]), readings=_readings(one["readings"]), cost=_cost(one),
        later=_readings(hundred["readings"]), later_cost=_cost(hundred),
    )  # fmt: skip


def _readings(count: float) -> str:
    """Return how much of a text is read: a share of it, or how often all of it."""
    if count < 1:
        return tr("{share} of the text", share=numbers.percent(count))
    return tr("the text {count} times", count=numbers.significant(count, 2))


def _cost(row: "pd.Series[Any]") -> str:
    """Return what the limit costs in loss; what the digits cannot show reads as less than they can."""
    cost = row["again"] - row["free"]
    return (
        numbers.significant(cost, 2)
        if cost >= SMALLEST
        else tr("less than {size}", size=numbers.significant(SMALLEST, 1))
    )
