"""Mean time between failures predicted from Llama 3's rate, against what other sites published.

The prediction is 1/(N f) with the one rate f of Llama 3 405B, the row it is fitted on; every other row is held out. Its
90 % range comes from the scatter between sites (`rate_at_new_site`): the log-normal prediction interval of the *other*
sites, so that no row's range has seen that row, nor another row of its site. Counting noise alone would be far too
narrow. The baseline is the median rate of the other sites.

What is counted differs: all unexpected interruptions (Llama 3), restarts (OPT, MegaScale), faults of GPUs alone
(BLOOM), incidents without restarts for new code (ByteRobust), failed nodes or failed jobs (RSC-1, where the two
contradict each other). The two generations of accelerators are summed up apart.
"""

from functools import partial
from typing import Final

import numpy as np
import pandas as pd

from compute_scaling.failure_rates import published_rates, rate_at_new_site
from compute_scaling.reliability import mean_time_between_failures_hours
from compute_scaling.validation.board import board, median_of_others

FITTED: Final = "llama-3-405b"


def rows() -> pd.DataFrame:
    """Return the scoreboard of mean times between failures, in hours, one row a system and way of counting.

    >>> table = rows().set_index("row")
    >>> table.loc["megascale, interruptions, 10,000 accelerators", ["predicted", "measured"]].round(1).to_dict()
    {'predicted': 5.1, 'measured': 6.7}
    """
    published = published_rates()
    count, rate, site = published["accelerators"].astype(float), published["failures_per_gpu_hour"], published["site"]
    sites = np.exp(np.log(rate).groupby(site).mean())
    others = pd.DataFrame({one: rate_at_new_site(sites.drop(one)) for one in sites.index}, index=["low", "", "high"])
    medians = pd.Series(median_of_others(sites), index=sites.index)
    hours = partial(mean_time_between_failures_hours, count)
    return board(
        pd.DataFrame(
            {
                "table": "failures",
                "row": published["system"] + ", " + published["quantity"] + count.map(", {:,.0f} accelerators".format),
                "quantity": "mean time between failures, " + published["generation"],
                "unit": "hours",
                "sample": np.where(published["system"] == FITTED, "fitted", "held out"),
                "predicted": hours(),
                "low": hours(failures_per_gpu_hour=site.map(others.loc["high"])),
                "high": hours(failures_per_gpu_hour=site.map(others.loc["low"])),
                "measured": hours(failures_per_gpu_hour=rate),
                "baseline": hours(failures_per_gpu_hour=site.map(medians)),
                "source_id": published["source_id"],
            }
        )
    )
