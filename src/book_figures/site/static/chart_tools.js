/* The buttons under a chart: a large view of it, and the chart as it stands saved as a picture on white paper. */
"use strict";
(() => {
  const DRAWN_AS = ["fill", "fill-opacity", "stroke", "stroke-width", "opacity", "paint-order", "stroke-linejoin"];
  const SVG = "http://www.w3.org/2000/svg", TOOLTIP = "vg-tooltip-element";
  const SHARPNESS = 2, LARGEST = 2, LARGER = 1.25, MARGIN = 12, KEPT_MS = 60000;

  const place = document.createElement("div"); // keeps a chart's place on the page while it is in the large view

  const figureOf = (box) => box.closest(".chart-figure") ?? place.closest(".chart-figure");
  const captionOf = (box) => figureOf(box).querySelector("figcaption > p, :scope > p");

  /* "Fig. 3.1", also where the chart is shown again and its caption refers to it. */
  const numberOf = (box) => figureOf(box).querySelector(".caption-number, .std-numref").textContent.trim();

  const captionText = (box) => {
    const copy = captionOf(box).cloneNode(true);
    copy.querySelectorAll(".headerlink").forEach((link) => link.remove());
    return copy.textContent.trim();
  };

  const nameButtons = (tools) => {
    const figure = numberOf(tools.closest(".chart"));
    for (const button of tools.children) {
      button.ariaLabel = tools.dataset.name.replace("{action}", button.textContent).replace("{figure}", figure);
    }
  };

  // ------------------------------------------------------------------------------------------------------ large view

  const dialog = document.createElement("dialog");
  dialog.className = "chart-dialog";
  dialog.innerHTML = '<div class="chart-dialog-head"><p id="chart-dialog-title"></p><button type="button"></button></div>'
    + '<div class="chart-dialog-body" tabindex="0" role="group" aria-labelledby="chart-dialog-title"><p></p></div>';
  dialog.setAttribute("aria-labelledby", "chart-dialog-title");
  const [title, close, body, caption] = dialog.querySelectorAll("p, button, .chart-dialog-body");
  let natural;

  /* As large as the window allows with the chart in sight, and larger than on the page where that is wide enough: then
     a tall chart is scrolled. The caption may be below. */
  const fit = () => {
    const view = body.querySelector(".chart-view"), style = getComputedStyle(body);
    const others = [...view.parentElement.children].filter((part) => part !== view);
    const taken = others.reduce((sum, part) => sum + part.offsetHeight, 0) + parseFloat(style.paddingTop) * 4;
    const wide = body.clientWidth / natural.width, tall = (body.clientHeight - taken) / natural.height;
    view.style.zoom = Math.max(1, Math.min(wide, Math.max(tall, LARGER), LARGEST));
  };

  const tooltip = () => document.getElementById(TOOLTIP) ?? Object.assign(document.createElement("div"),
    { id: TOOLTIP, className: "vg-tooltip" });

  const enlarge = (box) => {
    const { width, height } = box.querySelector("svg").viewBox.baseVal;
    natural = { width, height };
    title.textContent = numberOf(box);
    caption.textContent = captionText(box);
    close.textContent = box.querySelector(".chart-tools").dataset.close;
    place.style.height = `${box.offsetHeight}px`;
    box.replaceWith(place);
    body.prepend(box);
    document.body.append(dialog);
    dialog.append(tooltip()); // else the dialog would cover it
    dialog.showModal();
    body.scrollTop = 0;
    fit();
    window.addEventListener("resize", fit);
    close.focus();
  };

  dialog.addEventListener("close", () => {
    const box = body.querySelector(".chart");
    window.removeEventListener("resize", fit);
    box.querySelector(".chart-view").style.zoom = "";
    document.body.append(tooltip());
    place.replaceWith(box);
    dialog.remove();
    box.querySelector('[data-tool="enlarge"]').focus();
  });
  close.addEventListener("click", () => dialog.close());
  window.addEventListener("beforeprint", () => dialog.open && dialog.close());

  // -------------------------------------------------------------------------------------------------------- pictures

  const set = (element, attributes) => Object.entries(attributes).forEach(([key, value]) => element.setAttribute(key, value));

  const describe = (box) => [box.querySelector(".chart-view").ariaLabel, box.querySelector(".chart-readout")?.textContent]
    .filter(Boolean).join(" ");

  /* The chart as drawn now, in the colours of paper: what styles and variables give is written into each mark. */
  const picture = async (box) => {
    const paper = document.createElement("div");
    paper.className = "chart-view on-paper";
    paper.innerHTML = await box.view.toSVG();
    box.append(paper);
    const svg = paper.firstElementChild;
    for (const mark of svg.querySelectorAll("path, line, text")) {
      const style = getComputedStyle(mark);
      for (const name of DRAWN_AS) mark.setAttribute(name, style.getPropertyValue(name));
    }
    paper.remove();
    const drawn = svg.viewBox.baseVal, width = drawn.width + 2 * MARGIN, height = drawn.height + 2 * MARGIN;
    const sheet = document.createElementNS(SVG, "rect"), texts = { title: captionText(box), desc: describe(box) };
    set(svg, { width, height, viewBox: [-MARGIN, -MARGIN, width, height].join(" ") });
    set(sheet, { x: -MARGIN, y: -MARGIN, width, height, fill: "#fff" });
    svg.prepend(...Object.entries(texts).map(([tag, text]) => {
      const element = document.createElementNS(SVG, tag);
      element.textContent = text;
      return element;
    }), sheet);
    return { text: new XMLSerializer().serializeToString(svg), width, height };
  };

  const painted = async ({ text, width, height }) => {
    const image = new Image(width, height), canvas = document.createElement("canvas");
    image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`;
    await image.decode();
    Object.assign(canvas, { width: SHARPNESS * width, height: SHARPNESS * height });
    canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
    return new Promise((done) => { canvas.toBlob(done, "image/png"); });
  };

  const save = (blob, name) => {
    const address = URL.createObjectURL(blob);
    Object.assign(document.createElement("a"), { href: address, download: name }).click();
    setTimeout(() => URL.revokeObjectURL(address), KEPT_MS); // a slow browser may not have read it yet
  };

  const use = {
    enlarge,
    svg: async (box) => {
      save(new Blob([(await picture(box)).text], { type: "image/svg+xml" }), `${box.dataset.figure}.svg`);
    },
    png: async (box) => save(await painted(await picture(box)), `${box.dataset.figure}.png`),
  };

  const start = () => document.querySelectorAll(".chart-tools").forEach((tools) => {
    nameButtons(tools);
    tools.addEventListener("click", ({ target }) => use[target.dataset.tool]?.(tools.closest(".chart")));
  });
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
