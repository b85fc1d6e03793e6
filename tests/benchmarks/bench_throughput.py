"""How fast a step time is: one plan, many at once, and the search of every plan of a machine; no checks."""

import numpy as np
from timing import milliseconds

from compute_scaling.accelerator import accelerator
from compute_scaling.cluster import Cluster
from compute_scaling.plan import Plan
from compute_scaling.throughput import all_plans, best_plan, step_time
from compute_scaling.transformer import Transformer

MODEL = Transformer(layers=96, width=12_288, heads=96, vocabulary=51_200, context=2048)


def main() -> None:
    """Print the times in milliseconds and what a plan costs in each."""
    machine = Cluster(accelerator("H100 SXM"), 98_304)
    plans = all_plans(MODEL, machine, 24_576)
    count = np.size(plans.tensor)
    one = Plan(tensor=8, pipeline=8, data=1536)
    alone = milliseconds(lambda: step_time(MODEL, machine, one, batch_sequences=24_576))
    together = milliseconds(lambda: step_time(MODEL, machine, plans, batch_sequences=24_576))
    search = milliseconds(lambda: best_plan(MODEL, machine, batch_sequences=24_576))
    print(f"one plan               {alone:9.2f} ms")
    print(f"{count:,} plans at once {together:9.2f} ms, {alone * count / together:,.0f} times faster than one by one")
    print(f"best plan of them all  {search:9.2f} ms")


if __name__ == "__main__":
    main()
