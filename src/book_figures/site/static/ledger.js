/* Lets a reader filter and sort the ledger, and keeps the view in the page's address (#theme=money&sort=-chapter).
   Without this script the table is whole, in order, and its controls are hidden. */
"use strict";
(() => {
  const MENUS = ["theme", "kind", "then", "now", "chapter"];
  const FIRST = "id";
  const order = new Intl.Collator(document.documentElement.lang, { numeric: true });

  const textOf = (body) => [...body.querySelectorAll("th, tr:first-child td, dd, .ledger-about")]
    .map((part) => part.textContent).join(" ").toLowerCase().replaceAll("’", "'");

  const keyOf = (row, column) => {
    const cell = row.body.querySelector(`.ledger-${column}`);
    return cell.dataset.key ?? cell.textContent;
  };

  const fits = (row, view) => {
    const words = (view.get("find") ?? "").toLowerCase().replaceAll("’", "'").split(/\s+/);
    return words.every((word) => row.text.includes(word))
      && MENUS.every((name) => !view.get(name) || row.body.dataset[name] === view.get(name))
      && (!view.get("changed") || row.body.dataset.changed === "yes");
  };

  const start = (box) => {
    const table = box.querySelector("table"), form = box.querySelector("form"), output = box.querySelector("output");
    const rows = [...table.tBodies].map((body) => ({ body, text: textOf(body) }));
    const heads = [...table.querySelectorAll("th[data-sort]")];
    let sort = FIRST;

    const currentView = () => {
      const filled = [...new FormData(form)].filter(([, value]) => value.trim());
      return new URLSearchParams(sort === FIRST ? filled : [...filled, ["sort", sort]]);
    };

    const sortRows = () => {
      const column = sort.replace("-", ""), sign = sort.startsWith("-") ? -1 : 1;
      const sorted = [...rows].sort((a, b) => sign * order.compare(keyOf(a, column), keyOf(b, column)));
      table.append(...sorted.map((row) => row.body));
      for (const head of heads) {
        if (head.dataset.sort === column) head.setAttribute("aria-sort", sign > 0 ? "ascending" : "descending");
        else head.removeAttribute("aria-sort");
      }
    };

    const show = () => {
      const view = currentView();
      for (const row of rows) row.body.hidden = !fits(row, view);
      const shown = rows.filter((row) => !row.body.hidden).length;
      output.textContent = box.dataset.count.replace("{shown}", shown).replace("{all}", rows.length);
      sortRows();
    };

    const remember = () => {
      const view = currentView().toString();
      history.replaceState(null, "", view ? `#${view}` : location.href.split("#")[0]);
    };

    const change = () => { show(); remember(); };

    const fill = (view) => {
      for (const field of form.elements) {
        const value = view.get(field.name) ?? "";
        if (field.type === "checkbox") field.checked = value === field.value;
        else if (field.name) field.value = value;
        if (field.selectedIndex === -1) field.value = ""; // a choice that the menu does not have
      }
      const wanted = view.get("sort") ?? FIRST;
      sort = heads.some((head) => head.dataset.sort === wanted.replace(/^-/, "")) ? wanted : FIRST;
    };

    /* The address holds a claim (#C23), a view (#theme=money), or another place of the page, which changes nothing. */
    const follow = () => {
      const address = location.hash.slice(1);
      const row = rows.find(({ body }) => body.id === address);
      if (row?.body.hidden) fill(new URLSearchParams());
      else if (!address || address.includes("=")) fill(new URLSearchParams(address));
      show();
      if (!row) return;
      row.body.querySelector("details").open = true;
      row.body.scrollIntoView();
    };

    for (const head of heads) {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...head.childNodes);
      button.addEventListener("click", () => {
        sort = sort === head.dataset.sort ? `-${sort}` : head.dataset.sort;
        change();
      });
      head.append(button);
    }
    form.addEventListener("input", change);
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("reset", () => { sort = FIRST; setTimeout(change); }); // after the fields were emptied
    window.addEventListener("hashchange", follow);
    form.hidden = false;
    follow();
    box.dataset.ready = "true";
  };

  document.querySelectorAll(".ledger").forEach(start);
})();
