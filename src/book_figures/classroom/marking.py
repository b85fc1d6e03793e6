"""What a student's notebook does with answers: it looks at their kind and size, and in a teacher's hands it marks them.

`look` stands in every notebook that is handed out and does not give the answer away. `marks` stands in the hidden tests
that nbgrader puts back when a teacher marks: it compares with the answer, and its value, the last of the cell, is the
score. An answer that is still `...` costs its points and stops nothing.
"""

import math
from collections.abc import Iterator, Mapping
from typing import Any, Final

from book_figures import numbers
from book_figures.texts import tr

Answer = bool | int | float | str
WITHIN: Final = 0.01  # of the expected number; a count must be exact
POINTS: Final = 2
POINTS_OF_YES_OR_NO: Final = 1  # half of all guesses are right
NEAR: Final = 0.1  # a power of ten, as a share of an answer
MOST_LETTERS: Final = 60


def worth(expected: Answer) -> int:
    """Return the points of an answer.

    >>> worth(4.07), worth(True)
    (2, 1)
    """
    return POINTS_OF_YES_OR_NO if isinstance(expected, bool) else POINTS


def size(expected: Answer) -> tuple[float, float] | str:
    """Return what `look` may say about an answer: the powers of ten around a number, or the kind of anything else.

    Near a power of ten the next one counts too, so that an answer that is right is of the right size.

    >>> size(28_571.4), size(0.16), size(100.3), size(True), size("models")
    ((10000, 100000), (0.1, 1), (10, 1000), 'yes or no', 'text')

    Raises ValueError for a number that is not above zero, which has no such size.
    """
    if isinstance(expected, str):
        return "text"
    if isinstance(expected, bool):
        return "yes or no"
    if not 0 < expected < math.inf:
        raise ValueError(f"expected = {expected}; expected a number above zero")
    near = 0 if isinstance(expected, int) else NEAR
    low, high = math.log10(expected * (1 - near)), math.log10(expected * (1 + near))
    return _power_of_ten(math.floor(low)), _power_of_ten(math.floor(high) + 1)


def _power_of_ten(power: int) -> float:
    return 10**power if power >= 0 else float(f"1e{power}")


def look(given: Mapping[str, Any], **sizes: tuple[float, float] | str) -> None:
    """Print of each answer whether it is there, and of the kind and size that is asked.

    given: the notebook's variables. sizes: name -> `size` of the answer.

    >>> look({"chips": 30_000, "share": ..., "late": 1}, chips=(1e4, 1e5), share=(0.1, 1), late="yes or no")
    chips = 30,000: of the kind and size that is asked.
    share: not answered yet.
    late = 1: expected True or False.
    """
    for name, expected in sizes.items():
        print(_seen(name, given.get(name, ...), expected))


def _seen(name: str, answer: Any, expected: tuple[float, float] | str) -> str:
    if answer is ...:
        return tr("{name}: not answered yet.", name=name)
    right, wanted = _compared(answer, expected)
    if right:
        return tr("{name} = {shown}: of the kind and size that is asked.", name=name, shown=_shown(answer))
    return tr("{name} = {shown}: expected {wanted}.", name=name, shown=_shown(answer), wanted=wanted)


def _compared(answer: Any, expected: tuple[float, float] | str) -> tuple[bool, str]:
    """Return whether an answer is of the kind and size expected, and what that is in words."""
    if expected == "text":
        return isinstance(answer, str), tr("a text between quotes")
    if expected == "yes or no":
        return _truth(answer) is not None, tr("True or False")
    low, high, number = float(expected[0]), float(expected[1]), _number(answer)
    wanted = tr("a number from {low} to {high}, in the unit that is asked", low=_shown(low), high=_shown(high))
    return number is not None and low <= number <= high, wanted


def marks(given: Mapping[str, Any], within: float = WITHIN, **expected: Answer) -> int:
    """Return the points for a cell of answers, and print how they come about.

    given: the notebook's variables. within: how far a number may be off, as a share of the expected one; a whole number
    has to be exact. expected: name -> the answer.

    >>> marks({"chips": 28_600, "late": False, "owner": " meta "}, chips=28_571.4, late=True, owner="Meta")
    chips = 28,600; points: 2 of 2.
    late = False; points: 0 of 1. Expected True.
    owner = meta; points: 2 of 2.
    4
    """
    return sum(_marked(given, within, expected))


def _marked(given: Mapping[str, Any], within: float, expected: Mapping[str, Answer]) -> Iterator[int]:
    for name, wanted in expected.items():
        answer, most = given.get(name, ...), worth(wanted)
        points = most if is_right(answer, wanted, within) else 0
        shown = tr("no answer") if answer is ... else _shown(answer)
        text = tr("{name} = {shown}; points: {points} of {most}.", name=name, shown=shown, points=points, most=most)
        print(text if points else f"{text} {tr('Expected {wanted}.', wanted=_shown(wanted))}")
        yield points


def is_right(answer: Any, expected: Answer, within: float = WITHIN) -> bool:
    """Return whether an answer is the expected one: a text letter for letter but for case and spaces, a number nearly.

    >>> is_right(28_600, 28_571.4), is_right(7, 6), is_right("Models ", "models"), is_right(..., True)
    (True, False, True, False)
    """
    if isinstance(expected, str):
        return isinstance(answer, str) and answer.casefold().split() == expected.casefold().split()
    if isinstance(expected, bool):
        return _truth(answer) is expected
    number = _number(answer)
    allowed = 0 if isinstance(expected, int) else within * abs(expected)
    return number is not None and abs(number - expected) <= allowed


def _truth(answer: Any) -> bool | None:
    """Return a truth value, numpy's too; None for anything else."""
    return bool(answer) if type(answer).__name__ in ("bool", "bool_") else None


def _number(answer: Any) -> float | None:
    """Return a number, also out of an array or a table with one value; None for anything else, truth values too."""
    if isinstance(answer, str) or _truth(answer) is not None:
        return None
    try:
        number = float(answer.item() if hasattr(answer, "item") else answer)
    except (TypeError, ValueError):
        return None
    return number if math.isfinite(number) else None


def _shown(answer: Any) -> str:
    number = _number(answer)
    if number is None:
        text = " ".join(str(answer).split())
        return text if len(text) <= MOST_LETTERS else f"{text[: MOST_LETTERS - 1]}…"
    return numbers.count(number) if number == round(number) else numbers.significant(number, 4)
