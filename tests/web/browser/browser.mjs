// Opens pages in Chromium and tells, as JSON, what people find there:
//   node browser.mjs <address of each world as JSON> <looks as JSON: [{world, path, width, mode, picture}]>
import { readFileSync } from "node:fs";
import { chromium } from "playwright-core";

const [worlds, looks] = process.argv.slice(2).map((text) => JSON.parse(text));
const playing = "changing" in worlds; // the worlds of the scenarios are there, not just one to be photographed
const FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
const axe = readFileSync(new URL("node_modules/axe-core/axe.min.js", import.meta.url), "utf8");
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: FLAGS });

/** A page at this address; what goes wrong in it is collected in `errors`. */
async function open(world, path, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, timezoneId: "UTC", ...options });
  const page = await context.newPage();
  page.errors = [];
  page.on("pageerror", (error) => page.errors.push(String(error)));
  page.on("dialog", (dialog) => (page.errors.push(`dialog: ${dialog.message()}`), dialog.dismiss()));
  page.on("console", (message) => message.type() === "error" && page.errors.push(message.text()));
  await page.goto(worlds[world] + path);
  return page;
}

async function look({ world, path, width, mode, picture }) {
  const page = await open(world, path, { viewport: { width, height: 900 }, colorScheme: mode });
  const size = await page.evaluate(() => ({ scroll: document.documentElement.scrollWidth, height: document.documentElement.scrollHeight }));
  if (picture) await page.screenshot({ path: picture, clip: { x: 0, y: 0, width, height: Math.min(size.height, Math.max(900, Math.round(width * 1.15))) }, fullPage: true });
  const violations = await page.evaluate(`${axe}; axe.run().then((found) => found.violations.map((each) => each.id + ": " + each.nodes[0].html))`);
  await page.context().close();
  return { world, path, width, mode, ...size, violations, errors: page.errors };
}

const scenarios = {
  /** Text narrows the rows down while it is typed; the address says so, the field keeps the focus, nothing is reloaded. */
  async filter() {
    const page = await open("many", "/");
    await page.evaluate(() => (window.marker = true));
    await page.fill("#filter-q", "source-0007");
    await page.waitForFunction(() => document.querySelectorAll("tbody tr").length === 10);
    const told = await page.evaluate(() => ({
      address: location.search, focus: document.activeElement.id, kept: window.marker === true,
      rows: document.querySelectorAll("tbody tr").length, status: document.querySelector("#shown").textContent,
    }));
    await page.reload();
    return { ...told, reloaded: await page.locator("tbody tr").count(), value: await page.inputValue("#filter-q") };
  },
  async sort() {
    const page = await open("many", "/");
    const first = () => page.locator("tbody th a").first().textContent();
    await page.click("thead a:has-text('Boot source')");
    await page.waitForSelector("th[aria-sort=ascending]:has-text('Boot source')");
    const up = await first();
    await page.click("thead a:has-text('Boot source')");
    await page.waitForSelector("th[aria-sort=descending]:has-text('Boot source')");
    const down = await first();
    await page.goBack();
    await page.waitForSelector("th[aria-sort=ascending]:has-text('Boot source')");
    return { up, down, back: await first() };
  },
  async copy() {
    const page = await open("one", "/findings/broken", { permissions: ["clipboard-read", "clipboard-write"] });
    const button = page.locator("button[data-copy]").first();
    await button.click();
    await page.waitForFunction(() => document.querySelector("button[data-copy]").textContent.startsWith("Copied"));
    return { copied: await page.evaluate(() => navigator.clipboard.readText()) };
  },
  /** A newer state shows by itself, and what the reader had open, focused and scrolled to stays. */
  async update() {
    const page = await open("changing", "/", { viewport: { width: 1280, height: 500 } });
    await page.clock.install();
    await page.reload();
    const summary = page.locator(".problem summary").first();
    await summary.click();
    const link = page.locator("#broken h3 a").first();
    await link.focus();
    const before = await page.evaluate(() => ({ top: scrollY, focus: document.activeElement.textContent }));
    await page.request.get(`${worlds.changing}/change`);
    await page.clock.runFor(31000);
    await page.waitForSelector("text=Newly broken");
    const after = await page.evaluate(() => ({
      top: scrollY, focus: document.activeElement.textContent, open: document.querySelector("#broken details").open,
    }));
    await page.route("**", (route) => route.abort());
    await page.clock.runFor(31000);
    await page.waitForSelector("#connection:not([hidden])");
    return { before, after, connection: await page.textContent("#connection") };
  },
  async unscripted() {
    const page = await open("many", "/", { javaScriptEnabled: false });
    await page.fill("#filter-q", "source-0007");
    await page.click("button[type=submit]");
    await page.waitForURL(/q=source-0007/);
    const rows = await page.locator("tbody tr").count();
    await page.goto(`${worlds.one}/findings/broken`);
    return { rows, command: await page.locator("pre").first().textContent(), buttons: await page.locator("button[data-copy]:visible").count() };
  },
  async keyboard() {
    const page = await open("one", "/");
    await page.keyboard.press("Tab");
    const first = await page.evaluate(() => document.activeElement.textContent);
    await page.keyboard.press("Enter");
    return { first, focus: await page.evaluate(() => document.activeElement.id) };
  },
  async print() {
    const page = await open("one", "/");
    await page.emulateMedia({ media: "print" });
    return {
      navigation: await page.locator(".top nav").isVisible(), filters: await page.locator(".filters").isVisible(),
      command: await page.locator(".problem pre").first().isVisible(),
    };
  },
};

const told = { looks: [] };
for (const each of looks) told.looks.push(await look(each));
for (const [name, play] of Object.entries(playing ? scenarios : {})) told[name] = await play().catch((error) => ({ error: String(error) }));
await browser.close();
console.log(JSON.stringify(told));
