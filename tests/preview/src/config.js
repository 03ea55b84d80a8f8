// Lets Grafana's own code apply the field configuration and the transformations of a panel.
import {
  applyFieldOverrides,
  FieldConfigOptionsRegistry,
  identityOverrideProcessor,
  standardTransformers,
  standardTransformersRegistry,
  transformDataFrame,
} from "@grafana/data";
import { firstValueFrom } from "rxjs";

const STANDARD = ["unit", "decimals", "min", "max", "noValue", "displayName", "color", "mappings", "thresholds", "links"];
const CUSTOM = ["width", "align", "cellOptions", "filterable", "drawStyle", "lineWidth", "fillOpacity", "showPoints", "spanNulls"];

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
    replaceVariables: (text, scoped) => text.replace("${__value.text}", scoped?.__value?.value?.text ?? ""),
    theme,
    timeZone: "utc",
  });
}
