"""The ledger: every claim of the article as a computed verdict, as known on a day."""

from compute_scaling.claims.ledger import ARTICLE_DAY, WORDS, Verdict, check, ledger

__all__ = ["ARTICLE_DAY", "WORDS", "Verdict", "check", "ledger"]
