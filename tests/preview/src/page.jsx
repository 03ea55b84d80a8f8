// One dashboard, as large as the window: `preview(board, prometheus, theme, wished)` draws it.
import { createTheme, dateTime, ThemeContext } from "@grafana/data";
import { GlobalStyles, PanelChrome } from "@grafana/ui";
import React from "react";
import { createRoot } from "react-dom/client";
import { framesOf, rangeOf, valuesOf } from "./ask.js";
import { shown } from "./config.js";
import { cutOff } from "./cut.js";
import { Lines, Rows, Stat, Timeline } from "./panels.jsx";

const KINDS = { stat: Stat, table: Rows, timeseries: Lines, "state-timeline": Timeline };
const OWN = <span style={{ fontSize: 12, opacity: 0.8 }}>bars drawn by this preview: Grafana does not publish this panel</span>;
const CELL = 38;
const GAP = 8;
const HEAD = 76;

window.preview = async (board, base, mode, wished, now) => {
  const theme = createTheme({ colors: { mode } });
  const seconds = rangeOf(board, now ?? Math.floor(Date.now() / 1000));
  const range = { from: dateTime(seconds.from * 1000), to: dateTime(seconds.to * 1000), raw: { from: board.time.from, to: "now" } };
  const values = await valuesOf(board, base, wished);
  const drawn = [];
  for (const panel of board.panels) drawn.push(await answered(panel, base, values, seconds, theme));
  document.body.style.background = theme.colors.background.canvas;
  createRoot(document.getElementById("root")).render(
    <ThemeContext.Provider value={theme}>
      <GlobalStyles isExtensionSidebarOpen={false} />
      <Board board={board} drawn={drawn} range={range} theme={theme} values={values} />
    </ThemeContext.Provider>,
  );
};

window.settled = () => Boolean(document.querySelector("#board .panel"));
window.tall = () => document.getElementById("board").offsetHeight;
window.panels = () =>
  [...document.querySelectorAll(".panel")].map((each) => ({
    ...each.dataset,
    text: each.innerText,
    drawings: each.querySelectorAll("canvas, svg").length,
    cut: cutOff(each),
    links: [...each.querySelectorAll("a[href]")].map((link) => link.getAttribute("href")),
  }));

async function answered(panel, base, values, seconds, theme) {
  if (panel.type === "row") return { panel };
  try {
    return { panel, frames: await shown(panel, await framesOf(panel, base, values, seconds), theme) };
  } catch (error) {
    return { panel, error: String(error) };
  }
}

function Board({ board, drawn, range, theme, values }) {
  const width = (window.innerWidth - 2 * GAP + GAP) / 24;
  const height = Math.max(...board.panels.map(({ gridPos: g }) => g.y + g.h)) * CELL + HEAD + GAP;
  const chosen = board.templating.list.filter((v) => v.type === "query" && v.hide !== 2);
  return (
    <div id="board" style={{ position: "relative", height, color: theme.colors.text.primary, fontFamily: theme.typography.fontFamily }}>
      <div style={{ padding: "10px 16px" }}>
        <div style={{ fontSize: 20, fontWeight: 500 }}>{board.title}</div>
        <div style={{ fontSize: 12, color: theme.colors.text.secondary }}>
          Preview: the published components of Grafana, without Grafana around them. Last {board.time.from.slice(4)}.{" "}
          {chosen.map((v) => `${v.label}: ${v.includeAll ? "All" : values[v.name]}`).join(" · ")}
        </div>
      </div>
      {drawn.map(({ panel, frames, error }) => {
        const { x, y, w, h } = panel.gridPos;
        const box = { position: "absolute", left: GAP + x * width, top: HEAD + y * CELL };
        if (panel.type === "row")
          return (
            <div key={panel.id} style={{ ...box, top: box.top + 8, fontWeight: 500, paddingLeft: 8 }}>
              {panel.title}
            </div>
          );
        const Kind = KINDS[panel.type];
        const state = error ? "error" : frames.some((f) => f.length) ? "drawn" : "empty";
        return (
          <div key={panel.id} style={box} className="panel" data-title={panel.title} data-state={state} data-error={error}>
            <PanelChrome title={panel.title} titleItems={panel.type === "state-timeline" ? OWN : undefined} width={w * width - GAP} height={h * CELL - GAP} padding={panel.type === "stat" ? "none" : "sm"}>
              {(innerWidth, innerHeight) =>
                state === "drawn" ? (
                  <Kind panel={panel} frames={frames} width={innerWidth} height={innerHeight} range={range} theme={theme} />
                ) : (
                  <div className="without" style={{ display: "grid", placeItems: "center", height: innerHeight, textAlign: "center" }}>
                    {error ?? panel.fieldConfig.defaults.noValue}
                  </div>
                )
              }
            </PanelChrome>
          </div>
        );
      })}
    </div>
  );
}
