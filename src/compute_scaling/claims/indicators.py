"""The claim that Grok-2 will do better on nearly every indicator: release tables counted, benchmark by benchmark.

A release table compares a developer's new model with those of others. The new model leads on a benchmark where its
score is above that of every rival with a score there. Before Grok-2 was out, the forecast is the record of such tables:
each, as it was, is one thing that might happen. Afterwards it is Grok-2's own table. Developers choose what they print,
so all of them flatter.
"""

from typing import Final

import numpy as np
import pandas as pd
import scipy  # its parts load at first use: the core stays quick to import
from numpy.typing import ArrayLike

from compute_scaling.checks import Floats, fraction, positive
from compute_scaling.claims.verdict import ARTICLE_DAY, Reader, Verdict, cited, percent, range_of, word_for_chance
from compute_scaling.distributions import one_of
from compute_scaling.texts import tr

NEARLY_ALL: Final = 0.8  # "nearly every" indicator: four of five, or more
FEWEST: Final = 4  # benchmarks of a table that counts as one
SCALE: Final = "before June 2025"  # of the ratings: later ones were computed anew
NEW: Final = pd.Timedelta(days=7)  # a release table appears within a week of its model
MODEL: Final = "Grok-2"
DEVELOPER: Final = "xAI"


def leads(reader: Reader, *, rivals_by: str | None = None) -> pd.DataFrame:
    """Return, a row a release table, on how many of its benchmarks the new model led the rivals of its day.

    rivals_by: count only rivals released by this day; without it, by the day of the table.

    Columns: `table_id`, `model`, `developer`, `benchmarks`, `share` (led over all rivals at once), `lowest` and
    `highest` (over single rivals), `source_id`.

    >>> leads(Reader(pd.Timestamp("2024-08-31")), rivals_by="2024-05-31").set_index("model").loc["Grok-2", "share"]
    np.float64(0.5)
    """
    rows = reader.table("benchmarks").dropna(subset=["score_percent"])
    is_new = (rows["model_released_on"] - rows["table_on"]).abs() <= NEW
    best = rows[is_new].groupby(["table_id", "model"], as_index=False)["score_percent"].mean()
    new = best.sort_values("score_percent").drop_duplicates("table_id", keep="last").set_index("table_id")["model"]
    keys = ["table_id", "benchmark"]
    scores = rows.groupby([*keys, "model"], as_index=False).agg(
        score=("score_percent", "max"),
        developer=("developer", "first"),
        released_on=("model_released_on", "first"),
        known_by=("table_on", "first"),
        source_id=("source_id", "first"),
    )
    # Each benchmark of a new model beside that of each rival of its day
    own = scores[scores["model"] == scores["table_id"].map(new)].drop(columns="released_on")
    pairs = own.merge(scores[[*keys, "model", "score", "developer", "released_on"]], on=keys, suffixes=("", "_rival"))
    known_by = pairs["known_by"] if rivals_by is None else pd.Timestamp(rivals_by)
    pairs = pairs[(pairs["developer_rival"] != pairs["developer"]) & (pairs["released_on"] <= known_by)]
    pairs = pairs.assign(ahead=(pairs["score_rival"] < pairs["score"]).astype(float))
    table = ["table_id", "model", "developer", "source_id"]
    over_all = pairs.groupby([*table, "benchmark"])["ahead"].min().groupby(table)
    over_one = pairs.groupby([*table, "model_rival"])["ahead"].mean().groupby(table)
    counted = pd.DataFrame(
        {
            "benchmarks": over_all.size(),
            "share": over_all.mean(),
            "lowest": over_one.min(),
            "highest": over_one.max(),
        }
    )
    return counted[counted["benchmarks"] >= FEWEST].reset_index()


def arena_lead(reader: Reader) -> pd.DataFrame:
    """Return the lead of Grok-2 in the Chatbot Arena over the best AI of the article's day, a row a list.

    Columns: `snapshot_on`, `rival`, `lead` (points), `source_id`. Lists of another scale are not mixed with these.

    >>> arena_lead(Reader(pd.Timestamp("2024-12-31")))["lead"].tolist()
    [7, 9, 5]
    """
    rows = reader.table("arena_ratings")
    ours = rows[rows["model"] == MODEL].set_index("snapshot_id")["rating"]
    rivals = rows[(rows["model_released_on"] <= ARTICLE_DAY) & rows["snapshot_id"].isin(ours.index)]
    best = rivals.sort_values("rating").drop_duplicates("snapshot_id", keep="last").sort_values("snapshot_on")
    best = best[best["scale"] == SCALE].rename(columns={"model": "rival"})
    return best.assign(lead=best["snapshot_id"].map(ours) - best["rating"])[
        ["snapshot_on", "rival", "lead", "source_id"]
    ]


def lead_is_real(score: ArrayLike, rival: ArrayLike, questions: ArrayLike) -> Floats:
    """Return the chance that a model would still lead on a fresh set of as many questions, given two scores.

    score, rival: shares of right answers. questions: how many the benchmark has. The normal approximation to two
    independent binomials; both models answer the same questions, which makes a real lead surer than this says.

    >>> lead_is_real([0.884, 0.761], [0.849, 0.601], [164, 5000]).round(2)
    array([0.82, 1.  ])
    """
    first, second, count = fraction("score", score), fraction("rival", rival), positive("questions", questions)
    spread = np.sqrt((first * (1 - first) + second * (1 - second)) / count)
    return np.asarray(scipy.special.ndtr((first - second) / spread))


def check_indicators(reader: Reader) -> Verdict:
    """C16: Grok-2 will do better than the AIs of the day on nearly every indicator."""
    tables = leads(reader)
    return _forecast(reader, tables) if MODEL not in set(tables["model"]) else _counted(reader)


def _forecast(reader: Reader, tables: pd.DataFrame) -> Verdict:
    shares = reader.draw({"share": one_of(tables["share"])})["share"]
    chance = float((shares >= NEARLY_ALL).mean())
    own = tables[tables["developer"] == DEVELOPER]
    return Verdict(
        "C16",
        word_for_chance(chance, chance),
        why=tr(
            "of {count} release tables, {ahead} had the new model ahead on nearly every benchmark; those of "
            "{developer} had it ahead on {low} to {high}",
            count=len(tables),
            ahead=int((tables["share"] >= NEARLY_ALL).sum()),
            developer=DEVELOPER,
            low=percent(own["share"].min()),
            high=percent(own["share"].max()),
        ),
        condition=tr("the new model makes a leap that earlier ones of its maker did not make"),
        **range_of(shares),
        unit="share",
        hinges_on=tr("whether past release tables say anything of the next"),
        would_change=tr("scores of the new model"),
        sources=cited(tables["source_id"]),
    )


def _counted(reader: Reader) -> Verdict:
    row, arena = leads(reader, rivals_by=ARTICLE_DAY).set_index("model").loc[MODEL], arena_lead(reader)
    lead = {"low": arena["lead"].min(), "high": arena["lead"].max()}
    votes = tr("; users' votes put it {low:.0f} to {high:.0f} points ahead of the best of them", **lead)
    lowest, highest = min(row["share"], row["lowest"]), max(row["share"], row["highest"])
    return Verdict(
        "C16",
        "holds" if lowest >= NEARLY_ALL else "does not hold" if highest < NEARLY_ALL else "holds if",
        why=tr(
            "in its maker's own table of {count:g} benchmarks it leads all AIs of the article's day at once on "
            "{at_once}; the strongest alone on {lowest}, others on up to {highest}",
            count=row["benchmarks"],
            at_once=percent(row["share"]),
            lowest=percent(row["lowest"]),
            highest=percent(row["highest"]),
        )
        + (votes if len(arena) else ""),
        condition=tr("the AIs of the day are those of March 2024, when it was said, before GPT-4o"),
        low=float(lowest),
        mid=float(row["share"]),
        high=float(highest),
        unit="share",
        hinges_on=tr("whether GPT-4o, two weeks old at the article's day, counts as an AI of the day"),
        would_change=tr("the same benchmarks run by somebody else"),
        sources=cited([row["source_id"]], arena["source_id"]),
    )
