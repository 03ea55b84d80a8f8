// The kinds of panels. Stat, table and time series are Grafana's components; of the state timeline, which Grafana does
// not publish, only colours and words are, and the bars are drawn here.
import { FieldType, getDisplayValueAlignmentFactors, getFieldDisplayName, reduceField } from "@grafana/data";
import { BigValue, BigValueGraphMode, BigValueJustifyMode, Table, TimeSeries } from "@grafana/ui";
import React from "react";

const valueFields = (frames) => frames.flatMap((frame) => frame.fields.filter((f) => f.type === FieldType.number).map((field) => ({ field, frame })));

export function Stat({ panel, frames, width, height, theme }) {
  const values = valueFields(frames).map(({ field, frame }) => {
    const last = reduceField({ field, reducers: ["lastNotNull"] }).lastNotNull;
    return { ...field.display(last), title: getFieldDisplayName(field, frame, frames) };
  });
  const alike = getDisplayValueAlignmentFactors(values.map((display) => ({ display })));
  const each = Math.floor((width - 6 * (values.length - 1)) / values.length);
  return (
    <div style={{ display: "flex", gap: 6 }}>
      {values.map((value, n) => (
        <BigValue
          key={n}
          value={panel.options.textMode === "value" ? { ...value, title: undefined } : value}
          width={each}
          height={height}
          theme={theme}
          alignmentFactors={alike}
          colorMode={panel.options.colorMode}
          graphMode={BigValueGraphMode.None}
          justifyMode={BigValueJustifyMode.Center}
          textMode={panel.options.textMode}
        />
      ))}
    </div>
  );
}

export function Rows({ frames, width, height }) {
  return <Table data={frames[0]} width={width} height={height} />;
}

export function Lines({ frames, width, height, range }) {
  return (
    <TimeSeries
      frames={frames}
      width={width}
      height={height}
      timeRange={range}
      timeZone="utc"
      legend={{ displayMode: "list", placement: "bottom", showLegend: true, calcs: [] }}
    />
  );
}

export function Timeline({ frames, width, height, range }) {
  const rows = valueFields(frames);
  const left = 270;
  const [from, to] = [range.from.valueOf(), range.to.valueOf()];
  const x = (at) => left + ((at - from) / (to - from)) * (width - left);
  const line = Math.floor((height - 22) / rows.length);
  return (
    <svg width={width} height={height} fontSize={12}>
      {rows.map(({ field, frame }, row) => (
        <g key={row} transform={`translate(0 ${row * line})`}>
          <text x={left - 8} y={line / 2 + 4} textAnchor="end" fill="currentColor">
            {getFieldDisplayName(field, frame, frames)}
          </text>
          {spans(frame.fields[0].values, field.values, to).map(({ start, end, value }, n) => {
            const look = field.display(value);
            const wide = x(end) - x(start);
            return (
              <g key={n}>
                <rect x={x(start)} y={2} width={Math.max(1, wide)} height={line - 4} fill={look.color} fillOpacity={0.8} />
                {wide > look.text.length * 8 && (
                  <text x={x(start) + 6} y={line / 2 + 4} fill="#fff">
                    {look.text}
                  </text>
                )}
              </g>
            );
          })}
        </g>
      ))}
      {[0, 0.25, 0.5, 0.75, 1].map((part) => (
        <text key={part} x={left + part * (width - left)} y={height - 6} textAnchor={part === 1 ? "end" : "start"} fill="currentColor">
          {new Date(from + part * (to - from)).toISOString().slice(11, 16)}
        </text>
      ))}
    </svg>
  );
}

/** Runs of the same value. */
function spans(times, values, to) {
  const found = [];
  values.forEach((value, n) => {
    const last = found.at(-1);
    const end = times[n + 1] ?? to;
    if (value === null) return;
    if (last && last.value === value && last.end === times[n]) last.end = end;
    else found.push({ start: times[n], end, value });
  });
  return found;
}
