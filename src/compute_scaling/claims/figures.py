"""Claims that are plain arithmetic on the article's own figures."""

from typing import Any

from compute_scaling import data
from compute_scaling.claims.verdict import ROUNDING, Reader, Verdict, one_word


def check_generation_ratio(reader: Reader) -> Verdict:
    """C26: one generation of Grok multiplies the GPUs by five."""
    return _ratio(
        "C26",
        over="C25",
        under="C24",
        unit="times",
        why="the ratio of the article's own two figures; GPUs, not training compute",
        hinges_on="counting GPUs rather than compute",
        would_change="another count for either model",
    )


def _ratio(claim_id: str, *, over: str, under: str, **texts: Any) -> Verdict:
    """Return the verdict on a ratio that the article implies, from the two claims that it divides."""
    claims = data.load("claims").set_index("claim_id")
    value, source = claims["value"], claims.at[claim_id, "source_id"]
    ratio, claimed = float(value[over] / value[under]), float(value[claim_id])
    word = one_word(ratio, ratio, claimed / ROUNDING, claimed * ROUNDING)
    return Verdict(claim_id, word, low=ratio, mid=ratio, high=ratio, sources=(source,), **texts)
