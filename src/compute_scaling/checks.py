"""Checks of arguments: nonsense is refused with a message that names the field, the value and what is allowed.

Each function returns its value as a float array (a scalar stays zero-dimensional), so that it can wrap an argument
where it is first used. Arrays that are computed later, block by block, such as Dask's, stay what they are: they are
checked when they are computed.
"""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


def is_lazy(value: object) -> bool:
    """Return whether a value is an array that is computed later, block by block, such as Dask's."""
    return hasattr(value, "map_blocks")


def array(value: Any) -> NDArray[Any]:
    """Return `value` as an array; one that is computed later stays so.

    >>> array("none")
    array('none', dtype='<U4')
    """
    return value if is_lazy(value) else np.asarray(value)


def floats(value: Any) -> Floats:
    """Return `value` as an array of floats; one that is computed later stays so.

    >>> floats([1, 2])
    array([1., 2.])
    """
    return value.astype(float) if is_lazy(value) else np.asarray(value, dtype=float)


def refused(name: str, value: ArrayLike, wrong: ArrayLike, expected: str) -> NDArray[Any]:
    """Return `value`, or raise ValueError with its first element that is wrong and with what was expected.

    >>> refused("count", [1, 2.5], [False, True], "a whole number")
    Traceback (most recent call last):
        ...
    ValueError: count = 2.5; expected a whole number
    """
    if is_lazy(value) or is_lazy(wrong):
        lazy: Any = value if np.shape(value) == np.shape(wrong) else np.where(wrong, value, value)  # as large as both
        return lazy.map_blocks(_refused_block, wrong, field=name, expected=expected, dtype=lazy.dtype)
    if np.any(wrong):
        element = np.broadcast_to(value, np.shape(wrong))[np.asarray(wrong)].flat[0]
        shown = repr(str(element)) if isinstance(element, str) else f"{element:g}"
        raise ValueError(f"{name} = {shown}; expected {expected}")
    return np.asarray(value)


def _refused_block(value: NDArray[Any], wrong: NDArray[np.bool_], *, field: str, expected: str) -> NDArray[Any]:
    return refused(field, value, wrong, expected)


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
        numbers = floats(value)
    except (TypeError, ValueError):
        raise ValueError(f"{name} = {value!r}; expected a number, or an array of numbers") from None
    above = numbers > low if open_low else numbers >= low
    below = numbers < high if open_high else numbers <= high
    wrong = ~(above & below)
    if is_lazy(wrong) or wrong.any():
        lower = f"above {low:g}" if open_low else f"from {low:g}"
        upper = f"below {high:g}" if open_high else f"to {high:g}"
        bounds = lower if high == np.inf else f"{lower} {upper}"
        if high == np.inf and not open_low:
            bounds = f"of {low:g} or more"
        return refused(name, numbers, wrong, f"a number {bounds}")
    return numbers


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
