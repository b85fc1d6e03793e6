"""Checks of arguments: nonsense is refused with a message that names the field, the value and what is allowed.

Each function returns its value as a float array (a scalar stays zero-dimensional), so that it can wrap an argument
where it is first used.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


def within(
    name: str, value: ArrayLike, low: float, high: float, *, open_low: bool = False, open_high: bool = False
) -> Floats:
    """Return `value` as floats, or raise ValueError where an element is not a number between `low` and `high`.

    `open_low` and `open_high` leave the end itself out.

    >>> within("utilisation", 0.4, 0, 1)
    array(0.4)
    >>> within("utilisation", [0.4, 1.4], 0, 1)
    Traceback (most recent call last):
        ...
    ValueError: utilisation = 1.4; expected a number from 0 to 1
    """
    try:
        array = np.asarray(value, dtype=float)
    except (TypeError, ValueError):
        raise ValueError(f"{name} = {value!r}; expected a number, or an array of numbers") from None
    above = array > low if open_low else array >= low
    below = array < high if open_high else array <= high
    wrong = ~(above & below)
    if wrong.any():
        lower = f"above {low:g}" if open_low else f"from {low:g}"
        upper = f"below {high:g}" if open_high else f"to {high:g}"
        bounds = lower if high == np.inf else f"{lower} {upper}"
        if high == np.inf and not open_low:
            bounds = f"of {low:g} or more"
        raise ValueError(f"{name} = {array[wrong].flat[0]:g}; expected a number {bounds}")
    return array


def positive(name: str, value: ArrayLike) -> Floats:
    """Return `value` as floats, or raise ValueError where an element is not a finite number above 0.

    >>> positive("count", [1, 100_000])
    array([1.e+00, 1.e+05])
    >>> positive("count", -3)
    Traceback (most recent call last):
        ...
    ValueError: count = -3; expected a number above 0
    """
    return within(name, value, 0, np.inf, open_low=True, open_high=True)


def fraction(name: str, value: ArrayLike) -> Floats:
    """Return `value` as floats, or raise ValueError where an element is not from 0 to 1.

    >>> fraction("level", 0.9)
    array(0.9)
    """
    return within(name, value, 0, 1)


def finite(name: str, value: ArrayLike) -> Floats:
    """Return `value` as floats, or raise ValueError where an element is not a finite number.

    >>> finite("score", -3)
    array(-3.)
    """
    return within(name, value, -np.inf, np.inf, open_low=True, open_high=True)
