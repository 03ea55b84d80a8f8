// Draws dashboards in a real browser and tells, as JSON, how each panel came out:
//   node shoot.mjs <bundle> <prometheus> <jobs as JSON: [{board, mode, width, wished, picture}]>
import { readFileSync } from "node:fs";
import { chromium } from "playwright-core";

const [bundle, prometheus, jobs] = process.argv.slice(2);
const FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
/** Lets the page tell which of its texts reach beyond what hides them, to the left or the right. Below one can scroll. */
function cutOff() {
  const clipping = (e) => (!e || getComputedStyle(e).overflowX !== "visible" ? e : clipping(e.parentElement));
  window.cutOff = (panel) => {
    const found = [];
    const texts = document.createTreeWalker(panel, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
      const range = document.createRange();
      range.selectNodeContents(texts.currentNode);
      const text = range.getBoundingClientRect();
      const edge = clipping(texts.currentNode.parentElement).getBoundingClientRect();
      if (text.width && (text.right > edge.right + 1 || text.left < edge.left - 1)) found.push(texts.currentNode.data);
    }
    return found;
  };
}

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: FLAGS });
const told = [];
for (const job of JSON.parse(jobs)) {
  const board = JSON.parse(readFileSync(job.board));
  const page = await browser.newPage({ viewport: { width: job.width, height: 1000 }, timezoneId: "UTC" });
  const errors = [];
  page.on("pageerror", (error) => errors.push(String(error)));
  await page.goto(`${prometheus}/-/ready`);
  await page.setContent('<!doctype html><html><body style="margin:0"><div id="root"></div></body></html>');
  await page.evaluate(cutOff);
  await page.addStyleTag({ path: bundle.replace(/js$/, "css") });
  await page.addScriptTag({ path: bundle });
  await page.evaluate(([b, p, m, w]) => window.preview(b, p, m, w), [board, prometheus, job.mode, job.wished ?? {}]);
  await page.waitForSelector("#board .panel", { timeout: 20000 }).catch((error) => { throw new Error([...errors, error].join("\n")); });
  const height = await page.evaluate(() => document.getElementById("board").offsetHeight);
  await page.setViewportSize({ width: job.width, height });
  // Charts are drawn a frame after they are made, and again when the window has another size.
  await page.evaluate(async () => {
    await document.fonts.ready;
    for (let frame = 0; frame < 10; frame++) await new Promise(requestAnimationFrame);
  });
  const panels = await page.$$eval(".panel", (all) =>
    all.map((each) => ({
      ...each.dataset,
      text: each.innerText,
      drawings: each.querySelectorAll("canvas, svg").length,
      cut: window.cutOff(each),
    })),
  );
  if (job.picture) await page.screenshot({ path: job.picture });
  told.push({ ...job, errors, panels });
  await page.close();
}
await browser.close();
console.log(JSON.stringify(told));
