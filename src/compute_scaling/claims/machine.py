"""Claims about the machine: how large it is to be, and how large those are that exist.

"Four times larger" is a ratio of the planned machine to the largest existing one, and "existing cluster" must be
defined (`census`). A ratio reads as "four" where it rounds to 4; the source's wording, "at least four times the
largest", needs a ratio that rounds to 4 or more.
"""

from dataclasses import replace
from typing import Final

import numpy as np
import pandas as pd

from compute_scaling import census, data
from compute_scaling.claims.verdict import ARTICLE_DAY, Reader, Verdict, cited, one_word, word_for_range
from compute_scaling.uncertainty import interval

FOUR: Final = (3.5, 4.5)  # what rounds to four
AT_LEAST_FOUR: Final = (3.5, np.inf)
ABOUT: Final = 1.25  # "about" a number: within a quarter of it
STANDARD: Final = census.Definition()


def planned_count() -> float:
    """Return the number of H100s of the planned machine, as the article gives it for Grok-3 (claim C25).

    >>> planned_count()
    100000.0
    """
    return float(data.load("claims").set_index("claim_id").at["C25", "value"])


def four_times(on: "str | pd.Timestamp | pd.DatetimeIndex" = ARTICLE_DAY, as_of: data.Day = None) -> pd.DataFrame:
    """Return, for each day and definition, the largest existing machine and how many times larger the planned one is.

    Columns of `census.standing`, `times_low`, `times_mid`, `times_high`, and two verdict words: `four` for the
    article's wording, `at_least_four` for its source's.

    >>> table = four_times()
    >>> row = census.select(table, STANDARD).iloc[0]
    >>> round(row["times_mid"], 2), row["four"], row["at_least_four"]
    (np.float64(4.07), 'holds', 'holds')
    """
    return with_words(census.multiples(census.largest(census.standing(on, as_of=as_of)), planned_count()))


def with_words(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table of multiples with the verdict words of both wordings."""
    low, high = table["times_low"], table["times_high"]
    return table.assign(
        four=word_for_range(low, high, *FOUR),
        at_least_four=word_for_range(low, high, *AT_LEAST_FOUR),
    )


def one_choice_moved(table: pd.DataFrame, standard: census.Definition = STANDARD) -> pd.DataFrame:
    """Return the rows of `four_times` that differ from a definition in no choice or one, with `moved` and `to`.

    >>> moved = one_choice_moved(four_times())
    >>> set(moved["moved"]) <= {"none", "scope", "evidence", "unit", "purpose"}
    True
    """
    choices = {
        "scope": census.SCOPES, "evidence": census.EVIDENCE, "unit": census.UNITS, "purpose": census.PURPOSES
    }  # fmt: skip
    parts = [census.select(table, standard).assign(moved="none", to="")]
    for field, values in choices.items():
        for value in values:
            if value != getattr(standard, field):
                rows = census.select(table, replace(standard, **{field: value}))  # type: ignore[arg-type]
                parts.append(rows.assign(moved=field, to=value))
    return pd.concat(parts, ignore_index=True)


def check_four_times(reader: Reader) -> Verdict:
    """C23: four times larger than the clusters of the day."""
    table = four_times(as_of=reader.as_of)
    if census.select(table, STANDARD).empty:
        return _nothing_known("C23")
    standard = census.select(table, STANDARD).iloc[0]
    low, _, high = interval(table["times_mid"])
    fits = {wording: int((table[wording] == "holds").sum()) for wording in ("four", "at_least_four")}
    moved = one_choice_moved(table).assign(reach=lambda rows: np.abs(np.log(rows["times_mid"] / standard["times_mid"])))
    widest = moved.loc[moved["reach"].idxmax()]
    return Verdict(
        claim_id="C23",
        word="holds" if fits["four"] == len(table) else "holds if" if fits["four"] else "does not hold",
        condition="a cluster is one network of H100s built for AI, and its owner had confirmed it",
        why=(
            f"{standard['times_mid']:.2f} under that definition; of {len(table)} definitions, 'four' fits "
            f"{fits['four']} and 'at least four' {fits['at_least_four']}. The range is the one over definitions"
        ),
        low=low,
        mid=float(standard["times_mid"]),
        high=high,
        unit="times",
        hinges_on=f"what 'existing cluster' means; most on the {widest['moved']}",
        would_change=f"a confirmed AI cluster of more than {planned_count() / FOUR[0]:,.0f} H100 in use by May 2024",
        sources=cited(table["sources"]),
    )


def check_largest_existing(reader: Reader) -> Verdict:
    """C48: the largest existing cluster has about 25,000 GPUs (100,000 over four)."""
    table = four_times(as_of=reader.as_of)
    if census.select(table, STANDARD).empty:
        return _nothing_known("C48")
    standard = census.select(table, STANDARD).iloc[0]
    low, _, high = interval(table["mid"])
    implied = planned_count() / 4
    allowed = (implied / ABOUT, implied * ABOUT)
    return Verdict(
        claim_id="C48",
        word=one_word(standard["low"], standard["high"], *allowed),
        why=f"{standard['entity']} had {standard['mid']:,.0f} H100; the article implies {implied:,.0f}",
        low=low,
        mid=float(standard["mid"]),
        high=high,
        unit="H100",
        hinges_on="one fabric or all sites of an owner",
        would_change="a larger single AI cluster, confirmed by its owner",
        sources=cited(table["sources"]),
    )


def _nothing_known(claim_id: str) -> Verdict:
    return Verdict(claim_id, "cannot be checked", "by that day no owner had confirmed an AI cluster of H100s")
