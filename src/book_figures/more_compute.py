"""The figures of chapter 10 on what compute buys: the map of losses, what published laws say, and how sure they are."""

from functools import lru_cache
from typing import Any, Final

import altair as alt
import numpy as np
import pandas as pd

from book_figures import alt_texts, charts_chips, charts_plane, numbers, sensitivity
from book_figures.charts_claims import Styles
from book_figures.charts_scores import dots_in_ranges
from book_figures.figure import Control, Figure, Readout, figure
from book_figures.hundred_thousand import runs
from book_figures.readers import now, then
from book_figures.sensitivity import Input
from book_figures.texts import tr, tr_all
from book_figures.theme import BLUE, ORANGE, PINK
from compute_scaling import data
from compute_scaling.claims import ARTICLE_DAY, models
from compute_scaling.reader import Reader
from compute_scaling.scaling_laws import BESIROGLU_2024, ParametricLaw, coefficients, data_constrained_step, published
from compute_scaling.scaling_laws.fitting import COLUMNS
from compute_scaling.scaling_laws.gains import by_law, cloud, open_runs, simulated_runs
from compute_scaling.uncertainty import interval
from compute_scaling.validation import laws

GROK_3: Final = "C25-008"  # the row of the outcomes with its training compute
RULE: Final = "besiroglu-2024"  # the law that the text takes for its middle
FACTOR: Final = 5.0  # of the article, in chips
SAID_FACTOR: Final = 10.0  # of xAI, in compute
MAPPED: Final = ("hoffmann-2022-approach-3", "hoffmann-2022-approach-3-unrounded", RULE)
NAMES: Final = {
    "hoffmann-2022-approach-3": "Hoffmann 2022, as printed",
    "hoffmann-2022-approach-3-unrounded": "Hoffmann 2022, unrounded",
    "besiroglu-2024": "Besiroglu 2024",
    "besiroglu-2024-all-points": "Besiroglu 2024, all points",
    "muennighoff-2023": "Muennighoff 2023",
    "sardana-2023-up-to-10000": "Sardana 2023",
    "krajewski-2024-dense": "Krajewski 2024",
    "llama-3-2024-optimal-tokens": "Llama 3, the paper's text",
    "llama-3-2024-optimal-tokens-figure": "Llama 3, the paper's figure",
    "deepseek-llm-2024-optimal-tokens": "DeepSeek LLM 2024",
}
TOKENS: Final = (1e10, 1e15)  # the window of the map
PARAMETERS: Final = (1e9, 1e14)
TOKEN_TICKS, PARAMETER_TICKS = ([10.0**power for power in range(*ends)] for ends in ((10, 16), (9, 15)))
LEVELS: Final = (1.75, 1.8, 1.85, 1.9, 1.95, 2.0, 2.1, 2.3)
POINTS: Final = 28  # of a line of the map
BUDGETS: Final = (1e22, 1e24, 1e26)
POWERS: Final = tuple(10.0**power for power in range(22, 29))
BEFORE, AFTER = "before the article", "after it"
DENSE: Final = {  # runs of the map: side of the label
    "gpt-3-175b": "right", "gopher-280b": "right", "palm-540b": "right", "chinchilla-70b": "left",
    "llama-3-70b": "right", "llama-3-8b": "right", "llama-3-1-405b": "right",
}  # fmt: skip
RESAMPLES: Final = 2000
DOTS: Final = 250  # of a cloud, drawn
SEED: Final = 0
CLOUDS: Final = {"simulated": "240 runs drawn from a known law", "open": "15 public models"}
MARKED: Final = {  # laws of the cloud that have a label: its text and its side
    "hoffmann-2022-approach-3": ("Hoffmann", "right"),
    "besiroglu-2024": ("Besiroglu", "left"),
    "besiroglu-2024-all-points": ("all points", "left"),
    "sardana-2023-up-to-10000": ("Sardana", "right"),
    "krajewski-2024-dense": ("Krajewski", "right"),
}
MOVED_LAWS: Final = ("besiroglu-2024-all-points", RULE, "krajewski-2024-dense")
NORMAL_90: Final = 1.645  # standard errors to either end of a 90 % range
MIDDLE: Final = (1.06e9, 5e10)  # parameters and tokens: 70M to 16B, 5B to 500B (abstract of Hoffmann et al. 2022)


# ------------------------------------------------------------------------------------------------------------ readers


def grok_3(reader: Reader) -> tuple[float, float, float]:
    """Return low, mid and high of Grok-3's training compute: by its chips, or as estimated where that was public.

    >>> [float(f"{end:.2g}") for end in grok_3(then())], grok_3(now())[1]
    ([1.1e+26, 2.2e+26, 3.8e+26], 3.5e+26)
    """
    rows = reader.table("outcomes").query("outcome_id == @GROK_3")
    if len(rows):
        low, mid, high = rows[["value_low", "value", "value_high"]].iloc[0]
        return float(low), float(mid), float(high)
    return interval(reader.once(models.generations)["C25"])


@lru_cache
def computes() -> dict[float, str]:
    """Return the steps of the slider of compute with their texts: powers of ten, and runs that are known by name.

    >>> [text for text in computes().values() if "Grok" in text]
    ['3.5\xa0×\xa010²⁶ FLOP, Grok-3']
    """
    known = runs().set_index("model")["mid"]
    chinchilla = data.load("training_runs").set_index("run_id").loc["chinchilla-70b"]
    named = {float(known[name]): name for name in ("GPT-4", "Llama 3.1 405B", "Grok-3")}
    named[6 * float(chinchilla["parameters"]) * float(chinchilla["tokens"])] = "Chinchilla"
    texts = {flop: f"{numbers.power_of_ten(flop)} FLOP" for flop in sorted({*POWERS, *named})}
    return {flop: f"{text}, {named[flop]}" if flop in named else text for flop, text in texts.items()}


def compute_control(default: str) -> Control:
    """Return the slider of compute; default: the name of the run that it starts at."""
    steps = {str(step): text for step, text in enumerate(computes().values())}
    start = next(step for step, text in steps.items() if text.endswith(default))
    return Control("compute", tr("Training compute"), steps, start, slider=True)


@lru_cache
def said_by_laws() -> pd.DataFrame:
    """Return `by_law` at every step of the slider, with `step`, `flop` and `name`."""
    parts = [by_law(training_flop=flop).assign(step=step, flop=flop) for step, flop in enumerate(computes())]
    table = pd.concat(parts, ignore_index=True)
    return table.assign(name=table["law"].map(NAMES).map(tr))


# ------------------------------------------------------------------------------------------------------------ the map


def loss_map() -> Figure:
    """Return the map of loss over parameters and tokens, with the law and the compute to choose."""
    best = said_by_laws()
    best = best[best["law"].isin(MAPPED)].reset_index(drop=True)
    things = _known_models()
    optima = best.rename(columns={"tokens": "x", "parameters": "y"})[["x", "y", "law", "step", "name"]]
    paths = pd.concat([_path(law) for law in MAPPED], ignore_index=True)
    styles: Styles = {tr(BEFORE): ("circle", BLUE), tr(AFTER): ("triangle-up", PINK)}
    return figure(
        charts_plane.iso_map(
            _contours(), _diagonals(), paths, things, optima.assign(label=optima["name"]).drop(columns="name"),
            x_title="training tokens (log scale)", y_title="parameters (log scale)", x_ticks=TOKEN_TICKS,
            y_ticks=PARAMETER_TICKS, keep="datum.law === law", keep_optimum="datum.step === compute", styles=styles,
        ),
        name="fig-loss-map",
        caption=tr(
            "Each blue line joins models of equal loss; dotted lines cost equal compute. The green line has the least "
            "loss at "
            "each compute, the orange mark is the optimum at the compute chosen. Change the law, and the green line "
            "turns."
        ),
        alt_text=_alt_of_map(best),
        table=_table_of_map(best, things),
        controls=[Control("law", tr("Law"), tr_all({law: NAMES[law] for law in MAPPED}), RULE),
                  compute_control("Grok-3")],
        readout=Readout(
            best[["law"]].assign(compute=best["step"], text=[optimum_sentence(row) for _, row in best.iterrows()])
        ),
    )  # fmt: skip


def optimum_sentence(row: "pd.Series[Any]") -> str:
    """Return the readout of the map: how a law spends a compute, and the loss that it promises."""
    return tr(
        "{name}: {flop} FLOP are best spent on {parameters} parameters and {tokens} tokens, {ratio} for each "
        "parameter. Loss: {loss}.",
        name=row["name"], flop=numbers.power_of_ten(row["flop"]), parameters=numbers.large(row["parameters"], 2),
        tokens=numbers.large(row["tokens"], 2), ratio=numbers.significant(row["tokens_per_parameter"], 2),
        loss=nats(row["loss"]),
    )  # fmt: skip


def _contours() -> pd.DataFrame:
    """Return the lines of equal loss inside the window, those of each law in turn; a line ends at its right."""
    share = 1 / (1 + np.exp(-np.linspace(-9, 9, 160)))
    parts: list[pd.DataFrame] = []
    for law in MAPPED:
        fitted = published(law)
        for level in LEVELS:
            if level < fitted.E + 0.01:
                continue
            parameters, tokens = fitted.reaching(level, share)
            inside = (tokens > TOKENS[0]) & (tokens < TOKENS[1]) & (parameters > PARAMETERS[0])
            inside &= parameters < PARAMETERS[1]
            rows = pd.DataFrame({"x": tokens[inside], "y": parameters[inside]}).sort_values("x", ignore_index=True)
            kept = rows.iloc[np.unique(np.linspace(0, len(rows) - 1, POINTS).astype(int))]
            parts.append(kept.assign(line=len(parts), label=numbers.fixed(level, 2), law=law))
    return pd.concat(parts, ignore_index=True)


def _diagonals() -> pd.DataFrame:
    """Return the lines of equal compute, from where they enter the window at its left or its top."""
    parts = []
    for line, flop in enumerate(BUDGETS):
        ends = np.array([max(TOKENS[0], flop / 6 / PARAMETERS[1]), min(TOKENS[1], flop / 6 / PARAMETERS[0])])
        label = f"{numbers.power_of_ten(flop, 1).removeprefix('1 × ')} FLOP"
        parts.append(pd.DataFrame({"x": ends, "y": flop / 6 / ends, "line": line, "label": label}))
    return pd.concat(parts, ignore_index=True)


def _path(law: str) -> pd.DataFrame:
    parameters, tokens = published(law).optimum(np.array([1e20, 1e31]))
    return pd.DataFrame({"x": tokens, "y": parameters, "law": law})


def _known_models() -> pd.DataFrame:
    table = data.load("training_runs").set_index("run_id").loc[list(DENSE)]
    return pd.DataFrame(
        {
            "x": table["tokens"].astype(float),
            "y": table["parameters"].astype(float),
            "label": table["model"],
            "series": np.where(table["known_on"] <= pd.Timestamp(ARTICLE_DAY), tr(BEFORE), tr(AFTER)),
            "side": list(DENSE.values()),
            "source": table["source_id"],
        }
    ).reset_index(drop=True)


def _alt_of_map(best: pd.DataFrame) -> str:
    row = best[(best["law"] == RULE) & (best["flop"] == grok_3(now())[1])].iloc[0]
    return tr(
        "Map of parameters over training tokens, both on log scales, with lines of equal loss, lines of equal compute "
        "and the compute-optimal path. At {flop} FLOP the optimum by {name} is {parameters} parameters and {tokens} "
        "tokens, at a loss of {loss}.",
        flop=numbers.power_of_ten(row["flop"]), name=row["name"], parameters=numbers.large(row["parameters"], 2),
        tokens=numbers.large(row["tokens"], 2), loss=nats(row["loss"]),
    )  # fmt: skip


def _table_of_map(best: pd.DataFrame, things: pd.DataFrame) -> pd.DataFrame:
    columns = {
        "name": "law or model", "flop": "FLOP", "parameters": "parameters", "tokens": "tokens",
        "tokens_per_parameter": "tokens per parameter", "loss": "loss", "source_id": "source",
    }  # fmt: skip
    known = things.rename(columns={"label": "name", "x": "tokens", "y": "parameters", "source": "source_id"})
    known = known.assign(
        flop=6 * known["tokens"] * known["parameters"], tokens_per_parameter=known["tokens"] / known["parameters"]
    )
    return _in_words(pd.concat([best, known], ignore_index=True))[list(columns)].rename(columns=columns)


def _in_words(rows: pd.DataFrame) -> pd.DataFrame:
    """Return rows with compute, sizes and losses as the reader sees them: all of a column in one form."""
    writers = {
        "flop": numbers.power_of_ten, "parameters": _three, "tokens": _three, "tokens_per_parameter": written,
        "loss": nats,
    }  # fmt: skip
    return rows.assign(**{name: rows[name].map(write, na_action="ignore") for name, write in writers.items()})


def _three(value: float) -> str:
    return numbers.large(value)


# -------------------------------------------------------------------------------------------- what published laws say


def published_ratios() -> Figure:
    """Return the figure of the tokens for each parameter that published laws find best, at a compute to choose."""
    table = said_by_laws()
    label = [
        f"{name}: {numbers.significant(ratio, 2)}"
        for name, ratio in zip(table["name"], table["tokens_per_parameter"], strict=True)
    ]
    rows = table.assign(entity=table["name"], value=table["tokens_per_parameter"], label=label)
    control = compute_control("Chinchilla")
    default = rows[rows["step"] == int(control.start)].reset_index(drop=True)
    thumb = float(coefficients(RULE).at["tokens_per_parameter", "value"])
    return figure(
        charts_chips.ranked_dots(
            rows[["entity", "value", "label", "step"]], value_title="best tokens for each parameter (log scale)",
            axis_format=",~f",
            rows=len(NAMES), keep="datum.step === compute", line=(thumb, tr("the usual rule")),
        ),
        name="fig-published-ratios",
        caption=tr(
            "The same question to every law: how many tokens should each parameter see? Hoffmann's two are one fit, "
            "printed with two and with four digits."
        ),
        alt_text=alt_texts.of_values(
            "Dot plot", "tokens for each parameter at the compute of Chinchilla, by published law", default["name"],
            default["value"], written,
        ),
        table=_in_words(default)[
            ["name", "flop", "tokens_per_parameter", "parameters", "tokens", "known_on", "source_id"]
        ].rename(
            columns={"name": "law", "flop": "FLOP", "tokens_per_parameter": "tokens per parameter",
                     "known_on": "known on", "source_id": "source"}
        ),
        controls=[control],
        readout=Readout(
            pd.DataFrame(
                [{"compute": step, "text": ratio_sentence(part)} for step, part in rows.groupby("step", sort=True)]
            )
        ),
    )  # fmt: skip


def ratio_sentence(rows: pd.DataFrame) -> str:
    """Return the readout at a compute: the law with the most tokens for each parameter, and that with the fewest."""
    least, most = (rows.loc[getattr(rows["value"], end)()] for end in ("idxmin", "idxmax"))
    return tr(
        "At {flop} FLOP: from {low} tokens for each parameter ({first}) to {high} ({last}).",
        flop=numbers.power_of_ten(least["flop"]), low=written(least["value"]), first=least["name"],
        high=written(most["value"]), last=most["name"],
    )  # fmt: skip


def written(value: float) -> str:
    """Return a ratio with the two digits that it bears.

    >>> written(0.8371), written(92.8)
    ('0.84', '93')
    """
    return numbers.significant(value, 2)


def nats(value: float) -> str:
    """Return a loss or a gain in nats, to three decimals: all of this chapter can be held against one another.

    >>> nats(0.01667), nats(0.1046), nats(1.61)
    ('0.017', '0.105', '1.610')
    """
    return numbers.fixed(value, 3)


# ---------------------------------------------------------------------------------------------------------- the cloud


@lru_cache
def clouds() -> dict[str, pd.DataFrame]:
    """Return the laws fitted to resampled losses of each set of runs: what they say at Grok-3's compute."""
    flop = grok_3(now())[1]
    sets = {"simulated": simulated_runs(BESIROGLU_2024, seed=SEED), "open": open_runs()}
    return {
        name: cloud(sets[name], training_flop=flop, factor=FACTOR, resamples=RESAMPLES, seed=SEED) for name in CLOUDS
    }


def fit_cloud() -> Figure:
    """Return the figure of laws fitted again and again: tokens for each parameter, and what five times more buys."""
    flop = grok_3(now())[1]
    drawn = {name: rows.head(DOTS) for name, rows in clouds().items()}
    points = pd.concat([rows.assign(runs=name) for name, rows in drawn.items()], ignore_index=True)
    points = points.rename(columns={"tokens_per_parameter": "x", "gain": "y"})
    known = by_law(training_flop=flop, factor=FACTOR).dropna(subset=["gain"])
    named = [MARKED.get(law, ("", "right")) for law in known["law"]]
    marks = pd.DataFrame(
        {
            "x": known["tokens_per_parameter"], "y": known["gain"], "label": [tr(label) for label, _ in named],
            "side": [side for _, side in named],
            "text": known["law"].map(NAMES).map(tr), "series": tr("published law"),
        }
    )  # fmt: skip
    chart = charts_plane.cloud(
        points, marks, x_title="tokens for each parameter (log scale)",
        y_title="nats off the loss (log scale)", x_ticks=(0.1, 1, 10, 100, 1000, 10_000, 100_000),
        y_ticks=(0.005, 0.01, 0.02, 0.05, 0.1, 0.2), keep="datum.runs === runs",
        styles={tr("published law"): ("diamond", ORANGE)},
    )  # fmt: skip
    table = pd.concat([_ranges_of_clouds(), _laws_in_table(known)], ignore_index=True)
    return figure(
        chart,
        name="fig-fit-cloud",
        caption=tr(
            "Each grey dot is a law fitted to resampled losses. With as many runs as Hoffmann et al. show, the cloud "
            "is small; fifteen public models cannot tell parameters from tokens at all. Across: the best ratio at "
            "Grok-3's compute. Upwards: what the last five times of compute took off the loss. Dots at an edge lie "
            "beyond it."
        ),
        alt_text=tr(
            "Scatter plot of laws fitted to resampled losses. For {runs}, nine in ten lie between {low} and {high} "
            "tokens for each parameter; for {others}, between {least} and {most}.",
            runs=table["fitted to"][0], low=table["tokens per parameter, low"][0],
            high=table["tokens per parameter, high"][0], others=table["fitted to"][1],
            least=table["tokens per parameter, low"][1], most=table["tokens per parameter, high"][1],
        ),
        table=table,
        controls=[Control("runs", tr("Fitted to"), tr_all(CLOUDS), "simulated")],
        readout=Readout(
            pd.DataFrame([{"runs": name, "text": cloud_sentence(name)} for name in CLOUDS])
        ),
    )  # fmt: skip


def cloud_ranges(name: str) -> dict[str, tuple[float, float, float]]:
    """Return low, mid and high of a cloud's two quantities, at 90 %."""
    rows = clouds()[name]
    return {column: interval(rows[column]) for column in rows}


def cloud_sentence(name: str) -> str:
    """Return the readout of a cloud: the 90 % ranges of its two quantities."""
    found = cloud_ranges(name)
    ratio, gain = found["tokens_per_parameter"], found["gain"]
    return tr(
        "{runs}: {ratio} tokens for each parameter, and the last five times took {gain} nats off the loss "
        "(90 % of the fits).",
        runs=tr(CLOUDS[name]), ratio=numbers.span(written(ratio[0]), written(ratio[2])),
        gain=numbers.span(nats(gain[0]), nats(gain[2])),
    )  # fmt: skip


def _ranges_of_clouds() -> pd.DataFrame:
    rows = []
    for name, text in CLOUDS.items():
        found = cloud_ranges(name)
        cells = {
            f"{column}, {end}": write(value)
            for column, key, write in (
                ("tokens per parameter", "tokens_per_parameter", written),
                ("loss bought", "gain", nats),
            )
            for end, value in zip(("low", "mid", "high"), found[key], strict=True)
        }
        rows.append({"fitted to": tr(text)} | cells | {"source": "besiroglu-2024" if name == "simulated" else _open()})
    return pd.DataFrame(rows)


def _laws_in_table(known: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "fitted to": [tr("published: {name}", name=tr(NAMES[law])) for law in known["law"]],
            "tokens per parameter, mid": known["tokens_per_parameter"].map(written),
            "loss bought, mid": known["gain"].map(nats),
            "source": known["source_id"],
        }
    )


def _open() -> str:
    return ", ".join(sorted(set(open_runs()["source_id"])))


# --------------------------------------------------------------------------------------------- what five times buys


def steps_by_law() -> pd.DataFrame:
    """Return what the step up to Grok-3 took off the loss, a row a law: as known then and today, and as a share."""
    known = by_law(training_flop=grok_3(now())[1], factor=FACTOR).dropna(subset=["gain"])
    earlier = by_law(training_flop=grok_3(then())[1], factor=FACTOR).set_index("law")["gain"]
    tenfold = by_law(training_flop=grok_3(now())[1], factor=SAID_FACTOR).set_index("law")["gain"]
    table = known.assign(then=known["law"].map(earlier), tenfold=known["law"].map(tenfold))
    return table[["law", "then", "gain", "tenfold", "share", "loss", "known_on", "source_id"]].reset_index(drop=True)


def shown_steps() -> pd.DataFrame:
    """Return `steps_by_law` as the reader sees it, with the range of the fits to simulated runs."""
    table = steps_by_law()
    fits = cloud_ranges("simulated")["gain"]
    columns = ["law", "five times, May 2024", "five times, today", "ten times, today",
               "of the loss above the floor", "sources"]  # fmt: skip
    rows = [
        [
            tr(NAMES[row.law]),
            nats(row.then),
            nats(row.gain),
            nats(row.tenfold),
            numbers.percent(row.share),
            row.source_id,
        ]
        for row in table.itertuples()
    ]
    rows.append([tr(CLOUDS["simulated"]), "–", numbers.span(nats(fits[0]), nats(fits[2])), "–", "–", "besiroglu-2024"])
    return pd.DataFrame(rows, columns=[tr(name) for name in columns])


def held_out() -> pd.DataFrame:
    """Return the losses of models held out, beside their predictions and two guesses that need no law.

    Columns: `model`, `table`, `low`, `predicted`, `high`, `measured`, `error`, `next_error` (of the loss of the next
    smaller model), `median_error` (of the median of the others), `covered`, `source_id`.
    """
    rows = laws.rows()
    chosen = rows[rows["quantity"] == laws.CHOSEN]
    smaller = chosen[chosen["sample"] == "fitted"].groupby("table")["measured"].min()
    found = chosen[chosen["sample"] == "held out"]
    following = found["table"].map(smaller) / found["measured"] - 1
    found = found.assign(next_error=following, median_error=found["baseline_error"]).rename(columns={"row": "model"})
    columns = [
        "model",
        "table",
        "low",
        "predicted",
        "high",
        "measured",
        "error",
        "next_error",
        "median_error",
        "covered",
    ]
    return found[[*columns, "source_id"]].reset_index(drop=True)


def shown_held_out() -> pd.DataFrame:
    """Return `held_out` as the reader sees it."""
    table = held_out()
    return pd.DataFrame(
        {
            "model": [
                tr("{model}, from its card", model=model) if source.endswith("card") else model
                for model, source in zip(table["model"], table["source_id"], strict=True)
            ],
            "predicted": table["predicted"].map(nats),
            "90 % range": [numbers.span(*map(nats, ends)) for ends in zip(table["low"], table["high"], strict=True)],
            "measured": table["measured"].map(nats),
            "law off by": table["error"].abs().map(numbers.percent),
            "next smaller model off by": table["next_error"].abs().map(numbers.percent),
            "median off by": table["median_error"].abs().map(numbers.percent),
            "source": table["source_id"],
        }
    )


# -------------------------------------------------------------------------------------------------- compute and scores


@lru_cache
def slopes() -> pd.DataFrame:
    """Return the points of MMLU for ten times the compute: all models then, all today, and with each one left out.

    Columns: `name`, `kind` (`all` or `one left out`), `models`, `low`, `mid`, `high`, `sources`.
    """
    rows = []
    for reader, day in ((then(), tr("as known in May 2024")), (now(), tr("today"))):
        table = reader.once(models.compute_and_score)
        names = [None, *table["model"]] if reader is now() else [None]
        for left_out in names:
            part = table[table["model"] != left_out]
            low, mid, high = models.score_slope(part)
            whole = tr("{count} models, {day}", count=len(part), day=day)
            rows.append(
                {
                    "name": tr("{day}, without {model}", day=day, model=left_out) if left_out else whole,
                    "kind": "one left out" if left_out else "all", "models": len(part), "low": low, "mid": mid,
                    "high": high, "sources": ", ".join(sorted(set(", ".join(part["source_id"]).split(", ")))),
                }
            )  # fmt: skip
    return pd.DataFrame(rows)


def score_slopes() -> Figure:
    """Return the figure of the slope behind the verdict, with its range, and of how little single models move it."""
    rows = slopes().copy()
    label = [f"{name}: {_points(mid)}" for name, mid in zip(rows["name"], rows["mid"], strict=True)]
    ranges = rows.assign(label=label)
    rows["kind"] = rows["kind"].map(tr)
    points = rows.rename(columns={"mid": "value", "kind": "series"}).assign(text=rows["name"])
    reach = float(rows["high"].max())
    return figure(
        dots_in_ranges(
            points[["name", "value", "series", "text"]],
            ranges[["name", "label", "low", "high"]],
            value_title="points of MMLU for ten times the compute",
            styles={tr("all"): ("circle", BLUE), tr("one left out"): ("diamond", PINK)},
            line=(0, tr("no effect")),
            scale=alt.Scale(domain=[0, reach * 1.02], nice=False),
            axis=alt.Axis(tickCount=6, format="~g"),
        ),
        name="fig-score-slopes",
        caption=tr("Every range lies to the right of zero. No single model carries the result."),
        alt_text=alt_texts.of_values(
            "Dot plot with ranges",
            "points of MMLU that go with ten times the compute",
            rows["name"],
            rows["mid"],
            _points,
        ),
        table=rows.assign(**{end: rows[end].map(_points) for end in ("low", "mid", "high")}).rename(
            columns={"name": "models taken", "kind": "which", "mid": "points"}
        ),
    )


def _points(value: float) -> str:
    return numbers.fixed(value, 1)


# --------------------------------------------------------------------------------------------------------- sensitivity


def bought(law: Any, flop: Any, factor: Any, tokens: Any, alpha: Any, beta: Any) -> Any:
    """Return the loss that the last `factor` times up to a compute bought, with so many unique tokens to read.

    law: place in `MOVED_LAWS`, the nearest. alpha, beta: exponents of the middle law; another law's move as far, about
    the middle of the runs. Arguments are arrays of one length.
    """
    fitted = [published(name) for name in MOVED_LAWS]
    chosen = np.rint(law).astype(int)
    base = ParametricLaw(*(np.array([getattr(one, field) for one in fitted])[chosen] for field in COLUMNS))
    middle = fitted[MOVED_LAWS.index(RULE)]
    turned = base.turned(
        alpha=base.alpha + alpha - middle.alpha, beta=base.beta + beta - middle.beta, parameters=MIDDLE[0],
        tokens=MIDDLE[1],
    )  # fmt: skip
    return data_constrained_step(turned, training_flop=flop / factor, factor=factor, unique_tokens=tokens)


@lru_cache
def moved() -> pd.DataFrame:
    """Return what each assumption does to the loss bought."""
    rows = coefficients(RULE)
    reader = now()
    flop = grok_3(reader)
    drawn = reader.once(models.generations)
    low, _, high = interval(drawn["C25"] / drawn["C24"])
    stock = data.load("limits").query("quantity == 'stock of text'").set_index("subject")
    few = float(data.load("training_runs").set_index("run_id").at["llama-3-1-405b", "tokens"])
    exponents = [
        Input(name, tr("exponent of {what}", what=tr(what)), *_within_errors(rows, name), _exponent, "besiroglu-2024")
        for name, what in (("alpha", "parameters"), ("beta", "tokens"))
    ]
    inputs = [
        Input("law", "law", 0, 1, 2, _law_name, "besiroglu-2024, krajewski-2024"),
        Input("flop", "compute of Grok-3, FLOP", *flop, numbers.power_of_ten, "epoch-notable-ai-models"),
        Input("factor", "times the compute of Grok-2", low, FACTOR, high, numbers.times, "generation-nt-2024"),
        Input(
            "tokens", "different tokens to read", few, float(stock.at["public, high quality", "value"]),
            float(stock.at["public, of use for training", "value"]), numbers.large,
            "llama-3-herd-2024, cummins-2024, villalobos-2024",
        ),
        *exponents,
    ]  # fmt: skip
    return sensitivity.moved(bought, inputs, word=word, threshold=0.0)


def tornado(table: pd.DataFrame) -> Figure:
    """Return the tornado of what the step bought."""
    return sensitivity.tornado_figure(
        table,
        name="fig-bought",
        what="the loss that the last five times of compute bought",
        caption=tr(
            "Which law one believes matters far more than all the rest together. No input takes the gain to zero: the "
            "direction is sure, the size is not."
        ),
        value_title="nats per token off the loss (log scale)",
        write=nats,
        log=True,
    )


def word(gain: float) -> str:
    """Return the word of the claim that progress depends on compute: whether more of it buys anything.

    >>> word(0.02), word(0.0)
    ('holds', 'does not hold')
    """
    return "holds" if gain > 0 else "does not hold"


def _within_errors(rows: pd.DataFrame, name: str) -> tuple[float, float, float]:
    value, reach = float(rows.at[name, "value"]), NORMAL_90 * float(rows.at[name, "standard_error"])
    return value - reach, value, value + reach


def _exponent(value: float) -> str:
    return numbers.significant(value, 3)


def _law_name(place: float) -> str:
    return tr(NAMES[MOVED_LAWS[round(place)]])
