"use strict";
(() => {
  const tools = document.querySelector(".tools");
  if (!tools) { return; }
  const blocks = [...document.querySelectorAll(".block")];
  const names = [...document.querySelectorAll(".legend a")];
  const found = document.getElementById("found");
  const only = document.getElementById("only");
  let chosen = null;
  let matches = [];
  let at = 0;

  const show = () => {
    const block = matches[at];
    if (!block) { return; }
    blocks.forEach((b) => b.classList.toggle("here", b === block));
    const fold = block.querySelector("details");
    if (fold) { fold.open = true; }
    block.scrollIntoView({ block: "center" });
    found.textContent = (at + 1) + " of " + matches.length + ": " + (chosen.dataset.rule || chosen.dataset.kind);
  };

  const choose = (name) => {
    chosen = name === chosen ? null : name;
    names.forEach((n) => n.setAttribute("aria-pressed", String(n === chosen)));
    matches = chosen ? blocks.filter((b) => b.dataset.kind === chosen.dataset.kind &&
      (!chosen.dataset.rule || b.dataset.rule === chosen.dataset.rule)) : [];
    blocks.forEach((b) => b.classList.remove("here"));
    blocks.forEach((b) => b.classList.toggle("other", Boolean(chosen) && !matches.includes(b)));
    found.textContent = "";
    at = 0;
    show();
  };

  const step = (by) => {
    if (matches.length) { at = (at + by + matches.length) % matches.length; show(); }
  };

  const fold = (open) => document.querySelectorAll("details").forEach((d) => { d.open = open; });

  names.forEach((name) => {
    name.setAttribute("role", "button");
    name.setAttribute("aria-pressed", "false");
    name.addEventListener("click", (event) => { event.preventDefault(); choose(name); });
    name.addEventListener("keydown", (event) => { if (event.key === " ") { event.preventDefault(); choose(name); } });
  });
  only.addEventListener("change", () => { document.body.classList.toggle("only", only.checked); show(); });
  document.getElementById("next").addEventListener("click", () => step(1));
  document.getElementById("before").addEventListener("click", () => step(-1));
  document.getElementById("unfold").addEventListener("click", () => fold(true));
  document.getElementById("fold").addEventListener("click", () => fold(false));
  window.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) { return; }
    if (event.key === "n") { step(1); }
    if (event.key === "p") { step(-1); }
    if (event.key === "Escape" && chosen) { choose(chosen); }
  });
  tools.hidden = false;
})();
