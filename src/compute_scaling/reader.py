"""A reader of a day: the tables as they were public by then, and draws from the ranges in them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

import pandas as pd

from compute_scaling import data
from compute_scaling.uncertainty import Correlations, Inputs, sample

DRAWS: Final = 2**14
Result = TypeVar("Result")


@dataclass(frozen=True)
class Reader:
    """Who checks a claim or makes a forecast.

    as_of: the day. seed, draws: of every Monte Carlo; same seed, same bytes. lazy: draws are Dask arrays, computed
    block by block (`uncertainty.sample`). A reader reads each table once and remembers it, and what `once` computed:
    after a change in a table, take a new one.

    >>> Reader(pd.Timestamp("2024-05-31")).table("clusters")["known_on"].max() <= pd.Timestamp("2024-05-31")
    True
    """

    as_of: pd.Timestamp
    seed: int = 0
    draws: int = DRAWS
    lazy: bool = False
    memory: dict[Any, Any] = field(default_factory=dict, repr=False, compare=False)

    def table(self, name: str) -> pd.DataFrame:
        """Return the rows of a table that were public by the day."""
        return self._once(name, lambda: data.load(name, as_of=self.as_of)).copy(deep=False)

    def once(self, function: "Callable[[Reader], Result]") -> Result:
        """Return what a function says to this reader, computed the first time only."""
        return self._once(function, lambda: function(self))

    def draw(self, inputs: Inputs, correlations: Correlations | None = None) -> dict[str, Any]:
        """Return draws of the inputs (`uncertainty.sample`)."""
        return sample(inputs, draws=self.draws, seed=self.seed, correlations=correlations, lazy=self.lazy)

    def _once(self, key: Any, compute: Callable[[], Result]) -> Result:
        if key not in self.memory:
            self.memory[key] = compute()
        result: Result = self.memory[key]
        return result
