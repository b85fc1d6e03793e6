"""How long a fit and a bootstrap take, beside a grid of starts with SciPy's L-BFGS-B on the same simulated points.

`python tests/benchmarks/bench_scaling_laws.py [sets]` prints times, the objectives both reach, and with `sets`
simulated data sets how often 90 % intervals hold the truth, with the binomial standard error of that share.
"""

import sys
import time
from itertools import product

import numpy as np
import scipy

from compute_scaling.scaling_laws import BESIROGLU_2024, HOFFMANN_2022, ParametricLaw, bootstrap, fit

POINTS, RESAMPLES, BUDGET_FLOP = 240, 4000, 5.76e23
GRID = {"e": (0.5,), "a": (5, 10), "alpha": (0.25, 0.75), "b": (5, 10), "beta": (0.25, 0.75)}  # of the 4,500 usual ones
QUANTITIES = ("E", "A", "B", "alpha", "beta", "a", "N*")


def simulate(law, scatter, rng):
    """Return runs at a Chinchilla-like design: compute 6e18 to 3e21, parameters 50M to 16B, tokens from 6ND."""
    compute = np.exp(rng.uniform(np.log(6e18), np.log(3e21), POINTS))
    parameters = np.exp(rng.uniform(np.log(5e7), np.log(1.6e10), POINTS))
    tokens = compute / (6 * parameters)
    return parameters, tokens, law.loss(parameters, tokens) * np.exp(scatter * rng.standard_normal(POINTS))


def milliseconds(call, repeats):
    """Return the median time of a call, and what it returned."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        result = call()
        times.append(time.perf_counter() - start)
    return 1e3 * float(np.median(times)), result


def grid_of_starts(parameters, tokens, loss):
    """Return the lowest objective that L-BFGS-B reaches, with its own numerical gradient, from each start of `GRID`."""
    x, y, target = np.log(parameters), np.log(tokens), np.log(loss)

    def objective(z):
        predicted = np.logaddexp(np.logaddexp(z[1] - z[2] * x, z[3] - z[4] * y), z[0])
        return scipy.special.huber(1e-3, target - predicted).sum()

    starts = [np.array(start) for start in product(*GRID.values())]
    return min(scipy.optimize.minimize(objective, start, method="L-BFGS-B").fun for start in starts), len(starts)


def times():
    """Print times and objectives at four levels of scatter."""
    print("scatter   fit ms   bootstrap s   L-BFGS-B ms a start   objective less than L-BFGS-B's best")
    for scatter in (0.001, 0.005, 0.01, 0.02):
        data = simulate(BESIROGLU_2024, scatter, np.random.default_rng(0))
        fit_ms, result = milliseconds(lambda data=data: fit(*data), 31)
        bootstrap_ms, _ = milliseconds(lambda data=data: bootstrap(*data, RESAMPLES, seed=0), 3)
        grid_ms, (lowest, starts) = milliseconds(lambda data=data: grid_of_starts(*data), 1)
        below = 1 - result.objective / lowest
        print(f"{scatter:7.3f} {fit_ms:8.2f} {bootstrap_ms / 1e3:13.2f} {grid_ms / starts:21.1f} {below:38.2e}")


def coverage(law, scatter, sets, resamples=1000):
    """Return the share of simulated sets whose 90 % intervals hold the truth, for each of `QUANTITIES`."""

    def quantities(of):
        return np.stack([of.E, of.A, of.B, of.alpha, of.beta, of.parameter_exponent, of.optimum(BUDGET_FLOP)[0]])

    truth, hits = quantities(law), np.zeros(len(QUANTITIES))
    for seed in range(sets):
        rows = bootstrap(*simulate(law, scatter, np.random.default_rng(seed)), resamples, seed=seed)
        draws = quantities(ParametricLaw(*(rows[name].to_numpy() for name in ("E", "A", "B", "alpha", "beta"))))
        low, high = np.quantile(draws, [0.05, 0.95], axis=1)
        hits += (low <= truth) & (truth <= high)
    return hits / sets


if __name__ == "__main__":
    times()
    sets = int(sys.argv[1]) if len(sys.argv) > 1 else 0
    for name, law in {"Besiroglu": BESIROGLU_2024, "Hoffmann": HOFFMANN_2022}.items():
        for scatter in (0.005, 0.02) if sets else ():
            shares = coverage(law, scatter, sets)
            listed = "  ".join(f"{what} {share:.3f}" for what, share in zip(QUANTITIES, shares, strict=True))
            print(f"{name} scatter {scatter}: {listed}  (standard error {np.sqrt(0.09 / sets):.3f})")
