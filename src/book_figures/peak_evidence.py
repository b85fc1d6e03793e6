"""The figures of chapter 5 on evidence: the step-time model beside a dumb guess, and the shares that runs have used."""

from typing import Any, Final

import altair as alt
import numpy as np
import pandas as pd
import scipy

from book_figures import numbers, scoreboard, theme
from book_figures.charts_claims import Styles
from book_figures.charts_scores import dots_in_ranges
from book_figures.figure import Figure, figure
from book_figures.peak_share import BATCH, DEFAULT, LARGE_BATCH, MACHINE, MODEL, SMALL_MACHINE, SOURCES, millions, one
from book_figures.readers import now, then
from book_figures.texts import tr
from compute_scaling import data
from compute_scaling.outlook import stated_runs, utilisation_odds
from compute_scaling.reader import Reader

MODEL_HELD, MODEL_FITTED, BASELINE = "model, held out", "model, fitted", "median of the other rows"
SCORES: Final[Styles] = {
    MODEL_HELD: ("circle", theme.BLUE), MODEL_FITTED: ("diamond", theme.PINK), BASELINE: ("square", theme.GREY),
}  # fmt: skip
HFU, MFU, CAMPAIGN = "HFU of a step", "MFU of a step", "whole campaign"
SHARES: Final[Styles] = {
    HFU: ("square", theme.GREEN), MFU: ("diamond", theme.PINK), CAMPAIGN: ("circle", theme.BLUE),
}  # fmt: skip
COMPARED: Final = ("palm-540b", "llama-3-1-405b", "gopher-280b")  # step and campaign known, from clocks and one peak
TABLE_OF_LLAMA: Final = "llama-3-405b"
RUNS, PLANS = "published campaigns", "best plan, one step"
EVIDENCE: Final[Styles] = {RUNS: ("circle", theme.BLUE), PLANS: ("diamond", theme.PINK)}
LEVEL: Final = (0.05, 0.5, 0.95)


# -------------------------------------------------------------------------------------------------- the model's errors


def summaries(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the step times table by table, the best predicted first: `scoreboard.summaries` of `speed.rows()`."""
    table = scoreboard.summaries(rows.assign(subject=scoreboard.STEP_TIME))
    return table.sort_values("median_abs_error", ignore_index=True)


def scores(table: pd.DataFrame) -> Figure:
    """Return the figure of the model's and the baseline's median error in each table of published step times."""
    fitted = table["sample"] != scoreboard.HELD_OUT
    model = table[["name"]].assign(
        value=table["median_abs_error"], series=np.where(fitted, tr(MODEL_FITTED), tr(MODEL_HELD))
    )
    guess = table[["name"]].assign(value=table["baseline_median_abs_error"], series=tr(BASELINE))
    points = pd.concat([model, guess.dropna(subset=["value"])], ignore_index=True)
    errors = [
        f"{numbers.percent(model)}, {numbers.cell(np.nan) if np.isnan(guess) else numbers.percent(guess)}"
        for model, guess in zip(table["median_abs_error"], table["baseline_median_abs_error"], strict=True)
    ]
    ends = points.groupby("name")["value"]
    ranges = table[["name"]].assign(
        label=[f"{name}: {pair}" for name, pair in zip(table["name"], errors, strict=True)],
        low=table["name"].map(ends.min()), high=table["name"].map(ends.max()),
    )  # fmt: skip
    held = table[~fitted]
    wins = held["winner"].value_counts()
    best, worst = held.iloc[0], held.iloc[-1]
    return figure(
        dots_in_ranges(
            points.assign(text=points["name"]), ranges, value_title="median error of the seconds a step",
            styles={tr(name): style for name, style in SCORES.items()}, scale=alt.Scale(zero=True, nice=True),
            axis=alt.Axis(format="%", tickCount=6),
        ),
        name="fig-step-errors",
        caption=tr(
            "Each row is a published table: first the model's error, then that of the dumb guess. Where the square is "
            "further left, the guess wins."
        ),
        alt_text=tr(
            "Dot plot of the median error of the step-time model and of the baseline in {tables} tables. Held out, the "
            "model's errors run from {low} ({first}) to {high} ({last}); the model is better in {wins} tables, the "
            "baseline in {losses}.",
            tables=len(table), low=numbers.percent(best["median_abs_error"]), first=best["name"],
            high=numbers.percent(worst["median_abs_error"]), last=worst["name"], wins=int(wins["model"]),
            losses=int(wins["baseline"]),
        ),
        table=pd.DataFrame(
            {
                "table": table["name"], "sample": table["sample"], "rows": table["rows"],
                "model's median error": table["median_abs_error"].map(numbers.percent),
                "baseline's median error": [pair.split(", ")[1] for pair in errors],
                "better": table["winner"].fillna("–"), "sources": table["sources"],
            }
        ),
    )  # fmt: skip


# ------------------------------------------------------------------------------------------------ three kinds of share


def shares_of_runs() -> pd.DataFrame:
    """Return the published shares of the runs of `COMPARED`: `model`, `share`, `series`, `source`."""
    runs = stated_runs(now()).set_index("run_id").loc[list(COMPARED)]
    columns = {HFU: "hfu", MFU: "step_mfu", CAMPAIGN: "utilisation"}
    rows = [
        {"model": run["model"], "share": float(run[column]), "series": series, "source": run["source_id"]}
        for _, run in runs.iterrows()
        for series, column in columns.items()
        if pd.notna(run[column])
    ]
    steps = data.load("step_times")
    llama = steps[(steps["table_id"] == TABLE_OF_LLAMA) & ~steps["mfu"].isin([row["share"] for row in rows])]
    name = runs.at["llama-3-1-405b", "model"]
    rows += [
        {"model": name, "share": float(step["mfu"]), "series": MFU, "source": step["source_id"]}
        for _, step in llama.iterrows()
    ]
    return pd.DataFrame(rows)


def three_shares(table: pd.DataFrame) -> Figure:
    """Return the figure of HFU, MFU and campaign utilisation of the same runs, from `shares_of_runs`."""
    names = list(dict.fromkeys(table["model"]))
    ends = table.groupby("model")["share"].agg(["min", "max"]).loc[names]
    texts = [
        tr(
            "{model}: step {step}, campaign {campaign}",
            model=name,
            step=_ends(table, name, MFU),
            campaign=_ends(table, name, CAMPAIGN),
        )
        for name in names
    ]
    ranges = pd.DataFrame({"name": names, "label": texts, "low": ends["min"].array, "high": ends["max"].array})
    points = table.rename(columns={"model": "name", "share": "value"}).assign(
        series=table["series"].map(tr), text=table["model"]
    )
    return figure(
        dots_in_ranges(
            points[["name", "value", "series", "text"]], ranges, value_title="share of the peak",
            styles={tr(name): style for name, style in SHARES.items()}, scale=alt.Scale(zero=False, nice=True),
            axis=alt.Axis(format="%", tickCount=5),
        ),
        name="fig-three-shares",
        caption=tr(
            "Three numbers called utilisation, of the same runs. Llama 3.1 405B has a step's MFU for each of three "
            "settings. Only the circle says how long a run takes."
        ),
        alt_text=tr("Dot plot of the shares of the peak that {count} runs used. {texts}.", count=len(names),
                    texts="; ".join(texts)),
        table=table.assign(share=table["share"].map(numbers.percent)).rename(columns={"series": "kind"}),
    )  # fmt: skip


def _ends(table: pd.DataFrame, name: str, series: str) -> str:
    found = table.loc[(table["model"] == name) & (table["series"] == series), "share"]
    return numbers.span(numbers.percent(found.min()), numbers.percent(found.max()))


# ------------------------------------------------------------------------------------------------- what runs have used


def expected(reader: Reader) -> tuple[float, float, float]:
    """Return low, mid and high of the campaign utilisation that a reader expects of a new family of models.

    >>> [round(share, 2) for share in expected(then())]
    [0.17, 0.3, 0.46]
    """
    low, mid, high = scipy.special.expit(utilisation_odds(reader).ppf(LEVEL))
    return float(low), float(mid), float(high)


def utilisations(table: pd.DataFrame) -> Figure:
    """Return the figure of all campaigns with the range for a new one, then and now, over the best plans of `grid`."""
    known, all_runs = stated_runs(then()), stated_runs(now())
    later = all_runs[~all_runs["run_id"].isin(known["run_id"])]
    rows = [
        _campaigns(tr("told by 31 May 2024"), known, expected(then())),
        _campaigns(tr("since, range of all"), later, expected(now())),
        *(_plan(one(table, MODEL, count, tokens)) for tokens in (BATCH, LARGE_BATCH)
          for count in (SMALL_MACHINE, MACHINE)),
    ]  # fmt: skip
    ranges = pd.DataFrame([row | {"value": None} for row in rows])
    points = pd.concat(
        [
            pd.DataFrame(
                {"name": row["name"], "value": row["values"], "series": tr(row["series"]), "text": row["texts"]}
            )
            for row in rows
        ],
        ignore_index=True,
    )
    shown = [
        {
            "evidence": row["name"], "values": len(row["values"]), "least": numbers.percent(min(row["values"])),
            "most": numbers.percent(max(row["values"])), "90 % range from": numbers.percent(row["low"]),
            "mid": numbers.percent(row["mid"]), "to": numbers.percent(row["high"]), "sources": row["sources"],
        }
        for row in rows
    ]  # fmt: skip
    first, last = rows[0], rows[-1]
    return figure(
        dots_in_ranges(
            points, ranges[["name", "label", "low", "high"]], value_title="share of the peak",
            styles={tr(name): style for name, style in EVIDENCE.items()}, scale=alt.Scale(zero=True, nice=True),
            axis=alt.Axis(format="%", tickCount=6),
            line=(DEFAULT, tr("{share}, as in chapter 2", share=numbers.percent(DEFAULT))),
        ),
        name="fig-utilisations",
        caption=tr(
            "What runs have used, above; below, what the best plan could use in a step, by chips and batch. "
            "Grey bars are 90\u00a0% ranges. The upper rows include failures and pauses, the lower ones do not."
        ),
        alt_text=tr(
            "Dot plot of shares of the peak. {count} campaigns told by 31 May 2024 used {least} to {most}, which makes "
            "{low} to {high} the range for a new one. The best plan for {plan} uses {mfu} in a step.",
            count=len(first["values"]), least=shown[0]["least"], most=shown[0]["most"],
            low=numbers.percent(first["low"]), high=numbers.percent(first["high"]), plan=last["name"],
            mfu=numbers.percent(last["mid"]),
        ),
        table=pd.DataFrame(shown),
    )  # fmt: skip


def _campaigns(when: str, runs: pd.DataFrame, ends: tuple[float, float, float]) -> dict[str, Any]:
    low, mid, high = ends
    name = tr("{count} campaigns {when}", count=len(runs), when=when)
    label = f"{name}: {numbers.span(numbers.percent(low), numbers.percent(high))}"
    return {
        "name": name, "label": label, "low": low, "mid": mid, "high": high, "series": RUNS,
        "values": runs["utilisation"].tolist(), "texts": runs["model"].tolist(),
        "sources": ", ".join(sorted(set(runs["source_id"]))),
    }  # fmt: skip


def _plan(row: pd.Series) -> dict[str, Any]:
    name = tr(
        "{chips} H100s, {batch} tokens",
        chips=numbers.count(row["count"]), batch=millions(row["batch_tokens"]),
    )  # fmt: skip
    return {
        "name": name, "label": f"{name}: {numbers.percent(row['mfu'])}", "low": float(row["low"]),
        "mid": float(row["mfu"]), "high": float(row["high"]), "series": PLANS, "values": [float(row["mfu"])],
        "texts": [name], "sources": SOURCES,
    }  # fmt: skip
