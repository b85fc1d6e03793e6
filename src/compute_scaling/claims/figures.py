"""Claims that are plain arithmetic on the article's own figures."""

from typing import Any, Final

from compute_scaling import data
from compute_scaling.claims.verdict import Reader, Verdict, one_word

ROUNDING: Final = 1.1  # a stated ratio stands for what lies within a tenth of it


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


def check_valuation_ratio(reader: Reader) -> Verdict:
    """C42: xAI is worth about a quarter of OpenAI, taking the article's two figures as they stand."""
    return _ratio(
        "C42",
        over="C40",
        under="C41",
        unit="ratio",
        why="the ratio of the article's own two figures; whether those figures hold is another claim",
        hinges_on="which of OpenAI's valuations is meant",
        would_change="a closed deal at another price",
    )


def _ratio(claim_id: str, *, over: str, under: str, **texts: Any) -> Verdict:
    """Return the verdict on a ratio that the article implies, from the two claims that it divides."""
    claims = data.load("claims").set_index("claim_id")
    value, source = claims["value"], claims.at[claim_id, "source_id"]
    ratio, claimed = float(value[over] / value[under]), float(value[claim_id])
    word = one_word(ratio, ratio, claimed / ROUNDING, claimed * ROUNDING)
    return Verdict(claim_id, word, low=ratio, mid=ratio, high=ratio, sources=(source,), **texts)
