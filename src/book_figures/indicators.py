"""The figures of chapter 11: on how many indicators Grok-2 led, and what a lead is worth."""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any, Final

import altair as alt
import numpy as np
import pandas as pd

from book_figures import alt_texts, charts_chips, numbers, sensitivity
from book_figures.charts_claims import Styles
from book_figures.charts_curves import curves
from book_figures.charts_scores import dots_in_ranges
from book_figures.figure import Control, Figure, Readout, figure
from book_figures.readers import now
from book_figures.sensitivity import Input
from book_figures.texts import tr
from book_figures.theme import BLUE, GREEN, ORANGE, PINK
from compute_scaling import data
from compute_scaling.claims import ARTICLE_DAY, indicators
from compute_scaling.claims.models import compute_and_score
from compute_scaling.claims.verdict import one_word
from compute_scaling.lines import least_squares
from compute_scaling.scores import coverage

MODEL: Final = indicators.MODEL
TABLE: Final = "grok-2"
BEFORE_GPT_4O: Final = "2024-05-12"
GROUPS: Final = {  # of rivals at once: by which day they were out
    "at once, May 2024": ARTICLE_DAY,
    "at once, before GPT-4o": BEFORE_GPT_4O,
    "at once, August 2024": "2024-08-31",
}
SURE: Final = 0.9
SNAPSHOT: Final = "2024-08-23"
ARENA_ROWS: Final = 8


# --------------------------------------------------------------------------------------------------- wins by opponent


@lru_cache
def duels() -> pd.DataFrame:
    """Return Grok-2 against each rival of its maker's table, a row a benchmark and opponent.

    Columns: `opponent`, `benchmark`, `ours`, `theirs` (percent), `ahead`, `real` (the chance that the lead, whoever has
    it, is no accident), `questions`, `sources`. An opponent is one model, or the best of all that were out by a day.

    >>> rows = duels()
    >>> int(rows[rows["opponent"] == "GPT-4o (May 2024)"]["ahead"].sum())
    4
    """
    rows = data.load("benchmarks").query("table_id == @TABLE").dropna(subset=["score_percent"])
    ours = rows[rows["model"] == MODEL].set_index("benchmark")["score_percent"]
    rivals = rows[rows["developer"] != indicators.DEVELOPER]
    single = rivals.assign(opponent=rivals["model"])
    joint = [rivals[rivals["model_released_on"] <= day].assign(opponent=name) for name, day in GROUPS.items()]
    table = pd.concat([*joint, single]).groupby(["opponent", "benchmark"], as_index=False)["score_percent"].max()
    sizes = data.load("benchmark_sizes").set_index("benchmark")
    table = table.rename(columns={"score_percent": "theirs"}).assign(
        ours=table["benchmark"].map(ours), questions=table["benchmark"].map(sizes["questions"]),
        sources=rows["source_id"].iloc[0] + ", " + table["benchmark"].map(sizes["source_id"]),
    )  # fmt: skip
    chance = indicators.lead_is_real(table["ours"] / 100, table["theirs"] / 100, table["questions"])
    table = table.assign(ahead=table["ours"] > table["theirs"], real=np.maximum(chance, 1 - chance))
    order = {name: place for place, name in enumerate([*GROUPS, *sorted(set(rivals["model"]))])}
    return table.sort_values(
        ["opponent", "benchmark"],
        key=lambda part: part.map(order).fillna(0) if part.name == "opponent" else part.str.lower(),
        ignore_index=True,
    )


def shares() -> pd.DataFrame:
    """Return the share of benchmarks on which Grok-2 leads each opponent, with its range for so few benchmarks.

    Columns: `opponent`, `led`, `benchmarks`, `low`, `mid`, `high`, `word`, `surely`: leads that are no accident.
    """
    rows = []
    for opponent, part in duels().groupby("opponent", sort=False):
        found = coverage(np.where(part["ahead"], "yes", "no"))
        rows.append(
            {
                "opponent": opponent, "led": int(part["ahead"].sum()), "benchmarks": len(part), "low": found.low,
                "mid": found.mid, "high": found.high, "word": word(found.mid),
                "surely": int((part["ahead"] & (part["real"] >= SURE)).sum()),
                "close": int((part["real"] < SURE).sum()),
            }
        )  # fmt: skip
    return pd.DataFrame(rows)


def word(share: float) -> str:
    """Return whether a share of the benchmarks is nearly all of them.

    >>> word(1.0), word(0.5)
    ('holds', 'does not hold')
    """
    return one_word(share, share, indicators.NEARLY_ALL, np.inf)


def wins() -> Figure:
    """Return the figure of Grok-2's scores beside those of the opponent that the reader chooses."""
    rows = duels()
    labels = [f"{row.benchmark}: {_score(row.ours)} {tr('against')} {_score(row.theirs)}" for row in rows.itertuples()]
    base = rows[["opponent", "benchmark"]].rename(columns={"benchmark": "name"}).assign(label=labels)
    long = pd.concat(
        [base.assign(series=MODEL, value=rows["ours"]), base.assign(series=tr("opponent"), value=rows["theirs"])]
    ).sort_values(["name", "series"], key=lambda part: part.str.lower(), kind="stable")
    names = {name: _all_of(name) for name in dict.fromkeys(rows["opponent"])}
    shown = rows.assign(
        opponent=rows["opponent"].map(_all_of), ahead=np.where(rows["ahead"], tr("Grok-2"), tr("opponent")),
        ours=rows["ours"].map(_score), theirs=rows["theirs"].map(_score), real=rows["real"].map(numbers.chance),
    )  # fmt: skip
    columns = {
        "opponent": "opponent", "benchmark": "benchmark", "ours": "Grok-2", "theirs": "opponent's score",
        "ahead": "ahead", "questions": "questions", "real": "chance that the lead is real", "sources": "sources",
    }  # fmt: skip
    return figure(
        charts_chips.pairs(long, value_title="score in percent", zero=False, keep="datum.opponent === opponent"),
        name="fig-wins",
        caption=tr(
            "Choose the opponent. Where the orange mark lies to the right of the blue one, Grok-2 is behind. The "
            "first choice is "
            "what the claim says: all AIs of the article's day at once, as far as the table has them."
        ),
        alt_text=_alt_of_wins(rows),
        table=shown[list(columns)].rename(columns=columns),
        controls=[Control("opponent", tr("Grok-2 against"), names, next(iter(GROUPS)))],
        readout=Readout(_readout_of_wins()),
    )


def _readout_of_wins() -> pd.DataFrame:
    rows = []
    for row in shares().itertuples():
        text = tr(
            "ahead on {led} of {all} benchmarks, {share}; leads that are no accident: {surely}.",
            led=row.led, all=row.benchmarks, share=numbers.percent(row.mid, 3), surely=row.surely,
        )  # fmt: skip
        rows.append({"opponent": row.opponent, "text": text, "verdict": row.word})
    return pd.DataFrame(rows)


def _alt_of_wins(rows: pd.DataFrame) -> str:
    first = rows[rows["opponent"] == next(iter(GROUPS))].reset_index(drop=True)
    gap = (first["ours"] - first["theirs"]).rename("gap")
    best, worst = first.loc[gap.idxmax()], first.loc[gap.idxmin()]
    return tr(
        "Pairs of scores on {count} benchmarks, Grok-2 against the best AI of May 2024 on each. It leads on {led}: "
        "by most on {best}, "
        "{ours} against {theirs}; it is furthest behind on {worst}, {less} against {more}.",
        count=len(first), led=int(first["ahead"].sum()), best=best["benchmark"], ours=_score(best["ours"]),
        theirs=_score(best["theirs"]), worst=worst["benchmark"], less=_score(worst["ours"]),
        more=_score(worst["theirs"]),
    )  # fmt: skip


def _score(percent: float) -> str:
    return numbers.fixed(percent, 1)


def _all_of(opponent: str) -> str:
    """Return the name of an opponent, which may be all of a group.

    >>> _all_of("at once, May 2024"), _all_of("Claude 3 Opus")
    ('all at once, May 2024', 'Claude 3 Opus')
    """
    return tr(f"all {opponent}") if opponent in GROUPS else opponent


def _in_percent(rows: pd.DataFrame, columns: Iterable[str]) -> pd.DataFrame:
    """Return rows with some columns, shares, as percentages."""
    return rows.assign(**{name: rows[name].map(numbers.percent) for name in columns})


def by_opponent() -> Figure:
    """Return the figure of the share of benchmarks led, by opponent, with its range."""
    rows = shares()
    rows["opponent"] = rows["opponent"].map(_all_of)
    rows["label"] = [
        f"{row.opponent}: {tr('{led} of {all}', led=row.led, all=row.benchmarks)}" for row in rows.itertuples()
    ]
    styles: Styles = {
        tr("nearly every one"): ("circle", GREEN),
        tr("not nearly every one"): ("cross", BLUE),
    }
    series = [list(styles)[0 if word == "holds" else 1] for word in rows["word"]]
    points = rows.assign(name=rows["opponent"], value=rows["mid"], series=series, text=rows["label"])
    return figure(
        dots_in_ranges(
            points[["name", "value", "series", "text"]],
            rows.rename(columns={"opponent": "name"})[["name", "label", "low", "high"]],
            value_title="share of the benchmarks on which Grok-2 leads",
            styles=styles,
            scale=alt.Scale(domain=[0, 1], nice=False),
            axis=alt.Axis(values=[0, 0.25, 0.5, 0.75, 1], format="%"),
            line=(indicators.NEARLY_ALL, "nearly every one"),
        ),
        name="fig-wins-by-opponent",
        caption=tr(
            "The claim needs a mark to the right of the dotted line. Grey bars show what so few benchmarks can say: "
            "nine in "
            "ten such tables would lie in them."
        ),
        alt_text=alt_texts.of_values(
            "Range chart", "shares of benchmarks on which Grok-2 leads, by opponent", rows["opponent"], rows["mid"],
            numbers.percent,
        ),
        table=_in_percent(
            rows[["opponent", "led", "benchmarks", "low", "mid", "high", "word", "surely"]], ("low", "mid", "high")
        ).rename(
            columns={"mid": "share", "word": "claim", "surely": "leads that are no accident"}
        ).assign(source=data.load("benchmarks").query("table_id == @TABLE")["source_id"].iloc[0]),
    )  # fmt: skip


# ----------------------------------------------------------------------------------------------------- release tables


def releases() -> Figure:
    """Return the figure of release tables: the share of benchmarks on which the new model led all rivals of its day."""
    rows = indicators.leads(now()).assign(date=lambda table: table["table_id"].map(_days()))
    rows = rows.sort_values("date", ignore_index=True)
    known = rows["date"] <= pd.Timestamp(ARTICLE_DAY)
    styles: Styles = {tr("public by the article"): ("circle", BLUE), tr("came later"): ("diamond", PINK)}
    ranges = [
        coverage(np.where(np.arange(int(n)) < round(share * n), "yes", "no"))
        for share, n in zip(rows["share"], rows["benchmarks"], strict=True)
    ]
    led = (rows["share"] * rows["benchmarks"]).round().astype(int)
    labels = [
        tr(
            "{model}, {month}: {led} of {all}",
            model=row.model,
            month=numbers.month(row.date),
            led=won,
            all=row.benchmarks,
        )
        for row, won in zip(rows.itertuples(), led, strict=True)
    ]
    series = [list(styles)[0 if then else 1] for then in known]
    points = pd.DataFrame({"name": rows["model"], "value": rows["share"], "series": series, "text": labels})
    spans = pd.DataFrame(
        {
            "name": rows["model"],
            "label": labels,
            "low": [one.low for one in ranges],
            "high": [one.high for one in ranges],
        }
    )
    shown = pd.DataFrame(
        {
            "model": rows["model"], "developer": rows["developer"], "table of": rows["date"],
            "led": led, "benchmarks": rows["benchmarks"],
            "share": rows["share"], "low": spans["low"], "high": spans["high"], "source": rows["source_id"],
        }
    )  # fmt: skip
    return figure(
        dots_in_ranges(
            points, spans, value_title="share of the benchmarks led over all rivals", styles=styles,
            scale=alt.Scale(domain=[0, 1], nice=False), axis=alt.Axis(values=[0, 0.25, 0.5, 0.75, 1], format="%"),
            line=(indicators.NEARLY_ALL, "nearly every one"),
        ),
        name="fig-release-tables",
        caption=tr(
            "What a reader of May 2024 had to go by are the round marks: one table out of four reached nearly every "
            "benchmark, and none of xAI's did."
        ),
        alt_text=alt_texts.of_values(
            "Range chart", "shares of benchmarks on which a new model led all rivals of its day", rows["model"],
            rows["share"], numbers.percent,
        ),
        table=_in_percent(shown, ("share", "low", "high")),
    )  # fmt: skip


def _days() -> "pd.Series[Any]":
    return data.load("benchmarks").groupby("table_id")["table_on"].first()


# ------------------------------------------------------------------------------------------------------------- votes


def win_chance(lead: float) -> float:
    """Return the chance that a vote goes to the model that leads by so many points of a rating.

    Source: Elo, as the Arena uses it: 1 / (1 + 10^(-lead / 400)).

    >>> round(win_chance(0), 2), round(win_chance(100), 2)
    (0.5, 0.64)
    """
    return float(1 / (1 + 10 ** (-lead / 400)))


@lru_cache
def ratings() -> pd.DataFrame:
    """Return the top of the first list of votes that has Grok-2 with ranges, the highest rating first.

    >>> ratings()["model"].iloc[2]
    'Grok-2'
    """
    rows = data.load("arena_ratings").query("snapshot_id == @SNAPSHOT").dropna(subset="rating_low")
    return rows.astype({"rating": float, "rating_low": float, "rating_high": float}).nlargest(ARENA_ROWS, "rating")


def arena() -> Figure:
    """Return the figure of the users' votes: ratings with their ranges."""
    rows = ratings().reset_index(drop=True)
    labels = [f"{row.model}: {numbers.count(row.rating)}" for row in rows.itertuples()]
    day = pd.Timestamp(ARTICLE_DAY)
    styles: Styles = {
        MODEL: ("diamond", ORANGE),
        tr("out by May 2024"): ("circle", BLUE),
        tr("newer"): ("square", PINK),
    }
    old = rows["model_released_on"] <= day
    series = np.where(rows["model"] == MODEL, MODEL, np.where(old, tr("out by May 2024"), tr("newer")))
    points = pd.DataFrame({"name": rows["model"], "value": rows["rating"], "series": series, "text": labels})
    ends = {"low": rows["rating_low"], "high": rows["rating_high"]}
    columns = {
        "model": "model", "developer": "developer", "model_released_on": "released", "rating": "rating",
        "rating_low": "low", "rating_high": "high", "votes": "votes", "source_id": "source",
    }  # fmt: skip
    return figure(
        dots_in_ranges(
            points, pd.DataFrame({"name": rows["model"], "label": labels, **ends}),
            value_title="rating in points", styles=styles, scale=alt.Scale(zero=False, nice=True),
            axis=alt.Axis(format=",d", tickCount=5),
        ),
        name="fig-arena",
        caption=tr(
            "Users' votes put Grok-2 a few points ahead of the best AI of the article's day and behind two newer "
            "models. Its bar overlaps that of the model above it and that of the one below."
        ),
        alt_text=alt_texts.of_values(
            "Range chart", "ratings by users' votes in August 2024", rows["model"], rows["rating"], numbers.count
        ),
        table=rows[list(columns)].rename(columns=columns).assign(list=SNAPSHOT),
    )  # fmt: skip


# ---------------------------------------------------------------------------------------------------- compute and score


def compute_against_score() -> Figure:
    """Return the figure of training compute against score on a test, with the line through the models and its range."""
    table = compute_and_score(now())
    logs = np.log10(table["flop"].to_numpy())
    line = least_squares(logs, table["score"].to_numpy(), np.full(len(table), True))
    x = np.linspace(logs.min(), logs.max(), 25)
    reach = line.quantile(0.9) * line.deviation(x)
    centre = line.centre(x)
    lines = pd.DataFrame(
        {
            "x": 10.0**x,
            "y": centre,
            "low": centre - reach,
            "high": np.minimum(centre + reach, 100),
            "series": tr("line through the models"),
        }
    )
    points = table.rename(columns={"flop": "x", "score": "y", "model": "label"})[["x", "y", "label"]]
    return figure(
        curves(
            lines, points=points, x_title="training compute in FLOP (log scale)", y_title="score on MMLU in percent",
            x_log=True, x_format=".0e", y_format="~g",
        ),
        name="fig-compute-score",
        caption=tr(
            "More compute goes with a better score, and the scatter is wide: the band is where nine in ten further "
            "models should "
            "lie. With the chips of a run one cannot tell on which benchmarks it will lead."
        ),
        alt_text=alt_texts.of_values(
            "Scatter plot with a line", "scores on MMLU against training compute, by model", table["model"],
            table["score"], _score,
        ),
        table=table.assign(
            flop=table["flop"].map(numbers.power_of_ten), score=table["score"].map(_score)
        ).rename(columns={"flop": "FLOP", "score": "score in percent", "source_id": "sources"}),
    )  # fmt: skip


# --------------------------------------------------------------------------------------------------------- sensitivity


def share_led(gpt_4o: Any, left_out: Any, shift: Any) -> Any:
    """Return the share of benchmarks on which Grok-2 leads the AIs of the day.

    gpt_4o: whether GPT-4o counts as an AI of the day (0 or 1; in between, in part). left_out: benchmarks that the maker
    left out and would have lost. shift: points by which all of Grok-2's scores are off.

    >>> float(share_led(1, 0, 0)), float(share_led(0, 0, 0))
    (0.5, 1.0)
    """
    rows = duels()
    led = []
    for name in list(GROUPS)[:2]:
        part = rows[rows["opponent"] == name]
        gap = (part["ours"] - part["theirs"]).to_numpy()
        led.append((gap[:, None] + np.atleast_1d(shift)[None, :] > 0).sum(axis=0))
    counted = np.asarray(gpt_4o) * led[0] + (1 - np.asarray(gpt_4o)) * led[1]
    found = counted / (len(part) + np.asarray(left_out))
    return found if np.ndim(shift) else found[0]


def moved() -> pd.DataFrame:
    """Return what each choice does to the share."""
    source = data.load("benchmarks").query("table_id == @TABLE")["source_id"].iloc[0]
    inputs = [
        Input("gpt_4o", tr("GPT-4o counts (0: no, 1: yes)"), 0, 1, 1, numbers.significant, "openai-simple-evals-2024"),
        Input("left_out", tr("benchmarks left out by the maker (our judgement)"), 0, 0, 4, numbers.count, source),
        Input(
            "shift",
            tr("points by which Grok-2's scores are off (our judgement)"),
            -2,
            0,
            2,
            numbers.significant,
            source,
        ),
    ]
    return sensitivity.moved(share_led, inputs, word=word, threshold=indicators.NEARLY_ALL)


def tornado(table: pd.DataFrame) -> Figure:
    """Return the tornado of `moved`."""
    return sensitivity.tornado_figure(
        table,
        name="fig-indicators-tornado",
        what="the share of benchmarks on which Grok-2 leads",
        caption=tr(
            "Two things turn the verdict: whether the two weeks old GPT-4o is one of the AIs of the day, and an "
            "error of about "
            "two points in all of Grok-2's scores."
        ),
        value_title="share of the benchmarks led",
        write=numbers.percent,
        line=(indicators.NEARLY_ALL, tr("nearly every one")),
        axis_format="%",
    )
