"""Claims that no computation settles: what the dated facts say of each, read from the table of readings.

A reading says which word the facts give a claim from a day on, and why; it names the facts, rows of the outcomes. The
newest reading that was public by the day counts. The verdict's sentence ends with the first fact and its day, and its
number, where it has one, is the number of a fact.
"""

from typing import Any, Final

import pandas as pd

from compute_scaling.claims.verdict import Reader, Verdict, cited, told
from compute_scaling.data import DataError
from compute_scaling.texts import tr

ARTICLE: Final = "generation-nt-2024"


def check_documented(claim_id: str, reader: Reader) -> Verdict:
    """Return the verdict that the dated facts give; raise DataError where none of its readings was public by the day.

    >>> check_documented("C38", Reader(pd.Timestamp("2024-05-31"))).word
    'holds'
    """
    readings = reader.table("readings")
    rows = readings[readings["claim_id"] == claim_id]
    if rows.empty:
        raise DataError("readings", f"a reading of {claim_id} that was public by {reader.as_of:%Y-%m-%d}")
    row = rows.sort_values("known_on").iloc[-1].fillna("")
    facts = facts_named(reader, row["facts"])
    return Verdict(
        claim_id,
        row["word"],
        why=" ".join([tr(row["why"]), *(told(fact) for _, fact in facts.head(1).iterrows())]),
        condition=tr(row["condition"]),
        hinges_on=tr(row["hinges_on"]),
        would_change=tr(row["would_change"]),
        sources=cited(facts["source_id"]) or (row["source_id"],),
        **number_of(facts, row["number"]),
    )


def facts_named(reader: Reader, ids: str) -> pd.DataFrame:
    """Return the outcomes with some ids (joined by commas), in that order; raise KeyError for one not public yet."""
    return reader.once(_outcomes).loc[[name for name in ids.split(", ") if name]]


def _outcomes(reader: Reader) -> pd.DataFrame:
    return reader.table("outcomes").set_index("outcome_id")


def number_of(facts: pd.DataFrame, outcome_id: str) -> dict[str, Any]:
    """Return value, range and unit of a fact as fields of a verdict, or none."""
    if not outcome_id:
        return {}
    fact = facts.loc[outcome_id]
    ends = fact[["value_low", "value", "value_high"]].astype(float)
    mid = fact["value"] if pd.notna(fact["value"]) else ends.mean()
    return {"low": float(ends.min()), "mid": float(mid), "high": float(ends.max()), "unit": fact["unit"]}
