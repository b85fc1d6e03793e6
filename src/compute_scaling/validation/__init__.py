"""Validation: what the models of this package predict, beside what was measured and beside a dumb guess.

Each module here takes one subject: it makes the predictions, row by row, and hands them to `board`.
"""
