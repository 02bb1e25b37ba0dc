(() => {
"use strict";
const one = (selector, root = document) => root.querySelector(selector);
const every = (selector, root = document) => [...root.querySelectorAll(selector)];
const page = document.documentElement;
const DAY = 864e5;

// Text from a tenant is hostile: it enters the page as text, never as markup.
const element = (name, style, text) => {
  const made = document.createElement(name);
  if (style) made.className = style;
  if (text != null) made.textContent = text;
  return made;
};

/** Addresses and domains break after a dot, not within a word; what is longer than any is cut anyway. */
const breakable = text => text.length > 255 ? [text]
  : text.split(/(?<=[.@])(?=.)/).flatMap((part, n) => n ? [element("wbr"), part] : [part]);

function chooseTheme() {
  // Opened from disk, some browsers refuse the storage.
  try {
    const kept = localStorage.getItem("theme");
    if (kept) page.dataset.theme = kept;
  } catch { /* the system's choice */ }
  one("#theme").addEventListener("click", () => {
    const dark = page.dataset.theme
      ? page.dataset.theme === "dark"
      : matchMedia("(prefers-color-scheme:dark)").matches;
    page.dataset.theme = dark ? "light" : "dark";
    try { localStorage.setItem("theme", page.dataset.theme); } catch { /* until the page is closed */ }
  });
}

async function load() {
  const plain = one("#lines");
  if (plain) return JSON.parse(plain.textContent);
  const packed = Uint8Array.from(atob(one("#packed-lines").textContent), c => c.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).json();
}

/** [start, end, start, end, …) as the numbers themselves. */
function unfold(bounds) {
  const found = [];
  for (let k = 0; k < bounds.length; k += 2) {
    for (let i = bounds[k]; i < bounds[k + 1]; i++) found.push(i);
  }
  return found;
}

/** What the cells of one language say. */
class Voice {
  constructor({ locale, date, words }) {
    this.words = words;
    this.number = new Intl.NumberFormat(locale);
    this.day = new Intl.DateTimeFormat(locale, { ...date, timeZone: "UTC" });
    this.order = new Intl.Collator(locale, { numeric: true, sensitivity: "base" });
    this.lower = text => text.toLocaleLowerCase(locale);
  }

  text(column, value) {
    if (value == null) return this.words.unknown;
    switch (column.kind) {
      case "choice": return column.options[value].label;
      case "list": return value.join(", ");
      case "date": return value === "never" ? this.words.never : this.date(value);
      case "pair": return value.join(" ");
      default: return String(value);
    }
  }

  /** Four digits, also in the year 1 that some systems write for "none". */
  date(value) { return this.day.format(value * DAY).replace(/\d+$/, year => year.padStart(4, "0")); }

  cell(column, value) {
    const made = element("td", column.style);
    if (value == null) made.textContent = "–";
    else if (column.kind === "choice") {
      const { shown, tone } = column.options[value];
      made.append(element("span", tone && "state " + tone, shown));
    } else if (column.kind === "count") made.textContent = this.number.format(value);
    else if (column.kind === "pair") {
      made.append(element("bdi", "clip", value[0]));
      if (value[1]) made.append(element("small", "", value[1]));
    } else {
      const whole = element("bdi", "clip");
      const text = this.text(column, value) || "–";
      whole.append(...(column.kind === "date" ? [text] : breakable(text)));
      made.append(whole);
    }
    return made;
  }

  fill(text, values) {
    return text.replace(/\{(\w+)\}/g, (_, name) => this.number.format(values[name]));
  }
}

/** Which lines are shown, and in which order. */
class View {
  constructor(data, voice) {
    Object.assign(this, { ...data, voice });
    this.members = new Map(data.filters.map(each => [each.id, unfold(each.lines)]));
    this.filter = data.base;
    this.query = "";
    this.sorted = null;
    this.direction = 1;
    this.lines = [];
  }

  choose(filter) { this.filter = this.members.has(filter) ? filter : this.base; }

  sort(column) {
    this.direction = this.sorted === column ? -this.direction : 1;
    this.sorted = column;
  }

  update() {
    const asked = this.voice.lower(this.query).split(/\s+/).filter(Boolean);
    const inside = this.members.get(this.filter);
    if (asked.length) {
      this.texts ??= this.rows.map(row => this.voice.lower(
        this.columns.map((column, n) => this.voice.text(column, row[n])).join("\n")));
    }
    this.lines = inside.filter(i => asked.every(word => this.texts[i].includes(word)));
    if (this.sorted != null) this.arrange();
  }

  arrange() {
    const worth = this.worth();
    this.lines.sort((a, b) => {
      const x = worth(a), y = worth(b);
      return x === y ? a - b : this.direction * (x < y ? -1 : 1);
    });
  }

  worth() {
    const n = this.sorted, { kind } = this.columns[n];
    if (kind === "text" || kind === "pair") {
      const name = i => (kind === "pair" ? this.rows[i][n]?.[0] : this.rows[i][n]) ?? "";
      const names = [...new Set(this.lines.map(name))].sort(this.voice.order.compare);
      const places = new Map(names.map((each, place) => [each, place]));
      return i => places.get(name(i));
    }
    // Unknown comes before all, never before any date.
    return i => {
      const value = this.rows[i][n];
      if (value == null) return -Infinity;
      if (kind === "list") return value.length;
      return value === "never" ? -1e9 : value;
    };
  }
}

/** The table, its controls and the address fragment that remembers them. */
class Table {
  constructor(view) {
    this.view = view;
    this.voice = view.voice;
    this.page = 0;
    this.search = one("#search");
  }

  show({ whole = false } = {}) {
    const { view, voice } = this, { lines } = view;
    const pages = Math.max(1, Math.ceil(lines.length / view.page_size));
    this.page = Math.min(this.page, pages - 1);
    const start = whole ? 0 : this.page * view.page_size;
    const shown = whole ? lines : lines.slice(start, start + view.page_size);
    one("#rows").replaceChildren(...(shown.length ? shown.map(i => this.line(i)) : [this.nothing()]));
    one("#count").textContent = voice.fill(voice.words.count, { n: lines.length, all: view.total });
    one("#range").textContent = lines.length
      ? voice.fill(voice.words.range, { a: start + 1, b: start + shown.length, n: lines.length }) : "";
    one("#previous").disabled = this.page === 0;
    one("#next").disabled = this.page >= pages - 1;
    every("[data-filter]").forEach(chip =>
      chip.setAttribute("aria-pressed", String(chip.dataset.filter === view.filter)));
  }

  line(i) {
    const made = element("tr");
    made.append(...this.view.columns.map((column, n) => this.voice.cell(column, this.view.rows[i][n])));
    return made;
  }

  nothing() {
    const made = element("tr"), only = element("td", "muted", this.voice.words.none);
    only.colSpan = this.view.columns.length;
    made.append(only);
    return made;
  }

  update() {
    this.view.query = this.search.value;
    this.view.update();
    this.show();
  }

  choose(filter) {
    this.view.choose(filter);
    this.page = 0;
    this.update();
    this.remember();
  }

  sort(column) {
    this.view.sort(column);
    const direction = this.view.direction > 0 ? "ascending" : "descending";
    every("[aria-sort]").forEach((head, n) => head.setAttribute("aria-sort", n === column ? direction : "none"));
    this.update();
  }

  turn(pages) {
    this.page += pages;
    this.show();
    one("#table").scrollIntoView();
  }

  restore() {
    const state = new URLSearchParams(location.hash.slice(1));
    this.search.value = state.get("q") ?? "";
    this.view.choose(state.get("f"));
    this.update();
  }

  remember() {
    const state = new URLSearchParams();
    if (this.view.filter !== this.view.base) state.set("f", this.view.filter);
    if (this.search.value) state.set("q", this.search.value);
    const address = location.pathname + location.search + (state.size ? "#" + state : "");
    // Opened from disk, some browsers refuse.
    try { history.replaceState(null, "", address); } catch { /* the view itself is right */ }
  }
}

function csv(view) {
  const { columns, rows, voice, separator } = view;
  const field = value => {
    let safe = String(value);
    if (/^[=+\-@\t\r\n\0＝＋－＠]/.test(safe) && !/^-?\d+([.,]\d+)?$/.test(safe)) safe = "'" + safe;
    return safe.includes(separator) || /["\r\n]/.test(safe) ? '"' + safe.replaceAll('"', '""') + '"' : safe;
  };
  const fields = (column, value) => {
    if (column.kind === "pair") return value ?? [voice.words.unknown, voice.words.unknown];
    if (column.kind === "date" && typeof value === "number") return [new Date(value * DAY).toISOString().slice(0, 10)];
    return [voice.text(column, value)];
  };
  const heads = columns.flatMap(column => column.kind === "pair" ? [column.label, column.small] : [column.label]);
  const lines = view.lines.map(i => columns.flatMap((column, n) => fields(column, rows[i][n])));
  return "\ufeff" + [heads, ...lines].map(line => line.map(field).join(separator) + "\r\n").join("");
}

function download(view) {
  const link = element("a");
  link.href = URL.createObjectURL(new Blob([csv(view)], { type: "text/csv;charset=utf-8" }));
  link.download = view.file + (view.filter === view.base ? "" : "_" + view.filter) + ".csv";
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

function listen(table) {
  const { view } = table;
  document.addEventListener("click", event => {
    const button = event.target.closest("[data-filter],[data-go],[data-sort]");
    if (!button) return;
    const { filter, go, sort } = button.dataset;
    if (sort != null) table.sort(Number(sort));
    else if (filter != null) table.choose(filter);
    else {
      table.search.value = "";
      table.choose(go);
      one("#table").scrollIntoView();
      one("#table-title").focus({ preventScroll: true });
    }
  });
  let typing;
  table.search.addEventListener("input", () => {
    clearTimeout(typing);
    typing = setTimeout(() => table.choose(view.filter), view.rows.length > 5000 ? 120 : 0);
  });
  addEventListener("hashchange", () => table.restore());
  one("#previous").addEventListener("click", () => table.turn(-1));
  one("#next").addEventListener("click", () => table.turn(1));
  one("#csv").addEventListener("click", () => download(view));
  one("#print").addEventListener("click", () => print());
  addEventListener("beforeprint", () => {
    const fits = view.lines.length <= view.most_printed;
    one("#too-many").textContent = fits ? "" : view.voice.words.too_many;
    one("#about").open = true;
    table.show({ whole: fits });
  });
  addEventListener("afterprint", () => table.show());
}

chooseTheme();
// Opened from disk: the files beside it are not there.
if (location.protocol === "file:") every("[data-beside]").forEach(link => { link.hidden = true; });
load().then(data => {
  const table = new Table(new View(data, new Voice(data)));
  listen(table);
  table.restore();
  page.dataset.ready = "";
}).catch(error => {
  one("#failed").hidden = false; // the hundred lines of the page itself stay
  throw error;
});
})();
