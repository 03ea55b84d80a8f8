// Makes one script of the page and of all that it uses: node bundle.mjs <file>
import { build } from "esbuild";

await build({
  entryPoints: [new URL("src/page.jsx", import.meta.url).pathname],
  bundle: true,
  outfile: process.argv[2],
  format: "iife",
  jsx: "transform",
  define: { "process.env.NODE_ENV": '"production"', global: "window" },
  loader: { ".svg": "dataurl", ".woff2": "dataurl", ".ttf": "empty" },
  alias: { "react-custom-scrollbars-2": new URL("src/scrollbars.cjs", import.meta.url).pathname },
  logLevel: "error",
  minify: true,
});
