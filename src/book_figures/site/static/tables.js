/* A link in a table that scrolls comes whole into view when it has the focus; browsers are content with its edge. */
"use strict";
document.addEventListener("focusin", ({ target }) => {
  if (target.closest(".table-scroll td")) target.scrollIntoView({ block: "nearest", inline: "nearest" });
});
