(() => {
"use strict";
const one = (selector, root = document) => root.querySelector(selector);
const every = (selector, root = document) => [...root.querySelectorAll(selector)];
const page = document.documentElement;
const element = (name, style, text) => {
  const made = document.createElement(name);
  if (style) made.className = style;
  if (text != null) made.textContent = text;
  return made;
};

try { const kept = localStorage.getItem("theme"); if (kept) page.dataset.theme = kept; } catch { /* no storage */ }
one("#theme")?.addEventListener("click", () => {
  const dark = page.dataset.theme ? page.dataset.theme === "dark" : matchMedia("(prefers-color-scheme:dark)").matches;
  page.dataset.theme = dark ? "light" : "dark";
  try { localStorage.setItem("theme", page.dataset.theme); } catch { /* no storage */ }
});
one("#print")?.addEventListener("click", () => print());
// Opened from disk: the files beside it are not there.
if (location.protocol === "file:") every("[data-beside]").forEach(link => { link.hidden = true; });

async function load() {
  const plain = one("#data");
  if (plain) return JSON.parse(plain.textContent);
  const packed = one("#dataz");
  if (!packed) return null;
  const bytes = Uint8Array.from(atob(packed.textContent.trim()), c => c.charCodeAt(0));
  return JSON.parse(await new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).text());
}

load().then(data => {
  if (!data) return;
  const { t: words, cols, rows } = data;
  const lang = page.lang, dayLength = 864e5;
  const number = new Intl.NumberFormat(lang);
  const day = new Intl.DateTimeFormat(lang, { day: "2-digit", month: "2-digit", year: "numeric", timeZone: "UTC" });
  const order = new Intl.Collator(lang, { numeric: true, sensitivity: "base" });
  const body = one("#tb"), query = one("#q"), status = one("#cnt"), range = one("#pgi");
  const members = new Map(data.filters.map(each => [each.id, unfold(each.rows)]));
  const known = id => members.has(id);
  let filter = data.base, current = 0, sorted = null, direction = 1, view = [], texts = null, whole = false;

  function unfold(bounds) {
    let size = 0;
    for (let k = 0; k < bounds.length; k += 2) size += bounds[k + 1] - bounds[k];
    const found = new Uint32Array(size);
    let at = 0;
    for (let k = 0; k < bounds.length; k += 2) for (let i = bounds[k]; i < bounds[k + 1]; i++) found[at++] = i;
    return found;
  }
  const shownDay = v => v === "never" ? words.never : day.format(v * dayLength);
  const text = (c, v) => {
    if (v == null) return words.unknown;
    if (c.k === "choice") return c.words[v];
    if (c.k === "list") return v.join(", ");
    if (c.k === "date") return shownDay(v);
    if (c.k === "pair") return v[0] + " · " + v[1];
    return String(v);
  };
  // Below everything known: unknown; then never, which is longer ago than any date.
  const rank = (c, v) => {
    if (v == null) return -Infinity;
    if (c.k === "date") return v === "never" ? -1e9 : v;
    if (c.k === "list") return v.length;
    return v;
  };
  const main = (c, v) => c.k === "pair" ? v?.[0] ?? "" : v ?? "";

  function search() {
    const asked = query.value.trim().toLocaleLowerCase(lang).split(/\s+/).filter(Boolean);
    const inside = members.get(filter);
    if (!asked.length) return Array.from(inside);
    texts ??= rows.map(row => cols.map((c, j) => text(c, row[j])).join("\n").toLocaleLowerCase(lang));
    return Array.from(inside).filter(i => asked.every(word => texts[i].includes(word)));
  }
  function arrange() {
    if (sorted == null) return;
    const c = cols[sorted];
    if (c.k === "text" || c.k === "pair") {
      const names = [...new Set(view.map(i => main(c, rows[i][sorted])))].sort(order.compare);
      const place = new Map(names.map((name, n) => [name, n]));
      view.sort((a, b) => direction * (place.get(main(c, rows[a][sorted])) - place.get(main(c, rows[b][sorted]))) || a - b);
    } else {
      const worth = i => rank(c, rows[i][sorted]);
      view.sort((a, b) => { const x = worth(a), y = worth(b); return x === y ? a - b : direction * (x < y ? -1 : 1); });
    }
  }
  function cell(c, v) {
    const made = element("td", ((c.k === "count" ? "num " : "") + c.cls).trim());
    if (v == null) made.textContent = "–";
    else if (c.k === "pair") {
      made.append(element("bdi", "clip", v[0]));
      if (v[1]) made.append(element("small", "", v[1]));
    } else if (c.k === "choice") {
      const [label, tone] = c.map[v];
      made.append(element("span", tone ? "st " + tone : "", tone ? label : label === c.words[v] && v === 0 ? "–" : label));
    } else if (c.k === "list") made.append(element("bdi", "clip", v.length ? v.join(", ") : "–"));
    else if (c.k === "count") made.textContent = number.format(v);
    else made.append(element("bdi", "clip", text(c, v)));
    return made;
  }
  function draw() {
    const pages = Math.max(1, Math.ceil(view.length / data.page));
    current = Math.min(current, pages - 1);
    const from = whole ? 0 : current * data.page;
    const to = whole ? view.length : Math.min(view.length, from + data.page);
    const drawn = document.createDocumentFragment();
    for (const i of view.slice(from, to)) {
      const line = element("tr");
      cols.forEach((c, j) => line.append(cell(c, rows[i][j])));
      drawn.append(line);
    }
    if (!view.length) {
      const line = element("tr"), only = element("td", "mut", words.none);
      only.colSpan = cols.length;
      line.append(only);
      drawn.append(line);
    }
    body.replaceChildren(drawn);
    status.textContent = words.count.replace("{n}", number.format(view.length)).replace("{all}", number.format(members.get(data.base).length));
    range.textContent = view.length
      ? words.range.replace("{a}", number.format(from + 1)).replace("{b}", number.format(to)).replace("{n}", number.format(view.length)) : "";
    one("#pp").disabled = current === 0;
    one("#np").disabled = current >= pages - 1;
    every("[data-f]").forEach(chip => chip.setAttribute("aria-pressed", String(chip.dataset.f === filter)));
  }
  function update() {
    view = search();
    arrange();
    draw();
  }
  function remember() {
    const state = new URLSearchParams();
    if (filter !== data.base) state.set("f", filter);
    if (query.value) state.set("q", query.value);
    try { history.replaceState(null, "", state.size ? "#" + state : location.pathname + location.search); } catch { /* from disk */ }
  }
  function choose(id) {
    filter = known(id) ? id : data.base;
    current = 0;
    update();
    remember();
  }
  function sort(column) {
    direction = sorted === column ? -direction : 1;
    sorted = column;
    every("thead th").forEach((head, n) =>
      head.setAttribute("aria-sort", n === column ? (direction > 0 ? "ascending" : "descending") : "none"));
    update();
  }
  document.addEventListener("click", event => {
    const button = event.target.closest("[data-f],[data-go],[data-s]");
    if (!button) return;
    if (button.dataset.f != null) choose(button.dataset.f);
    else if (button.dataset.s != null) sort(Number(button.dataset.s));
    else {
      query.value = "";
      choose(button.dataset.go);
      one("#table").scrollIntoView();
      one("#table-title").focus({ preventScroll: true });
    }
  });
  let typing;
  query.addEventListener("input", () => {
    clearTimeout(typing);
    typing = setTimeout(() => { current = 0; update(); remember(); }, rows.length > 5000 ? 120 : 0);
  });
  one("#pp").addEventListener("click", () => { current--; draw(); });
  one("#np").addEventListener("click", () => { current++; draw(); });

  const field = value => {
    let safe = String(value);
    if (/^[=+\-@\t\r\0]/.test(safe) && !/^-?\d+([.,]\d+)?$/.test(safe)) safe = "'" + safe;
    return /[";,\n\r]/.test(safe) ? '"' + safe.replaceAll('"', '""') + '"' : safe;
  };
  const plain = (c, v) => c.k === "date" && typeof v === "number" ? new Date(v * dayLength).toISOString().slice(0, 10) : text(c, v);
  one("#csv")?.addEventListener("click", () => {
    const lines = [cols.flatMap(c => c.k === "pair" ? [c.h, c.h2] : [c.h])];
    for (const i of view) lines.push(cols.flatMap((c, j) => c.k === "pair" ? rows[i][j] ?? [words.unknown, words.unknown] : [plain(c, rows[i][j])]));
    const csv = "\ufeff" + lines.map(line => line.map(field).join(data.separator)).join("\r\n") + "\r\n";
    const link = element("a");
    link.href = URL.createObjectURL(new Blob([csv], { type: "text/csv;charset=utf-8" }));
    link.download = data.file + (filter === data.base ? "" : "_" + filter) + ".csv";
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  });
  addEventListener("beforeprint", () => {
    const fits = view.length <= data.printmax;
    if (fits) { whole = true; draw(); whole = false; }
    one("#pn").textContent = fits ? "" : words.pmax;
  });
  addEventListener("afterprint", draw);

  const state = new URLSearchParams(location.hash.slice(1));
  query.value = state.get("q") || "";
  filter = known(state.get("f")) ? state.get("f") : data.base;
  update();
  page.dataset.ready = "1";
});
})();
