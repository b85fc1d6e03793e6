"""The places of the book that a reader looks for: its terms and figures, each with the words that stand there."""

import re
from collections.abc import Mapping
from functools import cache
from html import escape
from typing import Final, NamedTuple

from docutils import nodes
from sphinx.environment import BuildEnvironment

from book_figures.texts import tr
from compute_scaling import data

POWER: Final = re.compile(r"\^\{?(\w+)\}?")


class Place(NamedTuple):
    """A term with its definition, a figure with its number and caption, or a claim; the text is HTML."""

    kind: str
    label: str
    text: str


@cache
def places_of(env: BuildEnvironment, page: str) -> Mapping[str, Place]:
    """Return the terms and figures of a page, by anchor, in its order. Two names of one term are two places.

    Read once a build: previews and the finder both ask.
    """
    doctree, number = env.get_doctree(page), env.toc_fignumbers.get(page, {}).get("figure", {})
    terms = {
        name: Place("term", term.astext(), plain(item[-1].astext()))
        for item in doctree.findall(nodes.definition_list_item)
        for term in item.findall(nodes.term)
        for name in term["ids"]
    }
    figures = {
        name: Place("figure", env.config.numfig_format["figure"] % ".".join(map(str, number[name])), _caption(figure))
        for figure in doctree.findall(nodes.figure)
        for name in figure["ids"]
        if name in number
    }
    return terms | figures


def _caption(figure: nodes.figure) -> str:
    return " ".join(plain(caption.astext()) for caption in figure.findall(nodes.caption))


@cache
def claims() -> Mapping[str, Place]:
    """Return every claim in our words, by its id, which is its anchor in the ledger."""
    texts = data.load("claims").set_index("claim_id")["claim"].items()
    return {str(claim): Place("claim", str(claim), escape(tr(text))) for claim, text in texts}


def plain(text: str) -> str:
    """Return a text as HTML, its powers of ten raised.

    >>> plain("some 10^{25} of them")
    'some 10<sup>25</sup> of them'
    """
    return POWER.sub(r"<sup>\1</sup>", escape(text))
