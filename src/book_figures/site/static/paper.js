/* Makes the paper edition fit its sheets before it is printed; `book_figures.site.paper` calls these in turn. */
"use strict";
globalThis.paper = (() => {
  const charts = () => [...document.querySelectorAll(".chart")];

  /* Wait until charts, mathematics and fonts are there; return the names of charts that failed. */
  const ready = async () => {
    while (!charts().every((box) => box.dataset.drawn)) await new Promise((next) => setTimeout(next, 50));
    await MathJax.startup.promise;
    await document.fonts.ready;
    return charts().filter((box) => box.dataset.drawn !== "true").map((box) => box.dataset.figure);
  };

  /* Shrink figures taller than a sheet and tables wider than it; name each chart as one image. */
  const fit = async (height) => {
    for (const box of charts()) {
      const place = box.querySelector(".chart-view"), svg = place.querySelector("svg"), figure = box.closest(".chart-figure");
      svg.setAttribute("role", "img");
      svg.setAttribute("aria-label", JSON.parse(box.querySelector("script").textContent).description);
      const other = figure.offsetHeight - svg.clientHeight;
      if (figure.offsetHeight > height) place.style.zoom = (height - other) / svg.clientHeight;
    }
    for (const table of document.querySelectorAll("table")) {
      const room = table.closest("article").clientWidth;
      for (let size = 8; table.scrollWidth > room && size > 5; size -= 0.5) table.style.fontSize = `${size}pt`;
    }
    await new Promise((painted) => requestAnimationFrame(() => requestAnimationFrame(painted)));
    await Promise.all(charts().map((box) => box.view.runAsync()));
  };

  /* Write page numbers, by anchor, into the contents. */
  const number = (numbers) => document.querySelectorAll("[data-target]").forEach((place) => {
    place.textContent = numbers[place.dataset.target] ?? "";
  });

  return { ready, fit, number };
})();
