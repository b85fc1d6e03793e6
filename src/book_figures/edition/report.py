"""How complete an edition is: for each catalogue and page, how many texts are translated, in doubt, missing."""

from book_figures.edition import catalogues
from book_figures.edition.catalogues import Count


def counts(language: str) -> dict[str, Count]:
    """Return the counts of the catalogues of code, of the navigation, and of every page of the book.

    >>> list(counts("fr"))[:3]
    ['compute_scaling', 'book_figures', 'navigation']
    """
    packages = {name: catalogues.code_catalogue(name, language) for name in (catalogues.CORE, catalogues.FIGURES)}
    found = {name: catalogues.count(path, catalogues.read(path)) for name, path in packages.items()}
    navigation = catalogues.page_catalogue(catalogues.NAVIGATION, language)
    found[catalogues.NAVIGATION] = catalogues.count(navigation, catalogues.texts_of_navigation())
    for page in catalogues.pages():
        path = catalogues.page_catalogue(page, language)
        found[page] = catalogues.count(path, catalogues.texts_of_page(page))
    return found


def written(language: str) -> str:
    """Return the report as a table in plain text."""
    found = counts(language)
    width = max(map(len, found))
    head = f"{'':{width}}  translated  in doubt  missing"
    rows = [
        f"{name:{width}}  {100 * count.share:9.0f} %  {count.fuzzy:8}  {count.missing:7}"
        for name, count in found.items()
    ]
    return "\n".join([head, *rows])
