"""Editions of the book in other languages: catalogues of texts, pages in translation, the switch between editions.

A text is its own key, in English. Texts of code are looked up where they are made (`book_figures.texts.tr`); pages are
translated paragraph by paragraph before Sphinx reads them (`blocks`). Sphinx has a translation of its own, which comes
after reading: there, a number that the notebook has said (`glue`) is out of reach.
"""
