"""Rates: what a chip and its links sustain in training, as shares of their datasheets.

A matrix product runs at the best rate measured for its chip (`data/matmul_measurements.csv`) and besides moves its
three matrices through memory; the second time matters for thin matrices, so that efficiency falls with size without a
fitted curve. Memory and links reach the shares below: the only three numbers fitted to training runs, by least squares
on the logarithm of the step times of Narayanan et al. 2021 (https://arxiv.org/abs/2104.04473), Table 1, and Korthikanti
et al. 2022 (https://arxiv.org/abs/2205.05198), Table 5. `validation.speed` fits them again.
"""

from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from compute_scaling.accelerator import BYTES_PER_NUMBER, Accelerator, Precision, best_matmuls
from compute_scaling.checks import Floats, array, floats

MEMORY_SHARE: Final = 0.776
LINK_SHARE: Final = 0.699
NETWORK_SHARE: Final = 0.790
ATTENTION_SHARE: Final = 0.6  # of the matmul rate; FlashAttention-2: 0.5 to 0.73 of an A100's peak (arXiv:2307.08691)
LINK_HOP_S: Final = 3.4e-6  # from chip to chip inside a node; this and the next as NCCL's tuning tables have them
NETWORK_HOP_S: Final = 14e-6  # from node to node
BITS_PER_BYTE: Final = 8
BYTES_PER_ACTIVATION: Final = 2  # bf16 or fp16, whatever the precision of the matrix products


@dataclass(frozen=True)
class Rates:
    """Sustained rates of one accelerator: FLOP/s of matrix products and of attention, bytes per second of the rest."""

    matmul_flop_per_s: float
    attention_flop_per_s: float
    memory_bytes_per_s: float
    link_bytes_per_s: float
    network_bytes_per_s: float
    input_bytes: float = BYTES_PER_ACTIVATION

    def matmul_s(self, rows: ArrayLike, inner: ArrayLike, columns: ArrayLike) -> Floats:
        """Return seconds of a product (rows x inner) times (inner x columns): its FLOP, then its three matrices.

        The two factors have `input_bytes` a number, the result 2.
        """
        m, k, n = floats(rows), floats(inner), floats(columns)
        moved = self.input_bytes * (m * k + k * n) + BYTES_PER_ACTIVATION * m * n
        return array(2 * m * k * n / self.matmul_flop_per_s + moved / self.memory_bytes_per_s)

    def ring_s(self, volume_bytes: ArrayLike, members: ArrayLike, *, apart: ArrayLike = 1, node: int = 8) -> Floats:
        """Return seconds in which members in a ring gather, or reduce and scatter, so many bytes.

        An all-reduce is both. Each member passes (n - 1) / n of the bytes on, in n - 1 hops (Patarasuk and Yuan 2009,
        https://doi.org/10.1016/j.jpdc.2008.09.002). apart: how many accelerators from one member to the next. A ring
        inside a node uses its links; one that leaves it uses the network ports of all its members in a node at once.
        """
        n, step = floats(members), floats(apart)
        inside = np.maximum(node / step, 1)
        leaves = n * step > node
        rate = np.where(
            leaves, np.minimum(self.link_bytes_per_s, inside * self.network_bytes_per_s), self.link_bytes_per_s
        )
        hop = np.where(leaves, (NETWORK_HOP_S + (inside - 1) * LINK_HOP_S) / inside, LINK_HOP_S)
        return array((n - 1) / n * floats(volume_bytes) / rate + (n - 1) * hop)


def sustained(
    chip: Accelerator,
    precision: Precision = "bf16",
    *,
    memory_share: float = MEMORY_SHARE,
    link_share: float = LINK_SHARE,
    network_share: float = NETWORK_SHARE,
) -> Rates:
    """Return the sustained rates of a chip at a precision of its matrix products; attention runs at 16 bits.

    Where the chip was never measured, its share of the peak is the median of the chips that were. Where it has no
    network of its own (a TPU), its links carry that traffic too. The shares of the datasheet are the fitted ones.

    >>> from compute_scaling.accelerator import accelerator
    >>> round(sustained(accelerator("A100 SXM 80GB")).matmul_flop_per_s / 1e12)
    271
    """
    link = chip.intranode_bytes_per_s
    network = chip.scaleout_bit_per_s / BITS_PER_BYTE
    return Rates(
        matmul_flop_per_s=chip.peak_flop_per_s(precision) * matmul_share(chip.name, precision),
        attention_flop_per_s=chip.peak_flop_per_s("bf16") * matmul_share(chip.name, "bf16") * ATTENTION_SHARE,
        memory_bytes_per_s=chip.memory_bytes_per_s * memory_share,
        link_bytes_per_s=link * link_share,
        network_bytes_per_s=(network if np.isfinite(network) else link) * network_share,
        input_bytes=min(BYTES_PER_NUMBER[precision], BYTES_PER_ACTIVATION),
    )


@cache
def matmul_share(name: str, precision: Precision = "bf16") -> float:
    """Return the best measured share of the dense peak of a chip, or the median over chips where it was not measured.

    Read once in a session, for the search of plans asks often.

    >>> round(matmul_share("H100 SXM"), 3)
    0.803
    """
    shares = best_matmuls(precision).set_index("accelerator")["share"]
    return float(shares.get(name, shares.median()))
