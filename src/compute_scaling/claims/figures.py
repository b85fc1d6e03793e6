"""Claims that are plain arithmetic on the article's own figures."""

from compute_scaling import data
from compute_scaling.claims.verdict import Verdict, word_for_range


def _value(claim_id: str) -> float:
    return float(data.load("claims").set_index("claim_id").at[claim_id, "value"])


def check_generation_ratio(as_of: data.Day) -> Verdict:
    """C26: one generation of Grok multiplies the GPUs by five."""
    ratio = _value("C25") / _value("C24")
    claimed = _value("C26")
    return Verdict(
        claim_id="C26",
        word=str(word_for_range(ratio, ratio, claimed - 0.5, claimed + 0.5)),  # type: ignore[arg-type]
        why=f"{_value('C25'):,.0f} over {_value('C24'):,.0f} GPUs; a ratio of GPUs, not of training compute",
        low=ratio,
        mid=ratio,
        high=ratio,
        unit="times",
        hinges_on="counting GPUs rather than compute",
        would_change="another count for either model",
        sources=("generation-nt-2024",),
    )


def check_valuation_ratio(as_of: data.Day) -> Verdict:
    """C42: xAI is worth about a quarter of OpenAI, taking the article's two figures as they stand."""
    ratio = _value("C40") / _value("C41")
    claimed = _value("C42")
    return Verdict(
        claim_id="C42",
        word=str(word_for_range(ratio, ratio, claimed / 1.1, claimed * 1.1)),  # type: ignore[arg-type]
        why="the ratio of the article's own two figures; whether those figures hold is another claim",
        low=ratio,
        mid=ratio,
        high=ratio,
        unit="ratio",
        hinges_on="which of OpenAI's valuations is meant",
        would_change="a closed deal at another price",
        sources=("generation-nt-2024",),
    )
