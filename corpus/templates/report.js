"use strict";
(() => {
  const list = document.getElementById("list");
  const rows = [...document.querySelectorAll("#clusters tbody tr")];
  const search = document.getElementById("search");
  const agency = document.getElementById("agency");
  const order = document.getElementById("order");
  const count = document.getElementById("count");
  const title = document.title;

  const route = () => {
    const id = decodeURIComponent(location.hash.slice(1));
    const page = id ? document.getElementById(id) : null;
    const shown = page && page.classList.contains("cluster") ? page : null;
    document.querySelectorAll("section.cluster").forEach((s) => { s.hidden = s !== shown; });
    list.hidden = Boolean(shown);
    const heading = shown && shown.querySelector("h2");
    document.title = heading ? heading.textContent + " · " + title : title;
    if (heading) {
      heading.focus({ preventScroll: true });
      window.requestAnimationFrame(() => window.scrollTo(0, 0));
    }
  };

  const filter = () => {
    const words = search.value.toLocaleLowerCase().split(/\s+/).filter(Boolean);
    let left = 0;
    for (const row of rows) {
      const fits = words.every((w) => row.dataset.words.includes(w)) &&
        (!agency.value || row.dataset.agencies.split(" ").includes(agency.value));
      row.hidden = !fits;
      left += fits ? 1 : 0;
    }
    count.textContent = left === rows.length ? rows.length + " clusters" : left + " of " + rows.length + " clusters";
  };

  const sort = () => {
    const key = order.value;
    const compare = key === "last"
      ? (a, b) => b.dataset[key].localeCompare(a.dataset[key])
      : (a, b) => Number(b.dataset[key]) - Number(a.dataset[key]);
    const place = new Map(rows.map((row, n) => [row, n]));
    const sorted = [...rows].sort((a, b) => compare(a, b) || place.get(a) - place.get(b));
    document.querySelector("#clusters tbody").append(...sorted);
  };

  rows.forEach((row) => { row.dataset.words = row.textContent.toLocaleLowerCase(); });
  search.addEventListener("input", filter);
  agency.addEventListener("change", filter);
  order.addEventListener("change", sort);
  window.addEventListener("hashchange", route);
  window.addEventListener("keydown", (event) => {
    const typing = event.target.matches("input, select, textarea");
    if (event.key === "/" && !typing && !list.hidden) { event.preventDefault(); search.focus(); }
    if (event.key === "Escape" && list.hidden) { location.hash = ""; }
  });
  document.querySelector(".tools").hidden = false;
  filter();
  route();
})();
