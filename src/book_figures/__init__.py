"""What a reader sees: charts, cards and the numbers in sentences, each made from a table of the core.

Importing this package sets Altair up for the book (`theme`): one look, floats rounded so that another machine writes
the same chart, and no chart without a description.
"""

from book_figures import theme

theme.enable()
