// Makes one script of a page and of all that it uses: node bundle.mjs <page> <file>
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const [page, file] = process.argv.slice(2);
const entry = fileURLToPath(new URL(page, import.meta.url));
const found = (name) => createRequire(entry).resolve(name);
const ALIASES = {
  "src/page.jsx": () => ({ "react-custom-scrollbars-2": fileURLToPath(new URL("src/scrollbars.cjs", import.meta.url)) }),
  "perses/src/page.jsx": () => ({
    // Plugins are part of the bundle: of what loads them from elsewhere only this is installed.
    "@module-federation/enhanced/runtime": found("@module-federation/enhanced"),
    // Some packages require it and some import it: without this it is there twice, and one does not see the other.
    "@tanstack/react-query": found("@tanstack/react-query").replace(/index\.js$/, "index.mjs"),
  }),
};

await build({
  entryPoints: [entry],
  bundle: true,
  outfile: file,
  format: "iife",
  jsx: "transform",
  mainFields: ["browser", "module", "main"],
  define: { "process.env.NODE_ENV": '"production"', global: "window" },
  loader: { ".svg": "dataurl", ".woff2": "dataurl", ".woff": "empty", ".ttf": "empty" },
  alias: ALIASES[page](),
  logLevel: "error",
  minify: true,
});
