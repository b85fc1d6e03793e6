"""Compute for AI as plain arithmetic: FLOP, throughput, time, power, money, and the claims that rest on them.

Every quantity is a float or an array in SI units, or in the unit its name ends in (`_usd`, `_mw`, `_days`). FLOP is a
count, FLOP/s a rate; the two never share a name. Every function broadcasts: the same call serves one number, a sweep
and a Monte Carlo sample. Nothing here draws, and nothing outside `data` reads a file.

A step of training GPT-3 on 100,000 H100s:

>>> from compute_scaling.accelerator import accelerator
>>> from compute_scaling.cluster import Cluster
>>> from compute_scaling.plan import Plan
>>> from compute_scaling.throughput import step_time
>>> from compute_scaling.transformer import architecture
>>> machine = Cluster(accelerator("H100 SXM"), 100_000)
>>> plan = Plan(tensor=4, sequence_parallel=True, pipeline=8, interleave=12, data=3_125, sharding="optimizer")
>>> step = step_time(architecture("GPT-3 175B"), machine, plan, batch_sequences=100_000)
>>> bool(4 < step.seconds < 5), bool(step.fits)
(True, True)
"""
