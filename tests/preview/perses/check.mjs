// Holds dashboards against what Perses ships: the schemas of its core, and the types of the options of its plugins.
//   node check.mjs <file with an object of specs by name>     tells, as JSON, what does not fit, by name
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import core from "@perses-dev/core";
import ts from "typescript";

const { durationValidationSchema, nameSchema, panelDefinitionSchema, variableDefinitionSchema } = core;
const OPTIONS = {
  StatChart: ["StatChartOptions", "@perses-dev/stat-chart-plugin"],
  StatusHistoryChart: ["StatusHistoryChartOptions", "@perses-dev/status-history-chart-plugin"],
  Table: ["TableOptions", "@perses-dev/table-plugin"],
  TimeSeriesChart: ["TimeSeriesChartOptions", "@perses-dev/timeseries-chart-plugin"],
  PrometheusTimeSeriesQuery: ["PrometheusTimeSeriesQuerySpec", "@perses-dev/prometheus-plugin/lib/plugins/prometheus-time-series-query/time-series-query-model"],
  PrometheusLabelValuesVariable: ["PrometheusLabelValuesVariableOptions", "@perses-dev/prometheus-plugin/lib/plugins/types"],
};
const FILE = fileURLToPath(new URL("dashboard.ts", import.meta.url));

const specs = JSON.parse(readFileSync(process.argv[2]));
console.log(JSON.stringify(Object.fromEntries(Object.entries(specs).map(([name, spec]) => [name, [...unlike(spec), ...mistyped(spec)]]))));

function unlike(spec) {
  const parts = [
    [durationValidationSchema, spec.duration, "duration"],
    [durationValidationSchema, spec.refreshInterval, "refreshInterval"],
    ...Object.keys(spec.panels).map((name) => [nameSchema, name, name]),
    ...Object.entries(spec.panels).map(([name, panel]) => [panelDefinitionSchema, panel, name]),
    ...spec.variables.map((variable) => [variableDefinitionSchema, variable, variable.spec.name]),
  ];
  return parts.flatMap(([schema, value, name]) => (schema.safeParse(value).error?.issues ?? []).map((issue) => `${name}: ${issue.path.join(".")} ${issue.message}`));
}

/** What TypeScript has to say of the document as a literal: fields of another type, and fields that do not exist. */
function mistyped(spec) {
  const panels = Object.values(spec.panels);
  const queries = panels.flatMap((panel) => panel.spec.queries.map((query) => query.spec.plugin));
  const plugins = [...panels.map((panel) => panel.spec.plugin), ...queries, ...spec.variables.map((variable) => variable.spec.plugin)];
  const lines = plugins.map(({ kind, spec: options }, n) => `export const plugin${n}: import("${OPTIONS[kind][1]}").${OPTIONS[kind][0]} = ${JSON.stringify(options)};`);
  const source = [`export const board: import("@perses-dev/core").DashboardSpec = ${JSON.stringify(spec)};`, ...lines].join("\n");
  const settings = {
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    target: ts.ScriptTarget.ES2022,
    jsx: ts.JsxEmit.ReactJSX,
    noEmit: true,
    skipLibCheck: true,
    strict: true,
    types: [],
  };
  const host = ts.createCompilerHost(settings);
  const read = host.getSourceFile.bind(host);
  host.getSourceFile = (name, ...rest) => (name === FILE ? ts.createSourceFile(name, source, ts.ScriptTarget.ES2022) : read(name, ...rest));
  const program = ts.createProgram([FILE], settings, host);
  return ts.getPreEmitDiagnostics(program).map((each) => ts.flattenDiagnosticMessageText(each.messageText, " "));
}
