"""A Sphinx extension: each page leads to the same page in the other language; a page not translated says so.

On English pages a place is kept, which `link_editions` fills once another edition stands beside: a plain link, that
needs no script.
"""

import re
import sys
from collections.abc import Collection, Mapping
from html import escape
from pathlib import Path
from typing import Any, Final

from sphinx.application import Sphinx

from book_figures.edition import catalogues
from book_figures.site.previews import target
from book_figures.texts import tr
from compute_scaling.texts import LANGUAGE, NARROW, SOURCE

PLACE: Final = "<!-- other languages -->"
PREVIEW: Final = re.compile(r'<div class="preview" [^>]*data-for="([^"#]*)#')
FRENCH: Final = "fr"
NAMES: Final = {"en": "English", FRENCH: "Français"}
CONTROL: Final = re.compile(r'(?<= )(aria-label|title|placeholder)="([^"]+)"')
CELL: Final = re.compile(r'(<td [^>]*data-label="[^"]*)"')  # on a phone the label stands before a colon
SOLUTION: Final = re.compile(r'(<p class="admonition-title">Solution) de(<a [^>]*>) ')  # as the theme words it


def link(address: str, language: str) -> str:
    """Return the link to a page in another language, named in that language.

    >>> link("../index.html", "fr")
    '<a class="language-switch" href="../index.html" hreflang="fr" lang="fr">Français</a>'
    """
    name = NAMES.get(language, language)
    return f'<a class="language-switch" href="{escape(address)}" hreflang="{language}" lang="{language}">{name}</a>'


def up(page: str) -> str:
    """Return the way from a page to the root of its edition.

    >>> up("book/index"), up("search")
    ('../', '')
    """
    return "../" * page.count("/")


def add_links(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    """Give the template what stands for the other language: its link, or the place for it on English pages."""
    is_source = LANGUAGE == SOURCE
    context["other_languages"] = PLACE if is_source else link(f"{up(page)}../{page}.html", SOURCE)


def mark_languages(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    """Mark what is English on a page of another edition: the page itself, or previews of others."""
    if LANGUAGE == SOURCE or "body" not in context:
        return
    translated = catalogues.translated_pages(LANGUAGE)
    context["body"] = english_previews(context["body"], page, translated)
    if LANGUAGE == FRENCH:
        context["body"] = french_colons(context["body"])
    if page in catalogues.pages() and page not in translated:
        context["body"] = untranslated(context["body"])


def english_previews(body: str, page: str, translated: Collection[str]) -> str:
    """Return the body of a page with previews of what stands on pages that are not translated marked as English.

    >>> english_previews('<div class="preview" id="a" data-for="glossary.html#term-x">A text</div>', "book/index", [])
    '<div lang="en" class="preview" id="a" data-for="glossary.html#term-x">A text</div>'
    """

    def marked(match: "re.Match[str]") -> str:
        is_english = target(page, match[1]) not in translated
        return match[0].replace("<div", f'<div lang="{SOURCE}"', 1) if is_english else match[0]

    return PREVIEW.sub(marked, body)


def untranslated(body: str) -> str:
    """Return the body of a page that is not translated: with a note under its title, and marked as English.

    >>> print(untranslated("<section><h1>Titre</h1><p>Text</p></section>"))
    <section lang="en"><h1 lang="en">Titre</h1><p class="untranslated" lang="en">This page is not translated yet...
    """
    note = escape(tr("This page is not translated yet. What follows is the English text."))
    body = body.replace("<section", f'<section lang="{SOURCE}"', 1).replace("<h1", f'<h1 lang="{LANGUAGE}"', 1)
    return body.replace("</h1>", f'</h1><p class="untranslated" lang="{LANGUAGE}">{note}</p>', 1)


def french_colons(body: str) -> str:
    """Return the body of a page with a space before colons that come from style sheets, and in titles of solutions.

    >>> french_colons('<p class="admonition-title">Solution de<a href="#ex"> Exercice 3.1</a></p>')
    '<p class="admonition-title">Solution\u202f: <a href="#ex">Exercice 3.1</a></p>'
    """
    return SOLUTION.sub(rf"\1{NARROW}: \2", CELL.sub(rf'\1{NARROW}"', body))


def name_controls(html: Path, names: Mapping[str, str]) -> None:
    """Name controls in the language of an edition that the theme names in English.

    html: the folder of the edition. names: English -> the language of the edition.
    """
    for path in [*html.rglob("*.html"), *html.glob("_static/togglebutton.js")]:
        text = path.read_text(encoding="utf-8")
        path.write_text(CONTROL.sub(lambda at: f'{at[1]}="{names.get(at[2], at[2])}"', text), encoding="utf-8")


def link_editions(html: Path, language: str) -> int:
    """Fill the place on each English page with the link to another edition; return how many pages have it.

    html: the folder of the English edition, with the other in a folder named after its language.
    """
    linked = 0
    for path in sorted((html / language).rglob("*.html")):
        inside = path.relative_to(html / language)
        english = html / inside
        text = english.read_text(encoding="utf-8") if english.exists() else ""
        if PLACE in text:
            address = up(inside.as_posix()) + f"{language}/{inside.as_posix()}"
            english.write_text(text.replace(PLACE, link(address, language)), encoding="utf-8")
            linked += 1
    return linked


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the extension with Sphinx."""
    app.connect("html-page-context", add_links)  # before the theme drops templates that stay empty
    app.connect("html-page-context", mark_languages, priority=950)  # after the previews are there
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def main(html: Path, language: str) -> None:
    """Finish an edition that is built: name what the theme does not, and lead to it from the English pages."""
    known = catalogues.translations(catalogues.page_catalogue(catalogues.NAVIGATION, language))
    name_controls(html / language, {text: catalogues.curled(known[text]) for text in catalogues.THEME})
    print(f"== {link_editions(html, language)} pages lead to their translation")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
