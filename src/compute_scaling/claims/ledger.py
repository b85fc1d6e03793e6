"""The ledger: one row a claim, with its verdict as known on a day; none is left out.

A claim that can be computed has a check; every other rests on dated facts, which one general check reads.
"""

from collections.abc import Callable
from dataclasses import asdict, replace
from functools import partial
from typing import Final

import numpy as np
import pandas as pd

from compute_scaling import data
from compute_scaling.claims import indicators, machine, market, models, money
from compute_scaling.claims.documented import check_documented
from compute_scaling.claims.verdict import ARTICLE_DAY, DRAWS, WORDS, Reader, Verdict, sentence

CHECKS: Final[dict[str, Callable[[Reader], Verdict]]] = {
    "C06": market.check_contest,
    "C07": market.check_nvidia_gains,
    "C08": market.check_followers_gain,
    "C14": models.check_compute_counts,
    "C16": indicators.check_indicators,
    "C18": machine.check_autumn,
    "C21": money.check_oracle,
    "C23": machine.check_four_times,
    "C24": models.check_chips_of_grok_2,
    "C25": models.check_chips_of_grok_3,
    "C26": models.check_generation,
    "C28": market.check_musk_buys,
    "C29": market.check_demand,
    "C30": market.check_microsoft_buys,
    "C31": market.check_meta_buys,
    "C39": money.check_sum_raised,
    "C40": money.check_value_of_xai,
    "C41": money.check_value_of_openai,
    "C42": money.check_ratio_of_values,
    "C43": market.check_arms_race,
    "C44": machine.check_challenges,
    "C45": money.check_what_the_sum_pays_for,
    "C47": money.check_gap_of_values,
    "C48": machine.check_largest_existing,
}

__all__ = ["ARTICLE_DAY", "CHECKS", "WORDS", "Verdict", "check", "ledger"]


def check(claim_id: str, as_of: data.Day = None, *, seed: int = 0, draws: int = DRAWS, lazy: bool = False) -> Verdict:
    """Return the verdict on one claim: as known on a day, or, without one, as known at the tables' last update.

    seed, draws, lazy: of the Monte Carlo behind its range (`Reader`). Raises ValueError for a claim that is not in
    `data/claims.csv`, or a day before the article's.

    >>> check("C23", as_of="2024-05-31").word
    'holds if'
    """
    known = set(data.load("claims")["claim_id"])
    if claim_id not in known:
        raise ValueError(f"claim_id = {claim_id!r}; expected one of {min(known)} to {max(known)}")
    return _checked(claim_id, _reader(as_of, seed, draws, lazy))


def ledger(as_of: data.Day = None, *, seed: int = 0, draws: int = DRAWS, lazy: bool = False) -> pd.DataFrame:
    """Return every claim with its verdict, one row a claim, in the article's order of claim ids.

    Columns: `claim_id`, `claim`, `theme`, `kind`, `chapter`; `rests_on`, a "computation" or "dated facts"; and the
    fields of `Verdict`. lazy: draws are made block by block, so that memory does not grow with their number.

    >>> len(ledger(as_of="2024-05-31")) == len(data.load("claims"))
    True
    """
    claims = data.load("claims")[["claim_id", "claim", "theme", "kind", "chapter"]]
    claims["rests_on"] = np.where(claims["claim_id"].isin(list(CHECKS)), "computation", "dated facts")
    reader = _reader(as_of, seed, draws, lazy)
    found = [asdict(_checked(claim_id, reader)) for claim_id in claims["claim_id"]]
    return claims.merge(pd.DataFrame(found), on="claim_id").reset_index(drop=True)


def _reader(as_of: data.Day, seed: int, draws: int, lazy: bool) -> Reader:
    day = data.updated_on() if as_of is None else pd.Timestamp(as_of)
    if not day >= pd.Timestamp(ARTICLE_DAY):
        raise ValueError(f"as_of = {as_of!r}; expected {ARTICLE_DAY} or later: before, there was no article to check")
    return Reader(day, seed, draws, lazy)


def _checked(claim_id: str, reader: Reader) -> Verdict:
    verdict = CHECKS.get(claim_id, partial(check_documented, claim_id))(reader)
    condition = verdict.condition if verdict.word == "holds if" else ""
    return replace(verdict, condition=condition, why=sentence(verdict.why))
