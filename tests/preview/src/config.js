// Lets Grafana's own code apply the field configuration and the transformations of a panel.
import {
  applyFieldOverrides,
  FieldConfigOptionsRegistry,
  formattedValueToString,
  getFieldDisplayName,
  identityOverrideProcessor,
  standardTransformers,
  standardTransformersRegistry,
  transformDataFrame,
} from "@grafana/data";
import { firstValueFrom } from "rxjs";

const STANDARD = ["unit", "decimals", "min", "max", "noValue", "displayName", "color", "mappings", "thresholds", "links"];
const CUSTOM = ["width", "align", "cellOptions", "filterable", "hidden", "hideFrom", "drawStyle", "lineWidth", "fillOpacity", "showPoints", "spanNulls"];

const property = (id, path, isCustom) => ({
  id,
  path,
  isCustom,
  name: id,
  process: identityOverrideProcessor,
  override: () => null,
  editor: () => null,
  shouldApply: () => true,
  settings: {},
});

const registry = new FieldConfigOptionsRegistry(() => [
  ...STANDARD.map((id) => property(id, id, false)),
  ...CUSTOM.map((id) => property(`custom.${id}`, id, true)),
]);

standardTransformersRegistry.setInit(() =>
  [...new Map(Object.values(standardTransformers).map((each) => [each.id, each])).values()].map((each) => ({
    id: each.id,
    name: each.name,
    transformation: each,
    editor: () => null,
  })),
);

/** The frames as the panel shows them. */
export async function shown(panel, frames, theme) {
  const moved = await firstValueFrom(
    transformDataFrame(panel.transformations ?? [], frames, { interpolate: (text) => text }),
  );
  return applyFieldOverrides({
    data: moved,
    fieldConfig: panel.fieldConfig,
    fieldConfigRegistry: registry,
    replaceVariables: named,
    theme,
    timeZone: "utc",
  });
}

/** What a link says of the cell that it is in and of the others in its row, which Grafana itself fills in outside its components. */
function named(text, scoped) {
  const cell = scoped?.__dataContext?.value;
  if (!cell || cell.rowIndex === undefined) return text;
  const said = (field) => field && formattedValueToString(field.display(field.values[cell.rowIndex]));
  return text.replace(/\$\{__(value\.text|data\.fields\.(\w+)(?::raw)?)\}/g, (all, _, other) =>
    (other ? said(cell.frame.fields.find((field) => getFieldDisplayName(field, cell.frame) === other)) : said(cell.field)) ?? all,
  );
}
