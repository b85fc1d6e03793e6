"""The tools of a chart: buttons that enlarge it or save it as a picture. static/chart_tools.js makes them work."""

from html import escape

from book_figures.texts import tr


def tools_html() -> str:
    """Return the buttons under a chart, hidden until the chart is drawn, with the texts that the script needs.

    `data-name` names a button together with its figure, `data-close` is on the button that ends the large view.

    >>> tools_html().count("<button")
    3
    """
    texts = {"name": tr("{action}: {figure}", action="{action}", figure="{figure}"), "close": tr("Close")}
    data = " ".join(f'data-{key}="{escape(text)}"' for key, text in texts.items())
    tools = {"enlarge": tr("Enlarge"), "svg": tr("Save as SVG"), "png": tr("Save as PNG")}
    buttons = "".join(f'<button type="button" data-tool="{tool}">{text}</button>' for tool, text in tools.items())
    return f'<div class="chart-tools" {data} hidden>{buttons}</div>'
