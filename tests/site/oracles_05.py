"""What the readouts of chapter 5 must say, asked of the core again for each setting of the controls."""

from functools import cache
from typing import Any, Final

from book_figures import numbers
from compute_scaling.accelerator import accelerator
from compute_scaling.cluster import Cluster
from compute_scaling.plan_search import Use, best_use, dense_model

PARAMETERS: Final = {"175B": 175e9, "1T": 1e12, "2T": 2e12}
CHIPS: Final = [2_000, 5_000, 10_000, 20_000, 30_000, 50_000, 70_000, 100_000, 150_000, 200_000]
BATCHES: Final = {f"{2**power / 1e6:.0f} million": 2**power for power in range(22, 28)}


def expected(figure_name: str, values: dict[str, Any]) -> list[str]:
    """Return texts that must occur in the readout. Raises KeyError for a figure of another chapter."""
    return {"fig-step-parts": _parts, "fig-mfu-by-size": _speed}[figure_name](values)


def bars(figure_name: str, values: dict[str, Any]) -> int:
    """Return how many bars there must be: one for each part that is not nothing; curves have none."""
    if figure_name != "fig-step-parts":
        return 0
    use = _use(values["model"], CHIPS[values["chips"]], BATCHES[values["batch"]])
    lost = use.shares | {"tensor": use.shares["tensor"] + use.shares["pipeline"]}
    lost["idle"] += lost["optimiser"]
    shown = ("mfu", "below_peak", "recompute", "tensor", "bubble", "data", "idle")
    return sum(lost[name] > 0 for name in shown)


@cache
def _use(model: str, chips: int, tokens: int) -> Use:
    machine = Cluster(accelerator("H100 SXM"), chips)
    return best_use(dense_model(PARAMETERS[model]), machine, batch_sequences=tokens / 4096)


def _parts(values: dict[str, Any]) -> list[str]:
    use = _use(values["model"], CHIPS[values["chips"]], BATCHES[values["batch"]])
    span = numbers.span(numbers.percent(use.low), numbers.percent(use.high))
    groups = {"chips": use.plan.tensor, "stages": use.plan.pipeline, "copies": use.plan.data}
    return [
        f"The best plan uses {numbers.percent(use.mfu)} of the peak ({span})",
        *(f"over {count:,} {what}" for what, count in groups.items() if int(count) > 1),
        f"a step takes {numbers.significant(float(use.step.seconds), 2)} s",
    ]


def _speed(values: dict[str, Any]) -> list[str]:
    ratios = [
        _use(values["size"], 100_000, tokens).mfu * 100_000 / (_use(values["size"], 20_000, tokens).mfu * 20_000)
        for tokens in (2**24, 2**26)
    ]
    return [f"train {numbers.times(ratios[0])} times as fast", f"{numbers.times(ratios[1])} times with at most 67"]
