"""Clusters: many accelerators as one machine, and what they amount to at their peak."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from compute_scaling.accelerator import Accelerator, Precision
from compute_scaling.checks import Floats, floats, positive, within
from compute_scaling.units import BYTES_PER_GB


@dataclass(frozen=True)
class Cluster:
    """A number of equal accelerators; `count` may be an array: one Cluster can be a sweep of sizes.

    Raises ValueError for a count or node size that is not above 0.
    """

    accelerator: Accelerator
    count: ArrayLike
    accelerators_per_node: int = 8

    def __post_init__(self) -> None:
        positive("count", self.count)
        positive("accelerators_per_node", self.accelerators_per_node)

    @property
    def nodes(self) -> Floats:
        """Servers, the last one perhaps not full.

        >>> from compute_scaling.accelerator import accelerator
        >>> Cluster(accelerator("H100 SXM"), 100_000).nodes
        np.float64(12500.0)
        """
        return np.ceil(floats(self.count) / self.accelerators_per_node)

    @property
    def memory_bytes(self) -> Floats:
        """Accelerator memory in all, in bytes.

        >>> from compute_scaling.accelerator import accelerator
        >>> Cluster(accelerator("H100 SXM"), 100_000).memory_bytes
        np.float64(8000000000000000.0)
        """
        return np.multiply(self.count, self.accelerator.memory_gb * BYTES_PER_GB, dtype=float)

    @property
    def memory_bytes_per_s(self) -> Floats:
        """Accelerator memory bandwidth in all, in bytes per second.

        >>> from compute_scaling.accelerator import accelerator
        >>> Cluster(accelerator("H100 SXM"), 100_000).memory_bytes_per_s
        np.float64(3.35e+17)
        """
        return np.multiply(self.count, self.accelerator.memory_bytes_per_s, dtype=float)

    @property
    def chip_power_w(self) -> Floats:
        """Rated power of the accelerators alone, in watts: no processors, network, cooling or losses.

        >>> from compute_scaling.accelerator import accelerator
        >>> Cluster(accelerator("H100 SXM"), 100_000).chip_power_w
        np.float64(70000000.0)
        """
        return np.multiply(self.count, self.accelerator.tdp_w, dtype=float)

    def peak_flop_per_s(self, precision: Precision = "bf16", *, sparse: bool = False) -> Floats:
        """Return the sum of the accelerators' peaks; no program reaches it.

        >>> from compute_scaling.accelerator import accelerator
        >>> Cluster(accelerator("H100 SXM"), 100_000).peak_flop_per_s()
        np.float64(9.894e+19)
        """
        return np.multiply(self.count, self.accelerator.peak_flop_per_s(precision, sparse=sparse), dtype=float)

    def seconds_for(self, training_flop: ArrayLike, *, utilisation: ArrayLike, precision: Precision = "bf16") -> Floats:
        """Return the wall-clock seconds of a run of so many FLOP at a share of the peak; arguments broadcast.

        utilisation: above 0, at most 1, of the dense peak at the precision. Raises ValueError outside that range.

        >>> from compute_scaling.accelerator import accelerator
        >>> Cluster(accelerator("H100 SXM"), 100_000).seconds_for(3.8e25, utilisation=0.4).round(-3)
        np.float64(960000.0)
        """
        share = within("utilisation", utilisation, 0, 1, open_low=True)
        return positive("training_flop", training_flop) / (self.peak_flop_per_s(precision) * share)
