/** [start, end, start, end, …) as the numbers themselves. */
function unfold(bounds) {
  const found = [];
  for (let k = 0; k < bounds.length; k += 2) {
    for (let i = bounds[k]; i < bounds[k + 1]; i++) found.push(i);
  }
  return found;
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
    const places = this.columns.map((_, n) => n);
    this.cells = places.filter(n => !this.columns[n].detail);
    this.details = places.filter(n => this.columns[n].detail);
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
        this.columns.map((column, n) => this.voice.searched(column, row[n])).join("\n")));
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
      return value === "never" ? -1e12 : value;
    };
  }
}

function csv(view) {
  const { columns, rows, voice, separator } = view;
  const field = value => {
    let safe = String(value);
    if (/^[=+\-@\t\r\n\0＝＋－＠]/.test(safe) && !/^-?\d+([.,]\d+)?$/.test(safe)) safe = "'" + safe;
    // Excel with another separator cuts within texts, and takes no notice of quotes there.
    safe = safe.replace(/(?<=[;,\t\r\n])(?=["']*[=+\-@＝＋－＠])/g, "'");
    return safe.includes(separator) || /["\r\n]/.test(safe) ? '"' + safe.replaceAll('"', '""') + '"' : safe;
  };
  const heads = columns.flatMap(column => column.heads);
  const lines = view.lines.map(i => columns.flatMap((column, n) => voice.plain(column, rows[i][n])));
  return "\ufeff" + [heads, ...lines].map(line => line.map(field).join(separator) + "\r\n").join("");
}

function download(view) {
  const link = element("a");
  link.href = URL.createObjectURL(new Blob([csv(view)], { type: "text/csv;charset=utf-8" }));
  link.download = view.file + (view.filter === view.base ? "" : "_" + view.filter) + ".csv";
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}
