// Draws dashboards in a real browser and tells, as JSON, how each panel came out:
//   node shoot.mjs <bundle> <prometheus> <jobs as JSON: [{board, mode, width, wished, picture}]>
// A page gives `preview` to draw, `settled` to tell that it has, `tall` for its height and `panels` for what came of it.
import { readFileSync } from "node:fs";
import { chromium } from "playwright-core";

const [bundle, prometheus, jobs] = process.argv.slice(2);
const FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];

/** What never settles is told as it is then: an empty panel, or none. */
const settled = (page) => page.waitForFunction(() => window.settled(), null, { timeout: 30000 }).catch(() => undefined);
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: FLAGS });
const told = [];
for (const job of JSON.parse(jobs)) {
  const board = JSON.parse(readFileSync(job.board));
  const page = await browser.newPage({ viewport: { width: job.width, height: 3000 }, timezoneId: "UTC" });
  const errors = [];
  page.on("pageerror", (error) => errors.push(String(error)));
  const values = Object.entries(job.wished ?? {}).map(([name, value]) => [`var-${name}`, value]);
  await page.goto(`${prometheus}/-/ready?${new URLSearchParams(values)}`);
  await page.setContent('<!doctype html><html><body style="margin:0"><div id="root"></div></body></html>');
  await page.addStyleTag({ path: bundle.replace(/js$/, "css") });
  await page.addScriptTag({ path: bundle });
  await page.evaluate(([b, p, m, w]) => window.preview(b, p, m, w), [board, prometheus, job.mode, job.wished ?? {}]);
  await settled(page);
  await page.setViewportSize({ width: job.width, height: await page.evaluate(() => window.tall()) });
  // Charts are drawn a frame after they are made, and again when the window has another size.
  await page.evaluate(async () => {
    await document.fonts.ready;
    for (let frame = 0; frame < 10; frame++) await new Promise(requestAnimationFrame);
  });
  await settled(page);
  const panels = await page.evaluate(() => window.panels());
  if (job.picture) await page.screenshot({ path: job.picture });
  told.push({ ...job, errors, panels });
  await page.close();
}
await browser.close();
console.log(JSON.stringify(told));
