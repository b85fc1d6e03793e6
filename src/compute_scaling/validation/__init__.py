"""Validation: what the models of this package predict, beside what was measured and beside a dumb guess.

Each module here takes one subject: it makes the predictions, row by row, and hands them to `board`. `scoreboard` puts
the subjects under one another.
"""

import pandas as pd

from compute_scaling.validation import bills, failures, growth, laws, machines, runs, speed
from compute_scaling.validation.board import summary

SUBJECTS = {
    "step time": speed,
    "whole runs": runs,
    "scaling laws": laws,
    "failures": failures,
    "power and cost of sites": machines,
    "energy and cost of runs": bills,
    "growth": growth,
}

__all__ = ["SUBJECTS", "scoreboard", "summary"]


def scoreboard() -> pd.DataFrame:
    """Return every prediction of the package beside its measurement: the columns of `board.board`, and `subject`."""
    parts = [module.rows().assign(subject=subject) for subject, module in SUBJECTS.items()]
    return pd.concat(parts, ignore_index=True)
