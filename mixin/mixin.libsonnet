// Generated from tools/generate/dashboards by `make generate`; do not edit.
{
  grafanaDashboardFolder:: 'Boot sources',
  grafanaDashboards+:: {
    'bootsource-overview.json': import '../dashboards/grafana/bootsource-overview.json',
    'bootsource-detail.json': import '../dashboards/grafana/bootsource-detail.json',
    'bootsource-exporter.json': import '../dashboards/grafana/bootsource-exporter.json',
  },
  prometheusAlerts+:: std.parseYaml(importstr '../rules/bootsource.rules.yaml'),
}
