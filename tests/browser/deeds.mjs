// What readers do with a page.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { folder, opened, served } from "./browser.mjs";

const count = page => page.textContent("#count");
const names = page => page.locator("#rows td:first-child bdi").allTextContents();
const settled = (page, text) =>
  page.waitForFunction(start => document.querySelector("#count").textContent.startsWith(start), text);

async function saved(page) {
  const [download] = await Promise.all([page.waitForEvent("download"), page.click("#csv")]);
  return { name: download.suggestedFilename(), text: readFileSync(await download.path(), "utf8") };
}

export async function deep_link() {
  const { context, page } = await opened("large", { fragment: "#f=idle&q=fabrikam" });
  assert.equal(await page.inputValue("#search"), "fabrikam");
  assert.equal(await page.getAttribute("[data-filter=idle]", "aria-pressed"), "true");
  const both = await count(page);
  await page.fill("#search", "");
  await page.waitForFunction(before => document.querySelector("#count").textContent !== before, both);
  assert.match(page.url(), /#f=idle$/);
  await page.click("[data-filter=all]");
  assert.doesNotMatch(page.url(), /#/);
  assert.match(await count(page), /^5\.\d{3} von 5\.\d{3} Gästen$/);
  await context.close();
}

export async function unknown_filter_shows_all() {
  const { context, page } = await opened("small", { fragment: "#f=__proto__" });
  assert.equal(await page.getAttribute("[data-filter=all]", "aria-pressed"), "true");
  await context.close();
}

export async function search() {
  const { context, page } = await opened("large");
  await page.fill("#search", "GAST 5001");
  await settled(page, "1 von");
  assert.deepEqual(await names(page), ["Gast 5001"]);
  await page.fill("#search", "gibt es nicht");
  await settled(page, "0 von");
  assert.equal(await page.textContent("#rows"), "Keine Einträge für diesen Filter.");
  await context.close();
}

export async function sorting() {
  const { context, page } = await opened("large");
  await page.click("[data-sort='0']");
  assert.equal(await page.getAttribute("#table th:first-child", "aria-sort"), "ascending");
  assert.deepEqual((await names(page)).slice(0, 3), ["Gast 1", "Gast 2", "Gast 3"]);
  await page.click("[data-sort='0']");
  assert.equal(await page.getAttribute("#table th:first-child", "aria-sort"), "descending");
  const days = page.locator("#rows td.count");
  await page.click("[data-sort='4']");
  const first = Number(await days.first().textContent());
  await page.click("[data-sort='4']");
  assert.ok(Number((await days.first().textContent()).replace(".", "")) > first);
  await context.close();
}

export async function paging() {
  const { context, page } = await opened("large");
  const before = await names(page);
  assert.equal(before.length, 50);
  assert.ok(await page.isDisabled("#previous"));
  await page.click("#next");
  assert.match(await page.textContent("#range"), /^51–100 von 5\.\d{3}$/);
  assert.notDeepEqual(await names(page), before);
  await page.click("#previous");
  assert.deepEqual(await names(page), before);
  await context.close();
}

export async function action_and_tile_filter() {
  const { context, page } = await opened("small");
  await page.click("[data-go=roles]");
  assert.equal(await page.getAttribute("[data-filter=roles]", "aria-pressed"), "true");
  assert.equal(await page.evaluate(() => document.activeElement.id), "table-title");
  await page.click("[data-go=gone]");
  assert.match(await count(page), /^1 von/);
  assert.match(await page.textContent("#rows"), /Entfernt/);
  await context.close();
}

export async function csv_of_the_view() {
  for (const [language, separator] of [["de", ";"], ["en", ","]]) {
    const { context, page } = await opened("small", { language, fragment: "#f=roles" });
    const { name, text } = await saved(page);
    assert.match(name, new RegExp(`^2026-\\d\\d-\\d\\d_contoso-gmbh_guest-users_${language}_roles\\.csv$`));
    assert.ok(text.startsWith("\ufeff"));
    assert.equal(text.split("\r\n").length, 2 + parseInt(await count(page), 10));
    assert.ok(text.includes(separator));
    await context.close();
  }
}

/** The file beside the page is the same table, so it must read the same. */
export async function csv_of_all_is_the_csv_file() {
  const files = [["first", "de"], ["hostile", "de"], ["hostile", "en"], ["full", "de"], ["full", "en"], ["swiss", "de"]];
  for (const [name, language] of files) {
    const { context, page } = await opened(name, { language });
    const { text } = await saved(page);
    assert.equal(text, readFileSync(join(folder, name, `report.${language}.csv`), "utf8"), `${name} ${language}`);
    await context.close();
  }
}

export async function details_by_keyboard() {
  const { context, page } = await opened("full");
  const more = page.getByRole("button", { name: "Meldung 3", exact: true });
  await more.focus();
  assert.equal(await more.getAttribute("aria-expanded"), "false");
  await page.keyboard.press("Enter");
  assert.equal(await more.getAttribute("aria-expanded"), "true");
  const facts = page.locator("#rows .detail");
  assert.deepEqual(await facts.locator("dt").allTextContents(), ["Warum wichtig", "Nachweis", "Größtes Postfach"]);
  assert.deepEqual(
    await facts.locator("dd").allTextContents(), ["Grund 3:\nzweite Zeile", "Konto A, Konto B", "unbekannt"]);
  await page.fill("#search", "3.702");
  await settled(page, "1 /");
  assert.equal(await facts.count(), 1, "stays open");
  await more.press(" ");
  assert.equal(await facts.count(), 0);
  await context.close();
}

export async function link_to_an_article() {
  const { context, page } = await opened("full", { fragment: "#f=added" });
  await page.click("#rows a[href='#article-MC100000']");
  const article = page.locator("#article-MC100000");
  await article.getByText("Quoted").waitFor();
  assert.equal(await page.evaluate(() => document.activeElement.parentElement.id), "article-MC100000");
  assert.equal(await page.getAttribute("[data-filter=added]", "aria-pressed"), "true", "the view stays");
  assert.equal(await page.locator(".articles details[open]").count(), 1);
  await context.close();
  const linked = await opened("full", { fragment: "#article-MC100001" });
  assert.ok(await linked.page.locator("#article-MC100001 .foreign").isVisible());
  await linked.context.close();
}

/** Places of the columns that hold moments, shares, sizes, durations: lowest first, unknown before all. */
export async function sorting_of_numbers() {
  const { context, page } = await opened("full");
  const first = async column => {
    await page.click(`[data-sort='${column}']`);
    return page.locator("#rows tr").first().locator("td").nth(column).textContent();
  };
  assert.equal(await first(2), "–");
  assert.equal(await first(3), "–");
  assert.equal(await first(4), "0\u00a0B");
  assert.equal(await first(4), "218\u00a0GB");
  assert.equal(await first(5), "0\u00a0Min.");
  assert.equal(await first(5), "18\u00a0Std. 12\u00a0Min.");
  assert.equal(await first(1), "nie");
  await context.close();
}

export async function counts_are_found_with_and_without_groups() {
  const { context, page } = await opened("full");
  for (const asked of ["24680", "24.680"]) {
    await page.fill("#search", asked);
    await settled(page, "1 /");
  }
  await context.close();
}

export async function nobody_listed() {
  const { context, page, complaints } = await opened("nobody");
  assert.equal(await page.locator("#table, .chip, [data-go], #csv").count(), 0);
  assert.equal(await page.locator("div.tile").count(), 1);
  assert.ok(await page.isVisible("#print"));
  assert.deepEqual(complaints, []);
  await context.close();
}

export async function theme() {
  const { context, page } = await opened("small", { colorScheme: "dark" });
  const dark = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  await page.click("#theme");
  assert.notEqual(await page.evaluate(() => getComputedStyle(document.body).backgroundColor), dark);
  await page.reload();
  assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), "light");
  await context.close();
}

export async function files_beside_it() {
  const { context, page } = await served("small");
  await page.click("a[hreflang=en]");
  await page.waitForSelector("html[lang=en][data-ready]");
  assert.equal(await page.textContent("h1"), "Guest users");
  assert.equal(await page.getAttribute("[data-beside][href$=xlsx]", "href"), "report.en.xlsx");
  await context.close();
  const alone = await opened("small");
  assert.equal(await alone.page.locator("[data-beside]:visible").count(), 0);
  await alone.context.close();
}

/** The bar holds more buttons than on disk; WCAG 2.2 reflow asks for 320 px. */
export async function files_beside_it_on_a_phone() {
  for (const width of [390, 320]) {
    const { context, page } = await served("small", { viewport: { width, height: 800 } });
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth) <= width, `${width} px`);
    assert.ok(await page.isVisible("#theme"));
    await context.close();
  }
}

export async function print() {
  for (const [name, fragment] of [["small", ""], ["large", "#f=overdue"]]) {
    const { context, page } = await opened(name, { fragment, colorScheme: "dark" });
    await page.pdf({ path: join(folder, `${name}.pdf`), preferCSSPageSize: true, printBackground: true });
    await context.close();
  }
}
