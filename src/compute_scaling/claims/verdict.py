"""What a check returns, and the words it may use."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final, Literal, cast

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from compute_scaling import data, texts
from compute_scaling.checks import fraction, positive
from compute_scaling.reader import DRAWS, Reader
from compute_scaling.texts import tr
from compute_scaling.uncertainty import interval

__all__ = [
    "ABOUT", "ARTICLE_DAY",
    "DRAWS",
    "ROUNDING",
    "WORDS",
    "Reader",
    "Verdict",
    "Word",
    "cited",
    "one_word",
    "range_of",
    "sentence",
    "word_for_chance",
    "word_for_range",
]  # fmt: skip

Word = Literal["holds", "holds if", "does not hold", "cannot be checked"]
WORDS: Final = ("holds", "holds if", "does not hold", "cannot be checked")
ARTICLE_DAY: Final = "2024-05-31"
ABOUT: Final = 1.25  # "about" a number: within a quarter of it
ROUNDING: Final = 1.1  # a stated number stands for what lies within a tenth of it
SURE: Final = 0.9  # a forecast with a chance of so much is said to hold; with one below the rest, not to hold


@dataclass(frozen=True)
class Verdict:
    """A claim's verdict: a word, a range, what it hangs on and what would change our mind.

    condition: what must be granted, where the word is `holds if`; the ledger shows it with no other word. low, mid,
    high: NaN where no number settles it.
    """

    claim_id: str
    word: Word
    why: str
    condition: str = ""
    low: float = np.nan
    mid: float = np.nan
    high: float = np.nan
    unit: str = ""
    hinges_on: str = ""
    would_change: str = ""
    sources: tuple[str, ...] = ()


def word_for_range(low: ArrayLike, high: ArrayLike, allowed_low: float, allowed_high: float) -> NDArray[np.str_]:
    """Return `holds` where a range lies inside the allowed one, `does not hold` where outside, else `holds if`.

    The allowed range is closed below and open above; arguments broadcast.

    >>> word_for_range([4.07, 2.03, 3.1], [4.07, 2.03, 4.2], 3.5, 4.5)
    array(['holds', 'does not hold', 'holds if'], dtype='<U13')
    """
    bottom, top = positive("low", low), positive("high", high)
    inside = (bottom >= allowed_low) & (top < allowed_high)
    outside = (top < allowed_low) | (bottom >= allowed_high)
    return np.select([inside, outside], ["holds", "does not hold"], "holds if")


def one_word(low: float, high: float, allowed_low: float, allowed_high: float) -> Word:
    """Return the word of `word_for_range` for a single range.

    >>> one_word(24_576, 24_576, 20_000, 31_250)
    'holds'
    """
    return cast(Word, str(word_for_range(low, high, allowed_low, allowed_high)))


def word_for_chance(low: float, high: float) -> Word:
    """Return the word of a forecast that comes true with a chance from `low` to `high`.

    >>> word_for_chance(0.2, 0.95), word_for_chance(0.92, 0.99), word_for_chance(0.01, 0.05)
    ('holds if', 'holds', 'does not hold')
    """
    fraction("low", low), fraction("high", high)
    return "holds" if low >= SURE else "does not hold" if high <= 1 - SURE else "holds if"


def range_of(draws: ArrayLike) -> dict[str, float]:
    """Return the 90 % range of draws as the three fields of a verdict.

    >>> range_of([25_000.0])
    {'low': 25000.0, 'mid': 25000.0, 'high': 25000.0}
    """
    return dict(zip(("low", "mid", "high"), interval(draws), strict=True))


def cited(*ids: "Iterable[str] | pd.Series[str]") -> tuple[str, ...]:
    """Return source ids, each once and in order; an element may itself be a list with commas.

    >>> cited(["b, a"], ["b"])
    ('a', 'b')
    """
    return tuple(sorted({name for part in ids for name in ", ".join(part).split(", ") if name}))


def sentence(text: str) -> str:
    """Return a text with a capital at its beginning and a full stop at its end; a name keeps its own letters.

    >>> sentence("the range is the one over definitions"), sentence("xAI announced it.")
    ('The range is the one over definitions.', 'xAI announced it.')
    """
    first = text[:1].upper() if text.partition(" ")[0].islower() else text[:1]
    return f"{first}{text[1:].rstrip('.')}."


def claimed(claim_id: str) -> float:
    """Return the number that a claim states, as `data/claims.csv` has it.

    >>> claimed("C40")
    24000000000.0
    """
    return float(data.load("claims").set_index("claim_id").at[claim_id, "value"])


def told(fact: "pd.Series[Any]") -> str:
    """Return a fact as part of a sentence, with its day or month.

    >>> day = pd.Timestamp("2024-03-04")
    >>> told(pd.Series({"statement": "A fact", "happened_on": day, "happened_on_precision": "day"}))
    'A fact (4 March 2024)'
    """
    write = texts.day if fact["happened_on_precision"] == "day" else texts.month
    return f"{tr(fact['statement'])} ({write(fact['happened_on'])})"


def percent(share: float) -> str:
    """Return a share in percent as it stands in a sentence, the sign after a space that does not break.

    >>> percent(0.126)
    '13\xa0%'
    """
    return texts.percent(f"{100 * share:.0f}")
