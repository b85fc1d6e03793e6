"""The core: one number, a sweep and a Monte Carlo, each with a size that grows."""

import numpy as np
import pytest

from compute_scaling import data
from compute_scaling.accelerator import accelerator
from compute_scaling.claims import ARTICLE_DAY, ledger
from compute_scaling.cluster import Cluster
from compute_scaling.plan import Plan
from compute_scaling.plan_search import best_use, dense_model
from compute_scaling.reliability import simulated_goodput
from compute_scaling.scaling_laws import BESIROGLU_2024, bootstrap, fit
from compute_scaling.scaling_laws.gains import simulated_runs
from compute_scaling.throughput import all_plans, best_plan, step_time
from compute_scaling.transformer import Transformer
from compute_scaling.uncertainty import between, propagate

MODEL = Transformer(layers=96, width=12_288, heads=96, vocabulary=51_200, context=2048)
H100 = accelerator("H100 SXM")
MACHINE = Cluster(H100, 98_304)
BATCH = 24_576  # sequences
PLANS = all_plans(MODEL, MACHINE, BATCH)
RUNS = simulated_runs(BESIROGLU_2024, seed=0)
POINTS = (RUNS["parameters"], RUNS["tokens"], RUNS["loss"])
RANGES = {
    "peak_flop_per_s": between(9.0e14, 9.9e14, shape="uniform"),
    "utilisation": between(0.3, 0.45),
    "goodput": between(0.8, 0.97, shape="triangular"),
    "days": between(60, 120),
    "power_w": between(1_200, 1_500, shape="normal"),
    "price_usd_per_mwh": between(40, 90),
}


def chain(peak_flop_per_s, utilisation, goodput, days, power_w, price_usd_per_mwh):
    """FLOP for a dollar of electricity."""
    return peak_flop_per_s * utilisation * goodput * days * 86_400 / (power_w * days * 24 / 1e6 * price_usd_per_mwh)


def plans(count):
    """So many plans, those of the machine again and again."""
    places = np.arange(count) % np.size(PLANS.tensor)
    return Plan(**{name: value[places] if np.ndim(value) else value for name, value in vars(PLANS).items()})


@pytest.mark.parametrize("n", [1, 10**3, 10**4, 10**5, 10**6])
def test_step_time(measured, n):
    some = plans(n) if n > 1 else Plan(tensor=8, pipeline=8, data=1536)
    measured("step time of plans", n, lambda: step_time(MODEL, MACHINE, some, batch_sequences=BATCH))


@pytest.mark.parametrize("n", [1_000, 10_000, 100_000, 1_000_000])
def test_best_plan(measured, n):
    measured("best plan that divides a machine", n, lambda: best_plan(MODEL, Cluster(H100, n), batch_sequences=10_000))


@pytest.mark.parametrize("n", [1_000, 10_000, 100_000, 1_000_000])
def test_best_use(measured, n):
    model = dense_model(1e12)
    measured("best use of a machine", n, lambda: best_use(model, Cluster(H100, n), batch_sequences=16_384))


def test_fit(measured):
    measured("fit of a scaling law, 240 runs", 1, lambda: fit(*POINTS))


@pytest.mark.parametrize("n", [40, 400, 4_000])
def test_bootstrap(measured, n):
    measured("bootstrap of a scaling law", n, lambda: bootstrap(*POINTS, n, seed=0), rounds=3)


@pytest.mark.parametrize("n", [10**3, 10**4, 10**5, 10**6, 10**7])
def test_propagate(measured, n):
    call = lambda: propagate(chain, RANGES, draws=n, seed=0).interval()  # noqa: E731
    measured("draws through six inputs", n, call, rounds=3 if n > 10**5 else None)


@pytest.mark.parametrize("n", [10**6, 10**7, 3 * 10**7])
def test_propagate_lazily(measured, n):
    call = lambda: propagate(chain, RANGES, draws=n, seed=0, lazy=True).interval()  # noqa: E731
    measured("the same, block by block with Dask", n, call, rounds=1, warmup=False)


@pytest.mark.parametrize("n", [10**3, 10**4, 10**5, 10**6])
def test_ledger(measured, n):
    measured("ledger of 49 claims", n, lambda: ledger(as_of=ARTICLE_DAY, draws=n), rounds=3)


@pytest.mark.parametrize("n", [10**6, 10**7])
def test_ledger_lazily(measured, n):
    call = lambda: ledger(as_of=ARTICLE_DAY, draws=n, lazy=True)  # noqa: E731
    measured("ledger, block by block with Dask", n, call, rounds=1, warmup=False)


def test_tables(measured):
    names = [name for name in data.tables() if name != "sources"]
    measured("every table, once it was read", 1, lambda: [data.load(name) for name in names], rounds=3)


@pytest.mark.parametrize("n", [10**3, 10**4, 10**5, 10**6])
def test_simulated_failures(measured, n):
    timing = {"interval_s": 320, "checkpoint_s": 40, "restart_s": 300}
    call = lambda: simulated_goodput(0.35, **timing, failures=n // 10, runs=10, seed=0)  # noqa: E731
    measured("failures of a machine, one by one", n, call, rounds=3)
