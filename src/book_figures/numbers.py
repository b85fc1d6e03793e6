"""Numbers for people: the one place that decides how a number looks in prose, tables, labels and alt texts.

Significant digits as the data bear them, thousands separated, words for millions and more, a true minus sign.
"""

import math
from collections.abc import Callable, Mapping
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import Any, Final

import numpy as np
import pandas as pd

from book_figures.texts import tr
from compute_scaling import data, texts
from compute_scaling.units import MINUTES_PER_HOUR, SECONDS_PER_HOUR, SUPERSCRIPTS

MINUS = "−"
CENT = Decimal("0.01")
NO_BREAK: Final = texts.NO_BREAK
SCALES = ((1e12, "trillion"), (1e9, "billion"), (1e6, "million"))
LONG_SCALES = ((1e9, "milliard"), (1e6, "million"))  # of French, which has no short word for a trillion
EPOCH = pd.Timestamp("1970-01-01")
PREFIXES = ((1e18, "E"), (1e15, "P"), (1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"))


def significant(value: float, digits: int = 3) -> str:
    """Return a number with so many significant digits, thousands separated, without an exponent.

    >>> significant(4.0690), significant(24_576, 5), significant(0.6666), significant(5), significant(-2.5)
    ('4.07', '24,576', '0.667', '5', '−2.5')
    """
    if not math.isfinite(value):
        raise ValueError(f"value = {value}; expected a finite number")
    if value == 0:
        return "0"
    decimals = max(0, digits - 1 - math.floor(math.log10(abs(value))))
    rounded = float(f"{value:.{digits - 1}e}")
    text = f"{rounded:,.{decimals}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return texts.number(text).replace("-", MINUS)


def fixed(value: float, places: int) -> str:
    """Return a number to so many decimals, ending zeros kept: for numbers that stand under one another.

    >>> fixed(0.1, 3), fixed(69, 1), fixed(-0.25, 2), fixed(1234.5, 1)
    ('0.100', '69.0', '−0.25', '1,234.5')
    """
    return texts.number(f"{value:,.{places}f}").replace("-", MINUS)


def count(value: float) -> str:
    """Return a whole number with thousands separated.

    >>> count(100_000), count(24_576.0)
    ('100,000', '24,576')
    """
    return texts.number(f"{round(value):,}").replace("-", MINUS)


def times(value: float) -> str:
    """Return a ratio to two decimals below 10, one below 100, none above.

    >>> times(4.069), times(2.0), times(12.34), times(0.667)
    ('4.07', '2.00', '12.3', '0.67')
    """
    places = 2 if abs(value) < 10 else 1 if abs(value) < 100 else 0
    return texts.number(f"{value:.{places}f}") if places else count(value)


def usd(value: float) -> str:
    """Return a sum of money in dollars, in words from a million on.

    >>> usd(6e9), usd(30_000), usd(3.8e9)
    ('$6 billion', '$30,000', '$3.8 billion')
    """
    if abs(value) >= SCALES[-1][0]:
        return tr("${millions}", millions=large(value))
    return tr("${amount}", amount=large(value))


def large(value: float, digits: int = 3) -> str:
    """Return a number in words from a million on.

    >>> large(1.93e12, 2), large(30_000), large(3.02e13)
    ('1.9 trillion', '30,000', '30.2 trillion')
    """
    if texts.LANGUAGE == "fr":
        return french_large(value, digits)
    for scale, word in SCALES:
        if abs(value) >= scale:
            return f"{significant(value / scale, digits)} {tr(word)}"
    return significant(value, digits)


def french_large(value: float, digits: int = 3) -> str:
    """Return a number in French words from a million on, in the plural from two on.

    >>> [text.replace("\N{NO-BREAK SPACE}", " ") for text in map(french_large, (1.9e6, 6e9, 30_000))]
    ['1.9 million', '6 milliards', '30,000']
    """
    for scale, word in LONG_SCALES:
        if abs(value) >= scale:
            plural = "s" if abs(value) >= 2 * scale else ""
            return f"{significant(value / scale, digits)}{NO_BREAK}{word}{plural}"
    return significant(value, digits)


def price(value: float) -> str:
    """Return a price in dollars and cents, such as the rent of an hour.

    >>> price(2), price(1.525), price(37_080.5)
    ('$2.00', '$1.53', '$37,080.50')
    """
    return tr("${price}", price=texts.number(f"{Decimal(str(value)).quantize(CENT, ROUND_HALF_UP):,}"))


def power_of_ten(value: float, digits: int = 2) -> str:
    """Return a large number as a coefficient times a power of ten.

    >>> power_of_ten(1.8e25)
    '1.8\xa0×\xa010²⁵'
    """
    coefficient, exponent = f"{value:.{digits - 1}e}".split("e")
    coefficient = texts.number(coefficient)
    return f"{coefficient}{NO_BREAK}×{NO_BREAK}10{str(int(exponent)).translate(SUPERSCRIPTS)}".replace("-", MINUS)


def with_prefix(value: float, unit: str, digits: int = 3) -> str:
    """Return a quantity with the metric prefix that keeps it below a thousand.

    >>> with_prefix(989.4e12, "FLOP/s"), with_prefix(3.35e12, "B/s")
    ('989 TFLOP/s', '3.35 TB/s')
    """
    for scale, prefix in PREFIXES:
        if abs(value) >= scale:
            return f"{significant(value / scale, digits)} {prefix}{unit}"
    return f"{significant(value, digits)} {unit}"


def percent(share: float, digits: int = 2) -> str:
    """Return a share as a percentage of two significant digits, or of as many as asked for.

    >>> percent(0.404), percent(1), percent(0.1458, digits=3)
    ('40\xa0%', '100\xa0%', '14.6\xa0%')
    """
    return texts.percent(significant(100 * share, digits if abs(share) < 0.995 else max(digits, 3)))


def chance(value: float) -> str:
    """Return a chance as a percentage; what is not quite certain never reads as certain.

    >>> chance(0.404), chance(0.9996), chance(0.002), chance(1)
    ('40\xa0%', 'over 99\xa0%', 'under 1\xa0%', '100\xa0%')
    """
    if 0 < value < 0.01:
        return tr("under {chance}", chance=percent(0.01))
    if 0.99 < value < 1:
        return tr("over {chance}", chance=percent(0.99))
    return percent(value)


def amount(value: float) -> str:
    """Return a whole number exactly, any other to three significant digits.

    >>> amount(24_576.0), amount(34_963.2), amount(154.6)
    ('24,576', '35,000', '155')
    """
    return count(value) if float(value).is_integer() else significant(value)


def quantity(value: float, unit: str, *, with_unit: bool = True) -> str:
    """Return a value in the form that its unit asks for; an unknown unit stands after the number.

    A "date" is a number of days since 1 January 1970.

    >>> quantity(4.069, "times"), quantity(4.4e25, "FLOP"), quantity(6e9, "USD"), quantity(154.6, "MW")
    ('4.07 times', '4.4\xa0×\xa010²⁵ FLOP', '$6 billion', '155 MW')
    >>> quantity(0.4, "chance"), quantity(19_874, "date"), quantity(0.24, "ratio")
    ('40\xa0%', '31 May 2024', '0.24')
    """
    text = WRITERS.get(unit, amount)(float(value))
    return f"{text} {tr(unit)}" if unit and unit not in WITHOUT_UNIT and with_unit else text


def estimate(low: float, mid: float, high: float, unit: str) -> tuple[str, str]:
    """Return a value with its unit, and its range, which may have no upper end; an empty text where there is none.

    >>> estimate(2.0, 4.07, 6.9, "times"), estimate(5, 5, 5, "times"), estimate(np.nan, np.nan, np.nan, "")
    (('4.07 times', '2.00 to 6.90'), ('5.00 times', ''), ('', ''))
    """
    if pd.isna(mid):
        return "", ""
    if pd.isna(low) or pd.isna(high) or low == high:
        return quantity(mid, unit), ""
    if math.isinf(high):
        return quantity(mid, unit), tr("{low} or more", low=quantity(low, unit, with_unit=False))
    return quantity(mid, unit), span(*(quantity(end, unit, with_unit=False) for end in (low, high)))


def duration(hours: float) -> str:
    """Return a time for people: hours, minutes or seconds.

    >>> duration(2.5), duration(0.34), duration(0.01)
    ('2.5 hours', '20 minutes', '36 seconds')
    """
    if hours >= 1:
        return tr("{count} hours", count=significant(hours, 2))
    if hours >= 1 / MINUTES_PER_HOUR:
        return tr("{count} minutes", count=significant(hours * MINUTES_PER_HOUR, 2))
    return tr("{count} seconds", count=significant(hours * SECONDS_PER_HOUR, 2))


def span(low: str, high: str) -> str:
    """Return a range in words, or one value where both ends read the same.

    >>> span("2.0", "6.9"), span("4.07", "4.07")
    ('2.0 to 6.9', '4.07')
    """
    return low if low == high else tr("{low} to {high}", low=low, high=high)


def day(value: pd.Timestamp) -> str:
    """Return a date as a reader writes it.

    >>> day(pd.Timestamp("2024-05-31"))
    '31 May 2024'
    """
    return texts.day(value)


def month(value: pd.Timestamp) -> str:
    """Return a month as a reader writes it.

    >>> month(pd.Timestamp("2024-05-01"))
    'May 2024'
    """
    return texts.month(value)


def _percent(value: float) -> str:
    return percent(value / 100)


def _date(days: float) -> str:
    return day(EPOCH + pd.Timedelta(days=round(days)))


WRITERS: Final[Mapping[str, Callable[[float], str]]] = {
    "times": times, "times a year": times, "ratio": times, "FLOP": power_of_ten, "USD": usd, "chance": chance,
    "share": percent, "percent": _percent, "MW": significant, "date": _date,
}  # fmt: skip
WITHOUT_UNIT: Final = frozenset(
    {"ratio", "USD", "chance", "share", "percent", "count", "date"}
)  # the text has it, or there is none


@lru_cache
def _table_texts() -> frozenset[str]:
    """Return the texts in the table of claims, which have translations of their own."""
    claims = data.load("claims")[["claim", "attributed_to", "kind", "theme"]]
    return frozenset(claims.to_numpy().ravel())


def cell(value: Any) -> str:
    """Return a table's cell as text: numbers as the data bear them, dates as days, missing as a dash.

    >>> cell(24576.0), cell(1.25), cell(pd.Timestamp("2024-03-12")), cell(np.nan), cell(9.894e14)
    ('24,576', '1.25', '2024-03-12', '–', '9.894\xa0×\xa010¹⁴')
    """
    if not isinstance(value, str) and pd.isna(value):
        return "–"
    if isinstance(value, pd.Timestamp):
        return value.strftime("%Y-%m-%d")
    if isinstance(value, str):
        return tr(value) if value in _table_texts() else value
    if isinstance(value, bool | np.bool_):
        return str(value)
    if abs(value) >= 1e12:
        return power_of_ten(float(value), 4)
    return significant(float(value), 4) if abs(value) < 1000 else significant(float(value), 6)
