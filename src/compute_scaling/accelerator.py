"""Accelerators: what one chip can do at best, and what limits it.

A datasheet's peak is FLOP/s at a precision, dense (every number counted) or sparse (two of four numbers zero, which
training does not use). Whether a kernel reaches its peak depends on its arithmetic intensity, FLOP per byte moved: the
roofline of Williams, Waterman and Patterson (2009, https://doi.org/10.1145/1498765.1498785),

    attainable = min(peak, intensity x bandwidth).
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, get_args

import numpy as np
from numpy.typing import ArrayLike

from compute_scaling.checks import Floats, positive

if TYPE_CHECKING:  # pandas takes longer to import than all of the core: only who reads a table waits for it
    import pandas as pd

    from compute_scaling import data

Precision = Literal["fp32", "tf32", "bf16", "fp8", "fp4"]
PRECISIONS: Final = get_args(Precision)
REFERENCE: Final = "H100 SXM"
BYTES_PER_NUMBER: Final = {"fp32": 4, "tf32": 4, "bf16": 2, "fp8": 1, "fp4": 0.5}
SPARSE_PRECISIONS: Final = ("tf32", "bf16", "fp8")  # of the matrix units; fp32 runs on the ordinary cores


@dataclass(frozen=True)
class Accelerator:
    """One accelerator: dense peaks in FLOP/s (NaN where it has none), memory, links and power.

    `bf16_flop_per_s` is the 16-bit peak: bf16, or fp16 on chips without bf16. `intranode_bytes_per_s` is per direction.
    """

    name: str
    vendor: str
    fp32_flop_per_s: float
    tf32_flop_per_s: float
    bf16_flop_per_s: float
    fp8_flop_per_s: float
    fp4_flop_per_s: float
    sparsity_factor: float
    memory_gb: float
    memory_bytes_per_s: float
    intranode_bytes_per_s: float
    scaleout_bit_per_s: float
    tdp_w: float

    def peak_flop_per_s(self, precision: Precision = "bf16", *, sparse: bool = False) -> float:
        """Return the peak at a precision: dense, or as the vendor prints it for structured sparsity.

        Raises ValueError for a precision the chip does not have, or a sparse peak where there is none (no chip has one
        at fp32; at fp4 the gain differs from that at 16 bits, which `sparsity_factor` is).

        >>> accelerator("H100 SXM").peak_flop_per_s()
        989400000000000.0
        >>> accelerator("H100 SXM").peak_flop_per_s("fp8", sparse=True)
        3957800000000000.0
        >>> accelerator("A100 SXM 80GB").peak_flop_per_s("fp8")
        Traceback (most recent call last):
            ...
        ValueError: precision = 'fp8'; expected one that A100 SXM 80GB has: fp32, tf32, bf16
        """
        peaks = {name: getattr(self, f"{name}_flop_per_s") for name in PRECISIONS}
        has = [name for name, peak in peaks.items() if np.isfinite(peak)]
        if precision not in has:
            raise ValueError(f"precision = {precision!r}; expected one that {self.name} has: {', '.join(has)}")
        if sparse and not (np.isfinite(self.sparsity_factor) and precision in SPARSE_PRECISIONS):
            raise ValueError(f"sparse = True; expected False, for {self.name} has none at {precision}")
        return peaks[precision] * (self.sparsity_factor if sparse else 1)

    def ridge_flop_per_byte(self, precision: Precision = "bf16") -> float:
        """Return the arithmetic intensity at which the peak, not the memory, becomes the limit.

        >>> round(accelerator("H100 SXM").ridge_flop_per_byte())
        295
        """
        return self.peak_flop_per_s(precision) / self.memory_bytes_per_s

    def matmul_flop_per_s(self, size: ArrayLike, precision: Precision = "bf16") -> Floats:
        """Return the attainable FLOP/s of a product of two square matrices of `size` rows: its place on the roofline.

        An upper bound: caches, the tiles of the matrix units and the start of the program cost more. Broadcasts.

        >>> accelerator("H100 SXM").matmul_flop_per_s([128, 4096])
        array([1.42933333e+14, 9.89400000e+14])
        """
        intensity = matmul_intensity_flop_per_byte(size, size, size, bytes_per_number=BYTES_PER_NUMBER[precision])
        return roofline_flop_per_s(intensity, self.peak_flop_per_s(precision), self.memory_bytes_per_s)


def accelerator(name: str) -> Accelerator:
    """Return an accelerator from `data/accelerators.csv` by its name; raise ValueError for an unknown one.

    >>> accelerator("H100 SXM").memory_gb
    80.0
    """
    table = _table("accelerators").set_index("accelerator")
    if name not in table.index:
        raise ValueError(f"accelerator = {name!r}; expected one of {', '.join(table.index)}")
    row = table.loc[name]
    numbers = {field: float(row[field]) for field in Accelerator.__annotations__ if field not in ("name", "vendor")}
    return Accelerator(name=name, vendor=row["vendor"], **numbers)


def matmul_intensity_flop_per_byte(
    rows: ArrayLike, inner: ArrayLike, columns: ArrayLike, *, bytes_per_number: ArrayLike = 2
) -> Floats:
    """Return FLOP per byte of a matrix product (rows x inner) times (inner x columns), each matrix moved once.

    2 x rows x inner x columns FLOP over the bytes of the two inputs and the result; arguments broadcast.

    >>> matmul_intensity_flop_per_byte(4096, 4096, 4096).round(1)
    np.float64(1365.3)
    """
    m, k, n = positive("rows", rows), positive("inner", inner), positive("columns", columns)
    numbers_moved = m * k + k * n + m * n
    return 2 * m * k * n / (positive("bytes_per_number", bytes_per_number) * numbers_moved)


def roofline_flop_per_s(
    intensity_flop_per_byte: ArrayLike, peak_flop_per_s: ArrayLike, memory_bytes_per_s: ArrayLike
) -> Floats:
    """Return the attainable FLOP/s at an arithmetic intensity (Williams et al. 2009); arguments broadcast.

    >>> roofline_flop_per_s([1, 1000], 989.4e12, 3.35e12)
    array([3.350e+12, 9.894e+14])
    """
    from_memory = positive("intensity_flop_per_byte", intensity_flop_per_byte) * positive(
        "memory_bytes_per_s", memory_bytes_per_s
    )
    return np.minimum(from_memory, positive("peak_flop_per_s", peak_flop_per_s))


def h100_equivalents(count: ArrayLike, names: "pd.Series[str]", precision: Precision = "bf16") -> Floats:
    """Return how many H100 SXM have the same dense peak as `count` chips of each name.

    count: a number, or one a name. NaN where the name is missing or the chip has no peak at that precision: the weight
    of a chip depends on the precision. Raises ValueError for an unknown name or precision, or a count not above 0.

    >>> import pandas as pd
    >>> h100_equivalents([25_000], pd.Series(["A100 SXM 40GB"])).round()
    array([7884.])
    """
    if precision not in PRECISIONS:
        raise ValueError(f"precision = {precision!r}; expected one of {', '.join(PRECISIONS)}")
    table = _table("accelerators").set_index("accelerator")[f"{precision}_flop_per_s"]
    unknown = names[names.notna() & ~names.isin(table.index)]
    if len(unknown):
        raise ValueError(f"accelerator = {unknown.iloc[0]!r}; expected one of {', '.join(table.index)}")
    return positive("count", count) * (names.map(table) / table[REFERENCE]).to_numpy(float)


def same_peak_count(count: ArrayLike, names: "pd.Series[str]", precision: Precision = "bf16") -> Floats:
    """Return how many chips of each name have the dense peak of `count` H100 SXM (NaN where a peak is missing).

    >>> import pandas as pd
    >>> same_peak_count(100_000, pd.Series(["V100 SXM 32GB", "B200 SXM"])).round()
    array([791520.,  43973.])
    """
    return positive("count", count) / h100_equivalents(1, names, precision)


def best_matmuls(precision: Precision = "bf16", as_of: "data.Day" = None) -> "pd.DataFrame":
    """Return the best matrix products measured at a precision, with the dense `peak_flop_per_s` and the `share` of it.

    as_of: only measurements known by that day. One row a chip, columns of `data/matmul_measurements.csv` besides.

    >>> rows = best_matmuls("bf16").set_index("accelerator")
    >>> round(rows.at["H100 SXM", "share"], 2)
    np.float64(0.8)
    """
    rows = _table("matmul_measurements", as_of)
    rows = rows[rows["precision"] == precision].reset_index(drop=True)
    peaks = _table("accelerators", as_of).set_index("accelerator")[f"{precision}_flop_per_s"]
    rows["peak_flop_per_s"] = rows["accelerator"].map(peaks)
    return rows.assign(share=rows["achieved_flop_per_s"] / rows["peak_flop_per_s"])


def _table(name: str, as_of: "data.Day" = None) -> "pd.DataFrame":
    from compute_scaling import data

    return data.load(name, as_of=as_of)
