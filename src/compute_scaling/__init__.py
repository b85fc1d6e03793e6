"""Compute for AI as plain arithmetic: FLOP, throughput, time, power, money, and the claims that rest on them.

Every quantity is a float or an array in SI units, or in the unit its name ends in (`_usd`, `_mw`, `_days`). FLOP is a
count, FLOP/s a rate; the two never share a name. Every function broadcasts: the same call serves one number, a sweep
and a Monte Carlo sample. Nothing here draws, and nothing outside `data` reads a file.
"""
