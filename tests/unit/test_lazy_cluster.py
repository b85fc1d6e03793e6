"""A Monte Carlo on Dask's own cluster of processes: the same numbers, also when a worker dies on the way."""

import os
import signal
import threading
import time

import dask.array as da
import numpy as np
import pytest
from dask.distributed import Client, LocalCluster

from compute_scaling import uncertainty
from compute_scaling.accelerator import accelerator
from compute_scaling.cluster import Cluster
from compute_scaling.plan import Plan
from compute_scaling.throughput import step_time
from compute_scaling.transformer import Transformer
from compute_scaling.uncertainty import between, propagate

RANGES = {"chips": 100_000, "price": between(25_000, 40_000), "share": between(0.3, 0.5)}


def bill(chips, price, share):
    return chips * price * share


@pytest.fixture
def cluster():
    with LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, memory_limit="1GiB", dashboard_address=None
    ) as workers:
        yield workers


@pytest.fixture
def small_blocks(monkeypatch):
    monkeypatch.setattr(uncertainty, "BLOCK", 2**12)
    monkeypatch.setattr(uncertainty, "CHUNK", 2**12)


pytestmark = pytest.mark.filterwarnings("ignore")  # of what dies, and of sockets that it leaves


def test_a_cluster_says_what_one_process_says(cluster, small_blocks, capsys):
    plain = propagate(bill, RANGES, draws=100_000, seed=1).interval()
    with Client(cluster.scheduler_address) as client:
        assert len(client.scheduler_info()["workers"]) == 2
        assert propagate(bill, RANGES, draws=100_000, seed=1, lazy=True).interval(progress=True) == plain
    assert "100%" in capsys.readouterr().out


def test_a_cluster_sweeps_plans(cluster):
    model = Transformer(layers=96, width=12_288, heads=96, vocabulary=51_200, context=2048)
    data = np.resize(2 ** np.arange(10), 100_000)
    call = {"model": model, "cluster": Cluster(accelerator("H100 SXM"), 64 * data), "batch_sequences": 512}
    plain = step_time(plan=Plan(tensor=8, pipeline=8, data=data), **call)
    lazy = da.from_array(data, chunks=10_000)
    with Client(cluster.scheduler_address):
        swept = step_time(
            plan=Plan(tensor=8, pipeline=8, data=lazy),
            **{**call, "cluster": Cluster(accelerator("H100 SXM"), 64 * lazy)},
        )
        np.testing.assert_allclose(swept.seconds.compute(), plain.seconds, rtol=1e-9)
        np.testing.assert_allclose(float(swept.mfu.max().compute()), plain.mfu.max(), rtol=1e-9)


def slow_bill(chips, price, share):
    return (chips * price * share).map_blocks(slowly, dtype=float)


def slowly(block):
    time.sleep(0.05)
    return block


def test_the_death_of_a_worker_changes_nothing(cluster, small_blocks):
    plain = propagate(bill, RANGES, draws=200_000, seed=1).interval()
    killed = []

    def kill():
        time.sleep(1.0)
        victim = next(iter(cluster.workers.values()))
        os.kill(victim.pid, signal.SIGKILL)
        killed.append(victim.pid)

    with Client(cluster.scheduler_address):
        thread = threading.Thread(target=kill)
        thread.start()
        started = time.monotonic()
        found = propagate(slow_bill, RANGES, draws=200_000, seed=1, lazy=True).interval()
        thread.join()
        assert killed
        assert time.monotonic() - started > 1.2, "all was done before the worker died"
        assert found == plain
