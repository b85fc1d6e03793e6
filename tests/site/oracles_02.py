"""What the readouts of chapter 2 must say, asked of the core again for each setting of the controls."""

from typing import Any, Final

from book_figures import hundred_thousand, numbers
from book_figures import what_is_an_h100 as h100
from compute_scaling import data
from compute_scaling.accelerator import accelerator

SECONDS_PER_DAY: Final = 86_400
RUNS: Final = {"GPT-4": "C14-001", "Grok-3": "C25-008"}
PLANNED: Final = 100_000


def expected(figure_name: str, values: dict[str, Any]) -> list[str]:
    """Return texts that must occur in the readout. Raises KeyError for a figure of another chapter."""
    return {"fig-roofline": _roofline, "fig-same-peak": _same_peak, "fig-days-for-runs": _days}[figure_name](values)


def _roofline(values: dict[str, Any]) -> list[str]:
    chip, size = accelerator(values["chip"]), h100.SIZES[values["size"]]
    intensity = size / 3  # of a square product at two bytes a number
    rate = min(chip.bf16_flop_per_s, intensity * chip.memory_bytes_per_s)
    limit = "memory" if rate < chip.bf16_flop_per_s else "compute"
    best = data.load("matmul_measurements").set_index(["accelerator", "precision"])["achieved_flop_per_s"]
    measured = best.get((chip.name, "bf16"))
    return [
        f"{chip.name}, {numbers.count(size)} rows: {numbers.significant(intensity, 4)} FLOP for each byte",
        f"at most {numbers.significant(rate / 1e12)} TFLOP/s",
        f"{numbers.percent(rate / chip.bf16_flop_per_s)} of the peak",
        f"The limit is {limit}",
        *([f"is {numbers.significant(measured / 1e12, 4)} TFLOP/s"] if measured else []),
    ]


def _same_peak(values: dict[str, Any]) -> list[str]:
    peaks = data.load("accelerators").set_index("accelerator")[f"{values['precision']}_flop_per_s"]
    total = PLANNED * peaks["H100 SXM"]
    others = total / peaks[list(hundred_thousand.OTHERS)].dropna()
    most, fewest = (f"{numbers.significant(others[name])} {name}" for name in (others.idxmax(), others.idxmin()))
    return [f"100,000 H100s peak at {numbers.significant(total / 1e18)} EFLOP/s", most, fewest]


def _days(values: dict[str, Any]) -> list[str]:
    utilisation = hundred_thousand.UTILISATIONS[values["utilisation"]]
    flop = data.load("outcomes").set_index("outcome_id")["value"]
    rate = PLANNED * accelerator("H100 SXM").bf16_flop_per_s * utilisation
    days = {model: flop[row] / rate / SECONDS_PER_DAY for model, row in RUNS.items()}
    return [
        f"At {numbers.percent(utilisation)} of the peak",
        *(f"{numbers.significant(value, 2 if value < 100 else 3)} days" for value in days.values()),
    ]
