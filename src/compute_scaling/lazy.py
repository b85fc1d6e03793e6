"""Lazy arrays: draws and their quantiles block by block, on one machine or a cluster, in bounded memory.

Needs Dask (`pip install "compute-scaling[dask]"`), which does the scheduling: on the threads of this machine, or on
the cluster that a `dask.distributed.Client` of the program is connected to, by the address of its scheduler. A block is
a pure function of seed and place. So the result does not depend on how blocks are shared out, and one that is lost with
its worker is computed again, with the same result.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from itertools import count
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from compute_scaling.checks import Floats, is_lazy, within

BINS: Final = 2**14  # between the ends of a bracket
WIDTH: Final = 8.0  # of a bracket: standard errors of the share of the first block that lies below a quantile
FEW: Final = 2**16  # draws that are fetched for one quantile, at most
GROUP: Final = 16  # counts of blocks that are added up at once


def drawn(block: Callable[[int, int], Floats], *, rows: int, draws: int, size: int) -> Any:
    """Return a Dask array, rows x draws, whose blocks are computed when they are needed.

    block: from the number of the first draw and how many there are to a NumPy array, rows x so many. size: draws of a
    block, the last may have fewer. Raises ImportError without Dask.

    >>> lazy = drawn(lambda first, count: np.arange(first, first + count)[None] + 0.5, rows=1, draws=10, size=4)
    >>> lazy.chunks, float(lazy.sum().compute())
    (((1,), (4, 4, 2)), 50.0)
    """
    try:
        import dask.array  # optional: only lazy arrays need it
    except ImportError:
        raise ImportError('lazy arrays need Dask: pip install "compute-scaling[dask]"') from None
    counts = tuple(min(size, draws - first) for first in range(0, draws, size))
    return dask.array.map_blocks(
        partial(_drawn_block, block), chunks=((rows,), counts), dtype=float, meta=np.empty((0, 0))
    )


@contextmanager
def watched(report: Callable[[int], None]) -> Iterator[None]:
    """Call `report` with the number of blocks done so far, after each that is computed on this machine meanwhile.

    >>> counts: list[int] = []
    >>> with watched(counts.append):
    ...     total = drawn(lambda first, count: np.ones((1, count)), rows=1, draws=8, size=4).sum().compute()
    >>> counts == list(range(1, len(counts) + 1)) and len(counts) >= 2
    True
    """
    from dask.callbacks import Callback

    done = count(1)
    with Callback(posttask=lambda *_: report(next(done))):
        yield


def quantiles(values: ArrayLike, levels: ArrayLike, *, progress: bool = False) -> Floats:
    """Return the quantiles of draws as `numpy.quantile` does; of a lazy array exactly the same, without keeping it.

    values: finite numbers in one dimension. levels: from 0 to 1. A lazy array is computed twice, in rare cases more
    often: to count the draws in narrow bins around the quantiles, whose place the first block suggests, and to fetch
    those in the right bins. progress: show how far each pass is. Raises ValueError for levels outside 0 to 1.

    >>> quantiles([1.0, 2.0, 4.0], [0.25, 1.0])
    array([1.5, 4. ])
    """
    shares = within("levels", np.atleast_1d(levels), 0, 1)
    if not is_lazy(values):
        return np.asarray(np.quantile(np.asarray(values, float), shares))
    lazy: Any = values
    places = shares * (lazy.size - 1)
    ranks = np.concatenate([np.floor(places), np.ceil(places)]).astype(int)
    low, high, below = _brackets(lazy, ranks, progress)
    found = [between[place] for between, place in zip(_fetched(lazy, low, high, progress), ranks - below, strict=True)]
    lower, upper = np.reshape(found, (2, -1))
    return _interpolated(lower, upper, places - np.floor(places))


def computed(*lazy: Any, progress: bool = False) -> tuple[Any, ...]:
    """Return lazy values computed, together; where the program has a Client, on its cluster.

    progress: show how far they are.
    """
    import dask
    from dask.diagnostics import ProgressBar

    if not progress:
        return tuple(dask.compute(*lazy))
    try:
        import dask.distributed as distributed

        client = distributed.get_client()
    except (ImportError, ValueError):  # none is there, or none is connected
        with ProgressBar():
            return tuple(dask.compute(*lazy))
    futures = client.compute(list(lazy))
    distributed.progress(futures, notebook=False)
    return tuple(client.gather(futures))


def _drawn_block(block: Callable[[int, int], Floats], block_info: dict[None, dict[str, Any]]) -> Floats:
    _, (first, last) = block_info[None]["array-location"]
    return block(first, last - first)


def _brackets(lazy: Any, ranks: NDArray[np.int_], progress: bool) -> tuple[Floats, Floats, NDArray[np.int_]]:
    """Return from where to below where the draw of each rank lies, and how many lie lower; few lie in between.

    A bracket around one number, however often it is drawn, begins with it, and as many lie lower as its rank says.
    """
    pilot, shares = np.asarray(lazy.blocks[0]), ranks / max(lazy.size - 1, 1)
    reach = WIDTH * (np.sqrt(shares * (1 - shares) / pilot.size) + 1 / pilot.size)
    low, high = np.quantile(pilot, np.clip([shares - reach, shares + reach], 0, 1))
    high, rows = np.nextafter(high, np.inf), np.arange(ranks.size)
    while True:
        edges = np.linspace(low, high, BINS + 1, axis=1)
        upto, lowest, highest, least, most = computed(*_counted(lazy, edges), lazy.min(), lazy.max(), progress=progress)
        ends = np.column_stack([np.full(low.shape, least), edges, np.full(low.shape, np.nextafter(most, np.inf))])
        upto = np.column_stack([np.zeros(low.shape, int), upto, np.full(low.shape, lazy.size)])
        bin_of = (upto <= ranks[:, None]).sum(axis=1) - 1
        one = (bin_of > 0) & (bin_of < BINS + 1) & (lowest == highest)
        low = np.where(one, lowest, ends[rows, bin_of])
        high = np.where(one, np.nextafter(lowest, np.inf), ends[rows, bin_of + 1])
        one |= np.nextafter(low, np.inf) >= high
        below, count = upto[rows, bin_of], upto[rows, bin_of + 1] - upto[rows, bin_of]
        if np.all(one | (count <= FEW)):
            return low, high, np.where(one, ranks, below)


def _counted(lazy: Any, edges: Floats) -> tuple[Any, Any, Any]:
    """Return how many draws lie below each edge, quantiles x edges; and the lowest and highest between the ends."""
    rows, blocks = edges.shape[:1], (1,) * lazy.numblocks[0]
    counts = lazy.map_blocks(
        _counts_block, edges=edges, new_axis=(1, 2), chunks=(blocks, rows, edges.shape[1:]), dtype=int
    )
    ends = lazy.map_blocks(
        _ends_block, low=edges[:, 0], high=edges[:, -1], new_axis=(1, 2), chunks=(blocks, rows, (2,)), dtype=float
    )
    return counts.sum(axis=0, split_every=GROUP), ends[..., 0].min(axis=0), ends[..., 1].max(axis=0)


def _counts_block(block: Floats, *, edges: Floats) -> NDArray[np.int_]:
    rows = []
    for row in edges:
        inside = _inside(block, row[0], row[-1])
        bins = np.bincount(np.searchsorted(row, inside, side="right") - 1, minlength=BINS)
        rows.append((block < row[0]).sum() + np.concatenate([[0], bins.cumsum()]))
    return np.array(rows)[None]


def _ends_block(block: Floats, *, low: Floats, high: Floats) -> Floats:
    found = _fetched_block(block, low=low, high=high)
    return np.array([[values.min(initial=np.inf), values.max(initial=-np.inf)] for values in found])[None]


def _fetched(lazy: Any, low: Floats, high: Floats, progress: bool) -> list[Floats]:
    """Return the draws of each bracket, sorted; one that holds a single number, how often it may be, has it once."""
    import dask

    single = np.nextafter(low, np.inf) >= high
    fetch = dask.delayed(partial(_fetched_block, low=low[~single], high=high[~single]), pure=True)
    wanted = [] if single.all() else map(fetch, lazy.to_delayed().ravel())
    parts = computed(*wanted, progress=progress)
    several = iter([np.sort(np.concatenate(rows)) for rows in zip(*parts, strict=True)])
    return [np.array([end]) if alone else next(several) for end, alone in zip(low, single, strict=True)]


def _fetched_block(block: Floats, *, low: Floats, high: Floats) -> list[Floats]:
    return [_inside(block, start, end) for start, end in zip(low, high, strict=True)]


def _inside(block: Floats, low: float, high: float) -> Floats:
    return block[(block >= low) & (block < high)]


def _interpolated(below: Floats, above: Floats, share: Floats) -> Floats:
    """Return the values at a share of the way between two, as NumPy does: from the nearer of them."""
    step = above - below
    return np.where(share < 0.5, below + step * share, above - step * (1 - share))
