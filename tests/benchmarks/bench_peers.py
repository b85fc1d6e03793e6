"""Other people's tools on the same jobs in the same run, and ours beside them; `peers.py` runs in `.venv-peers`."""

import json
import subprocess
from pathlib import Path

import numpy as np
import pytest
from bench_core import POINTS, chain

from compute_scaling.accelerator import accelerator
from compute_scaling.cluster import Cluster
from compute_scaling.plan import Plan
from compute_scaling.scaling_laws import fit
from compute_scaling.throughput import step_time
from compute_scaling.transformer import architecture
from compute_scaling.uncertainty import between, interval, propagate

ROOT = Path(__file__).resolve().parents[2]
PYTHON = ROOT / ".venv-peers" / "bin" / "python"
DRAWS = 100_000
RANGES = {
    "peak_flop_per_s": between(9.0e14, 9.9e14),
    "utilisation": between(0.3, 0.45),
    "goodput": between(0.8, 0.97),
    "days": between(60, 120),
    "power_w": between(1_200, 1_500),
    "price_usd_per_mwh": between(40, 90),
}


@pytest.fixture
def peer(tmp_path, benchmark):
    """Run a peer's job and note its seconds beside our own."""
    if not PYTHON.exists():
        pytest.skip("no .venv-peers: `make bench` sets it up")
    points = tmp_path / "points.npy"
    np.save(points, np.array(POINTS))

    def seconds(name):
        command = (PYTHON, Path(__file__).with_name("peers.py"), name, points)
        found = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)[name]
        benchmark.group = f"beside {name.replace('_', '-')}"
        benchmark.extra_info |= {"n": 1, "peer_seconds": found}

    return seconds


def test_training_time_of_a_plan(peer, benchmark):
    peer("llm_analysis")
    machine = Cluster(accelerator("A100 SXM 80GB"), 1024)
    plan = Plan(tensor=8, pipeline=8, data=16, recompute="full")
    benchmark(lambda: step_time(architecture("GPT-3 175B"), machine, plan, batch_sequences=1536))


def test_training_time_of_many_plans(peer, benchmark):
    peer("llm_analysis")
    benchmark.group, benchmark.extra_info["n"] = "beside llm-analysis, a million plans at once", 10**6
    machine = Cluster(accelerator("A100 SXM 80GB"), 1024)
    plan = Plan(tensor=np.full(10**6, 8), pipeline=8, data=16, recompute="full")
    benchmark.pedantic(
        lambda: step_time(architecture("GPT-3 175B"), machine, plan, batch_sequences=1536), rounds=3, warmup_rounds=1
    )


def test_fit(peer, benchmark):
    peer("chinchilla")
    benchmark(lambda: fit(*POINTS))


def test_draws(peer, benchmark):
    peer("squigglepy")
    benchmark(lambda: propagate(chain, RANGES, draws=DRAWS, seed=0).interval())


def test_draws_without_quasi_random_points(benchmark):
    """What a plain pseudo-random product of lognormals costs: the floor under both."""
    benchmark.group, benchmark.extra_info["n"] = "the same with NumPy's normal numbers", 1
    middles = {name: dist.median() for name, dist in RANGES.items()}
    spreads = {name: dist.kwds["s"] for name, dist in RANGES.items()}

    def draw():
        rng = np.random.default_rng(0)
        drawn = {name: middles[name] * np.exp(spreads[name] * rng.standard_normal(DRAWS)) for name in RANGES}
        return interval(chain(**drawn))

    benchmark(draw)
