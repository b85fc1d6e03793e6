"""The ledger: one row a claim, with its verdict as known on a day.

A claim that the book has not checked yet stays in the ledger as `open`: none is left out.
"""

from collections.abc import Callable
from dataclasses import asdict
from typing import Final

import pandas as pd

from compute_scaling import data
from compute_scaling.claims import figures, machine, market
from compute_scaling.claims.verdict import ARTICLE_DAY, DRAWS, WORDS, Reader, Verdict

CHECKS: Final[dict[str, Callable[[Reader], Verdict]]] = {
    "C06": market.check_contest,
    "C07": market.check_nvidia_gains,
    "C08": market.check_followers_gain,
    "C23": machine.check_four_times,
    "C26": figures.check_generation_ratio,
    "C28": market.check_musk_buys,
    "C29": market.check_demand,
    "C30": market.check_microsoft_buys,
    "C31": market.check_meta_buys,
    "C42": figures.check_valuation_ratio,
    "C43": market.check_arms_race,
    "C48": machine.check_largest_existing,
}

__all__ = ["ARTICLE_DAY", "CHECKS", "WORDS", "Verdict", "check", "ledger"]


def check(claim_id: str, as_of: data.Day = None, *, seed: int = 0, draws: int = DRAWS) -> Verdict:
    """Return the verdict on one claim: as known on a day, or, without one, as known at the tables' last update.

    seed, draws: of the Monte Carlo behind its range. Raises ValueError for a claim that is not in `data/claims.csv`.

    >>> check("C23", as_of="2024-05-31").word
    'holds if'
    """
    known = set(data.load("claims")["claim_id"])
    if claim_id not in known:
        raise ValueError(f"claim_id = {claim_id!r}; expected one of {min(known)} to {max(known)}")
    if claim_id not in CHECKS:
        return Verdict(claim_id, "open", "not checked yet")
    return CHECKS[claim_id](Reader(data.updated_on() if as_of is None else pd.Timestamp(as_of), seed, draws))


def ledger(as_of: data.Day = None, *, seed: int = 0, draws: int = DRAWS) -> pd.DataFrame:
    """Return every claim with its verdict, one row a claim, in the article's order of claim ids.

    >>> len(ledger(as_of="2024-05-31")) == len(data.load("claims"))
    True
    """
    claims = data.load("claims")[["claim_id", "claim", "theme", "kind", "chapter"]]
    found = [asdict(check(claim_id, as_of, seed=seed, draws=draws)) for claim_id in claims["claim_id"]]
    return claims.merge(pd.DataFrame(found), on="claim_id").reset_index(drop=True)
