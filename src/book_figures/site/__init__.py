"""What makes the site, the slides and the PDF of pages and notebooks: Sphinx extensions, scripts, styles, templates.

`sphinx_ext` is the main one; `_config.yml` lists them all.
"""
