"""A copy of the tables as a reader of one day could have had them: nothing in it was public later."""

from pathlib import Path

import pandas as pd

QUESTIONS = ("claims", "sources")  # the claims are what is asked, and the list of sources holds no fact
UNIT_OF_MEASURE = "H100 SXM"


def forget_after(folder: Path, day: str) -> int:
    """Take out of a copy of data/ all that was not public by a day; return how many rows that changed."""
    changed = 0
    for path in sorted(folder.glob("*.csv")):
        table = pd.read_csv(path, dtype=str, keep_default_na=False)
        if path.stem in QUESTIONS:
            continue
        later = table["known_on"] > day
        changed += int(later.sum())
        if path.stem == "accelerators":  # the name stays: a machine may be told before its chip's peak is
            blank = [name for name in table if name.endswith(("_per_s", "_gb", "_w", "sparsity_factor"))]
            table.loc[later & (table["accelerator"] != UNIT_OF_MEASURE), blank] = ""
        else:  # a table of later facts alone keeps its first row: a file without rows is refused
            table = table[~later].copy() if (~later).any() else table.head(1)
        if path.stem == "clusters":
            told = table["superseded_by"].isin([*table["cluster_id"], ""]) & (table["superseded_on"] <= day)
            table.loc[~told, ["superseded_on", "superseded_by"]] = ""
        table.to_csv(path, index=False, lineterminator="\n")
    return changed
