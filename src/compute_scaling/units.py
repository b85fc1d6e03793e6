"""Units: what the ending of a name says, and the few conversions the book needs.

A column or argument ends in its unit (`price_usd`, `power_mw`, `peak_flop_per_s`). `unit_of` reads that ending, so that
a table whose description says something else than its column names can be refused.
"""

from typing import Final

SECONDS_PER_HOUR: Final = 3_600
SECONDS_PER_DAY: Final = 86_400
HOURS_PER_DAY: Final = 24
MINUTES_PER_HOUR: Final = 60
DAYS_PER_YEAR: Final = 365.25
BYTES_PER_GB: Final = 1_000_000_000
SUPERSCRIPTS: Final = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")  # of a power of ten

UNITS_BY_SUFFIX: Final = {
    "_flop_per_s": "FLOP/s",
    "_op_per_s": "OP/s",
    "_bytes_per_s": "B/s",
    "_bit_per_s": "bit/s",
    "_flop_per_byte": "FLOP/B",
    "_flop": "FLOP",
    "_usd": "USD",
    "_gb": "GB",
    "_mw": "MW",
    "_w": "W",
    "_s": "s",
    "_hours": "hours",
    "_days": "days",
    "_years": "years",
}
RANGE_ENDINGS: Final = ("_low", "_mid", "_high")


def unit_of(name: str) -> str | None:
    """Return the unit that a column's or argument's name ends in, or None where it ends in none.

    Range endings (`_low`, `_mid`, `_high`) come after the unit and are passed over; the longest ending wins.

    >>> unit_of("price_usd_low"), unit_of("bf16_flop_per_s"), unit_of("count")
    ('USD', 'FLOP/s', None)
    """
    for ending in RANGE_ENDINGS:
        name = name.removesuffix(ending)
    suffix = max((s for s in UNITS_BY_SUFFIX if name.endswith(s)), key=len, default=None)
    return UNITS_BY_SUFFIX[suffix] if suffix else None
