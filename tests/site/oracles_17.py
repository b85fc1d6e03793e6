"""What the readout of chapter 17 must say, computed again by hand for each number of chips."""

from typing import Any

STEPS = sorted([*range(50_000, 650_001, 25_000), 110_000])
WATTS = 1_200_000 / 576  # of a chip with its rack and network, by the maker's design


def expected(figure_name: str, values: dict[str, Any]) -> list[str]:
    """Return texts that must occur in the readout. Raises KeyError for a figure of another chapter."""
    return {"fig-megawatts": _megawatts}[figure_name](values)


def _megawatts(values: dict[str, Any]) -> list[str]:
    chips = STEPS[values["chips"]]
    low, high = (chips * WATTS * pue / 1e6 for pue in (1.08, 1.3))
    return [f"{chips:,} chips draw", f"({_three(low)} to {_three(high)})"]


def _three(value: float) -> str:
    return f"{float(f'{value:.3g}'):,.0f}"
