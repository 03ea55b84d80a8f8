// Asks Prometheus what a panel asks, and makes the frames that Grafana's data source makes of the answers.
import { FieldType, toDataFrame } from "@grafana/data";

/** Seconds since 1970 of the ends of what is shown. */
export function rangeOf(board, now) {
  const [, count, unit] = /^now-(\d+)([hd])$/.exec(board.time.from);
  return { from: now - Number(count) * { h: 3600, d: 86400 }[unit], to: now };
}

/** An expression with the values of variables in place of their names. */
export function filled(text, values) {
  return text.replace(/\$(?:\{(\w+)(?::\w+)?\}|([a-z_]\w*))/g, (all, braced, bare) => values[braced ?? bare] ?? all);
}

async function asked(base, path, query) {
  const answer = await fetch(`${base}/api/v1/${path}?${new URLSearchParams(query)}`);
  const { status, data, error } = await answer.json();
  if (status !== "success") throw new Error(error);
  return data.result ?? data;
}

/** Values of all variables: what `all` stands for, or the first or wished one. */
export async function valuesOf(board, base, wished) {
  const values = { __rate_interval: "40m", ...wished };
  for (const variable of board.templating.list) {
    if (variable.type !== "query" || values[variable.name]) continue;
    if (variable.includeAll) values[variable.name] = variable.allValue;
    else {
      const [, selector, label] = /^label_values\((.+), (\w+)\)$/.exec(variable.query.query);
      const series = await asked(base, "query", { query: `group by (${label}) (${filled(selector, values)})` });
      values[variable.name] = series.map((each) => each.metric[label]).sort()[0];
    }
  }
  return values;
}

/** The frames of a panel. */
export async function framesOf(panel, base, values, range) {
  const answers = panel.targets.map(async (target) => {
    const expr = filled(target.expr, values);
    if (target.instant) {
      const series = await asked(base, "query", { query: expr, time: range.to });
      return target.format === "table" ? [table(target, series, panel)] : series.map((each) => line(target, each, [each.value]));
    }
    const step = Math.max(60, Math.round((range.to - range.from) / 300));
    const series = await asked(base, "query_range", { query: expr, start: range.from, end: range.to, step });
    return series.map((each) => line(target, each, each.values, step));
  });
  return (await Promise.all(answers)).flat().filter((frame) => frame.length > 0);
}

function named(target, metric) {
  if (target.legendFormat === "__auto") return Object.keys(metric).length ? undefined : target.expr;
  return target.legendFormat.replace(/\{\{(\w+)\}\}/g, (_, label) => metric[label] ?? "").trim();
}

function line(target, { metric }, points, step) {
  const filledIn = step ? gapped(points, step) : points;
  return toDataFrame({
    refId: target.refId,
    fields: [
      { name: "Time", type: FieldType.time, values: filledIn.map(([at]) => at * 1000) },
      {
        name: "Value",
        type: FieldType.number,
        labels: metric,
        values: filledIn.map(([, value]) => (value === null ? null : Number(value))),
        config: { displayNameFromDS: named(target, metric) },
      },
    ],
  });
}

function gapped(points, step) {
  return points.flatMap((point, n) => (n && point[0] - points[n - 1][0] > step * 1.5 ? [[points[n - 1][0] + step, null], point] : [point]));
}

function table(target, series, panel) {
  const labels = [...new Set(series.flatMap(({ metric }) => Object.keys(metric)))].sort();
  return toDataFrame({
    refId: target.refId,
    fields: [
      { name: "Time", type: FieldType.time, values: series.map((each) => each.value[0] * 1000) },
      ...labels.map((label) => ({ name: label, type: FieldType.string, values: series.map((each) => each.metric[label] ?? "") })),
      {
        name: panel.targets.length > 1 ? `Value #${target.refId}` : "Value",
        type: FieldType.number,
        values: series.map((each) => Number(each.value[1])),
      },
    ],
  });
}
