"""The two readers of the book: one on the article's day, one of today. Each keeps what it has read."""

from functools import lru_cache

import pandas as pd

from compute_scaling import data
from compute_scaling.claims import ARTICLE_DAY
from compute_scaling.reader import Reader


@lru_cache
def then() -> Reader:
    """Return the reader of the article's day."""
    return Reader(pd.Timestamp(ARTICLE_DAY))


@lru_cache
def now() -> Reader:
    """Return the reader of today."""
    return Reader(data.updated_on())
