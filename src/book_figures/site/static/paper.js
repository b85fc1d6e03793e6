/* Makes the paper edition fit its sheets before it is printed; `book_figures.site.paper` calls these in turn. */
"use strict";
globalThis.paper = (() => {
  const LEAST = 0.68; // of a chart's size, for one that is higher than a sheet: its text of 12 px then has 6 pt
  const ENOUGH = 0.7; // of its size, for one that is to fit at the end of a sheet
  const SHORT = [18, 12]; // letters of a cell that stays on one line
  const LONG_PX = 300; // code that is higher may go on overleaf
  const GAP_PX = 40; // between sheets that lie beside each other
  const SLACK_PX = 12; // a redrawn chart may be this much higher
  const HEADINGS = "h1, h2, h3, h4, h5, h6";
  const FLOWS = "p, ul, ol, div.math, div.cell:not(:has(.chart))"; // what may come before a figure that waits for the next sheet

  const charts = () => [...document.querySelectorAll(".chart")];

  /* Wait until charts, mathematics and fonts are there; return the names of charts that failed. */
  const ready = async () => {
    while (!charts().every((box) => box.dataset.drawn)) await new Promise((next) => setTimeout(next, 50));
    await MathJax.startup.promise;
    await document.fonts.ready;
    return charts().filter((box) => box.dataset.drawn !== "true").map((box) => box.dataset.figure);
  };

  const redrawn = async () => {
    await new Promise((painted) => requestAnimationFrame(() => requestAnimationFrame(painted)));
    await Promise.all(charts().map((box) => box.view.runAsync()));
  };

  /* Shrink a figure to a height: its chart is zoomed, as little as need be, and at the least zoom its rows come nearer. */
  const shrink = (figure, height) => {
    const { view } = figure.querySelector(".chart"), place = figure.querySelector(".chart-view");
    const chart = figure.querySelector("svg").clientHeight, room = height - (figure.offsetHeight - place.offsetHeight);
    place.style.zoom = Math.max(LEAST, room / chart);
    if (room / chart < LEAST) view.signal("height", view.height() - (chart - room / LEAST), { skip: true });
  };

  /* Keep short cells of a table on one line where there is room; make it smaller while it is wider than its sheet. */
  const narrow = (table) => {
    const room = table.closest("article").clientWidth;
    const cells = table.closest(".ledger") ? [] : [...table.querySelectorAll("td")];
    for (const most of [...SHORT, 0]) {
      for (const cell of cells) cell.style.whiteSpace = cell.textContent.trim().length <= most ? "nowrap" : "";
      if (table.scrollWidth <= room) break;
    }
    for (let size = 8; table.scrollWidth > room && size > 5; size -= 0.5) table.style.fontSize = `${size}pt`;
  };

  /* Make what is too large for a sheet smaller, or let it go on overleaf; name each chart as one image. */
  const fit = async (height) => {
    for (const box of charts()) {
      const svg = box.querySelector("svg"), figure = box.closest(".chart-figure");
      svg.setAttribute("role", "img");
      svg.setAttribute("aria-label", JSON.parse(box.querySelector("script").textContent).description);
      if (figure.offsetHeight > height) shrink(figure, height);
    }
    document.querySelectorAll("table").forEach(narrow);
    for (const code of document.querySelectorAll("pre")) if (code.offsetHeight > LONG_PX) code.style.breakInside = "auto";
    await redrawn();
  };

  /* Put a figure and the headings right before it into one box, which stays whole. */
  const kept = (figure) => {
    let block = figure;
    while (block.parentElement.tagName !== "ARTICLE") block = block.parentElement;
    const box = document.createElement("div");
    box.className = "keep";
    block.before(box);
    box.append(block);
    while (box.previousElementSibling?.matches(HEADINGS)) box.prepend(box.previousElementSibling);
    return box;
  };

  const margin = (element, side) => parseFloat(getComputedStyle(element)[`margin${side}`]);

  /* Where a figure would leave the end of a sheet empty: shrink it to what is left, or let the text after it come first.
     To see where sheets end, a chapter is laid out for a moment in columns of their size. */
  const fill = async (width, height) => {
    for (const article of document.querySelectorAll("article:has(.chart)")) {
      article.style.cssText = `width: ${width}px; height: ${height}px; columns: ${width}px; column-gap: ${GAP_PX}px; column-fill: auto;`;
      const { left, top } = article.getBoundingClientRect();
      const sheetOf = ({ left: x }) => Math.round((x - left) / (width + GAP_PX));
      for (const figure of article.querySelectorAll(".chart-figure")) {
        const box = kept(figure), before = [...box.previousElementSibling?.getClientRects() ?? []].at(-1);
        if (!before || sheetOf(box.getClientRects()[0]) === sheetOf(before)) continue;
        const first = box.firstElementChild.matches(HEADINGS) ? box.firstElementChild : figure;
        let room = height - (before.bottom - top) - margin(first, "Top") - (box.offsetHeight - figure.offsetHeight);
        const chart = figure.querySelector(".chart-view").offsetHeight;
        if (room - SLACK_PX - (figure.offsetHeight - chart) >= ENOUGH * chart) shrink(figure, room - SLACK_PX);
        else for (let next = box.nextElementSibling; next?.matches(FLOWS); next = box.nextElementSibling) {
          room -= next.offsetHeight + margin(next, "Bottom");
          if (room < 0) break;
          box.before(...box.querySelectorAll(`:scope > :is(${HEADINGS})`), next);
        }
      }
      article.style.cssText = "";
    }
    await redrawn();
  };

  /* Write page numbers, by anchor, into the contents. */
  const number = (numbers) => document.querySelectorAll("[data-target]").forEach((place) => {
    place.textContent = numbers[place.dataset.target] ?? "";
  });

  return { ready, fit, fill, number };
})();
