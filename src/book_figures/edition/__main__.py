"""`python -m book_figures.edition fr`: bring the catalogues of a language up to date and report what is missing."""

import sys

from book_figures.edition import catalogues, report
from book_figures.edition.heard import heard


def main(language: str) -> None:
    """Write the catalogues of a language again, with every text that is there now, and print the report."""
    notebooks = [path for page in catalogues.pages() if (path := catalogues.source_of(page)).suffix == ".ipynb"]
    found = catalogues.sorted_out(heard(notebooks).texts)
    paths = {package: catalogues.code_catalogue(package, language) for package in found}
    known = {text: message for path in paths.values() for text, message in catalogues.read(path).items()}
    for package, texts in found.items():
        catalogues.write(paths[package], texts, language, known=known)
    navigation = catalogues.page_catalogue(catalogues.NAVIGATION, language)
    catalogues.write(navigation, catalogues.texts_of_navigation(), language, in_order=True)
    for page in catalogues.translated_pages(language):
        path = catalogues.page_catalogue(page, language)
        catalogues.write(path, catalogues.texts_of_page(page), language, in_order=True)
    print(report.written(language))


if __name__ == "__main__":
    main(*sys.argv[1:])
