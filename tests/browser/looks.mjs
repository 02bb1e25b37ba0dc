// What must hold for every page in every light and width.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { address, opened } from "./browser.mjs";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
const LOOKS = ["light", "dark"].flatMap(colorScheme =>
  [[1280, 900], [390, 800]].map(([width, height]) => ({ colorScheme, viewport: { width, height } })));
const STATES = [
  ...LOOKS.map(look => ({ name: "full", ...look })),
  ...["small", "hostile"].flatMap(name => [LOOKS[0], LOOKS[3]].map(look => ({ name, ...look }))),
  ...LOOKS.map(look => ({ name: "portal", ...look })),
  { name: "archive", ...LOOKS[0] },
  ...[LOOKS[0], LOOKS[3]].map(look => ({ name: "audit", ...look })),
  { name: "large", ...LOOKS[1] },
  { name: "first", ...LOOKS[0] },
  { name: "nobody", ...LOOKS[1] },
  { name: "gaps", language: "en", ...LOOKS[3] },
];

async function everywhere(check, { states = STATES, ...options } = {}) {
  const waiting = [...states];
  const work = async () => {
    for (let state = waiting.shift(); state; state = waiting.shift()) {
      const { name, ...look } = state;
      const made = await opened(name, { ...look, ...options });
      await made.page.evaluate(() => {
        document.querySelectorAll("details").forEach(each => { each.open = true; });
        [...document.querySelectorAll(".more")].slice(0, 3).forEach(each => each.click());
      });
      await check(made, `${name} ${look.colorScheme} ${look.viewport.width}`);
      await made.context.close();
    }
  };
  await Promise.all([work(), work()]);
}

export async function accessible() {
  const found = [];
  await everywhere(async ({ page }, where) => {
    await page.evaluate(AXE);
    const { violations } = await page.evaluate(runOnly => axe.run(document, { runOnly, resultTypes: ["violations"] }), TAGS);
    found.push(...violations.map(each => `${where}: ${each.id}: ${each.nodes[0].html.slice(0, 200)}`));
  }, { bypassCSP: true }); // only to let axe in; all else runs under the page's policy
  assert.deepEqual(found, []);
}

export async function quiet_and_narrow() {
  await everywhere(async ({ page, complaints, requests }, where) => {
    assert.deepEqual(complaints, [], where);
    assert.deepEqual(requests.filter(each => !each.startsWith("file:")), [], where);
    assert.equal(requests.length, 1, where);
    const { wide, high } = await page.evaluate(() => ({
      wide: document.documentElement.scrollWidth - innerWidth,
      high: Math.max(0, ...[...document.querySelectorAll("#rows tr:not(.detail)")].map(each => each.offsetHeight)),
    }));
    assert.ok(wide <= 0, `${where}: ${wide} px too wide`);
    assert.ok(high <= 120, `${where}: a line ${high} px high`);
  }, { states: STATES.filter(each => each.colorScheme === "light") });
}

export async function without_script() {
  for (const name of ["small", "large", "hostile"]) {
    const { context, page } = await opened(name, { javaScriptEnabled: false });
    const lines = await page.locator("#rows tr").count();
    assert.ok(name === "large" ? lines === 100 : lines > 0, `${name}: ${lines} lines`);
    assert.ok(await page.locator("noscript p").isVisible(), name);
    assert.equal(await page.locator("button:visible").evaluateAll(
      all => all.filter(each => !each.closest("thead, .changes")).length), 0, `${name}: dead buttons`);
    await context.close();
  }
}

export async function same_with_and_without_script() {
  const rows = "#rows tr";
  const text = all => all.slice(0, 50).map(each => {
    // Only the script opens details.
    const row = each.cloneNode(true);
    row.querySelectorAll(".more").forEach(more => more.replaceWith(...more.querySelectorAll("bdi")));
    // Parsing a page turns CR LF into LF.
    return row.innerHTML.replaceAll("\r\n", "\n");
  });
  const pages = [["small", "de"], ["large", "de"], ["hostile", "en"], ["full", "de"], ["full", "en"], ["swiss", "de"]];
  for (const [name, language] of pages) {
    const plain = await opened(name, { language, javaScriptEnabled: false });
    const live = await opened(name, { language });
    assert.deepEqual(
      await live.page.locator(rows).evaluateAll(text), await plain.page.locator(rows).evaluateAll(text));
    await plain.context.close();
    await live.context.close();
  }
}

export async function hostile_text_stays_text() {
  for (const javaScriptEnabled of [true, false]) {
    const { context, page, complaints } = await opened("hostile", { javaScriptEnabled });
    const made = await page.evaluate(() => document.querySelectorAll("main img, main iframe, main script, main a").length);
    assert.equal(made, 0);
    assert.ok((await page.content()).includes("&lt;img"));
    assert.deepEqual(complaints, []);
    await context.close();
  }
}

export async function injected_script_is_blocked() {
  const { context, page } = await opened("small");
  const violated = await page.evaluate(() => new Promise(done => {
    document.addEventListener("securitypolicyviolation", event => done(event.violatedDirective));
    const script = document.createElement("script");
    script.textContent = "window.injected = 1";
    document.body.append(script);
    setTimeout(() => done("none"), 500);
  }));
  assert.match(violated, /^script-src/);
  assert.equal(await page.evaluate(() => window.injected), undefined);
  assert.equal(page.url(), address("small"));
  await context.close();
}
