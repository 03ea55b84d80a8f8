// One dashboard as Perses draws it: `preview(spec, prometheus, mode)`. Values of variables are taken from the address.
import { CssBaseline, ThemeProvider } from "@mui/material";
import { ChartsProvider, SnackbarProvider, generateChartsTheme, getTheme } from "@perses-dev/components";
import { ViewDashboard } from "@perses-dev/dashboards";
import { PluginRegistry, ValidationProvider, dynamicImportPluginLoader } from "@perses-dev/plugin-system";
import * as prometheus from "@perses-dev/prometheus-plugin";
import * as stat from "@perses-dev/stat-chart-plugin";
import * as history from "@perses-dev/status-history-chart-plugin";
import * as table from "@perses-dev/table-plugin";
import * as series from "@perses-dev/timeseries-chart-plugin";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import React from "react";
import { createRoot } from "react-dom/client";
import { BrowserRouter } from "react-router-dom";
import { QueryParamProvider } from "use-query-params";
import { ReactRouter6Adapter } from "use-query-params/adapters/react-router-6";
import { cutOff } from "../../src/cut.js";

const PLUGINS = [prometheus, stat, history, table, series];
const LOADER = dynamicImportPluginLoader(PLUGINS.map((each) => ({ resource: each.getPluginModule(), importPlugin: async () => each })));
const KINDS = { Panel: "TimeSeriesChart", TimeSeriesQuery: "PrometheusTimeSeriesQuery" };
const BUSY = '[role="progressbar"], .MuiSkeleton-root';
/** Of the week that is shown: there is a sample every ten minutes. */
const RATE_INTERVAL = "40m";
let expected = Infinity;

window.preview = (board, url, mode) => {
  const spec = JSON.parse(JSON.stringify(board).replaceAll("$__rate_interval", RATE_INTERVAL));
  expected = Object.keys(spec.panels).length;
  const theme = getTheme(mode);
  const client = new QueryClient({ defaultOptions: { queries: { refetchOnWindowFocus: false, retry: false } } });
  const inside = [
    [ThemeProvider, { theme }],
    [ChartsProvider, { chartsTheme: generateChartsTheme(theme, {}) }],
    [SnackbarProvider, {}],
    [QueryClientProvider, { client }],
    [BrowserRouter, {}],
    [QueryParamProvider, { adapter: ReactRouter6Adapter }],
    [PluginRegistry, { pluginLoader: LOADER, defaultPluginKinds: KINDS }],
    [ValidationProvider, {}],
  ];
  const view = (
    <>
      <CssBaseline />
      <ViewDashboard
        dashboardResource={{ kind: "Dashboard", metadata: { name: "preview", project: "preview", version: 0 }, spec }}
        dashboardTitleComponent={<Title name={spec.display.name} />}
        datasourceApi={sources(url)}
        isReadonly
        isVariableEnabled
        isDatasourceEnabled={false}
      />
    </>
  );
  createRoot(document.getElementById("root")).render(inside.reduceRight((child, [Each, props]) => <Each {...props}>{child}</Each>, view));
};

const Title = ({ name }) => (
  <div>
    <b style={{ fontSize: 20 }}>{name}</b>
    <div style={{ fontSize: 12 }}>Preview: the published components of Perses, without Perses around them.</div>
  </div>
);

function sources(url) {
  const plugin = { kind: "PrometheusDatasource", spec: { directUrl: url } };
  const only = { kind: "GlobalDatasource", metadata: { name: "prometheus" }, spec: { default: true, plugin } };
  return {
    getDatasource: async () => undefined,
    getGlobalDatasource: async () => only,
    listDatasources: async () => [],
    listGlobalDatasources: async () => [only],
  };
}

const drawn = () => [...document.querySelectorAll('[data-testid="panel"]')];
const full = (panel) => panel.querySelector("canvas, table td, h3, p");
window.settled = () => drawn().length === expected && !document.querySelector(BUSY) && drawn().every((each) => full(each) || alert(each));
window.tall = () => Math.ceil(Math.max(...drawn().map((each) => each.getBoundingClientRect().bottom))) + 16;
window.panels = () => drawn().map(told);

const alert = (panel) => panel.querySelector('[role="alert"]')?.innerText;

function told(panel) {
  const [title, ...rest] = panel.innerText.split("\n");
  const text = rest.join("\n");
  const state = alert(panel) ? "error" : full(panel) && !/no data/i.test(text) ? "drawn" : "empty";
  return { title, state, error: alert(panel), text, drawings: panel.querySelectorAll("canvas").length, cut: cutOff(panel) };
}
