"""The words of notifications: as templates of Alertmanager, and written out where it has no templates of ours."""

from __future__ import annotations

from typing import Final

from exporter.rules.inhibition import CLUSTER

EXPORTER: Final = "https://bootsource-exporter.example.com"
"""The address of the exporter's pages."""
GRAFANA: Final = "https://grafana.example.com"

_CLUSTER: Final = "".join(f"{{{{ with .CommonLabels.{label} }}}}{{{{ . }}}}: {{{{ end }}}}" for label in CLUSTER)
_FIRST: Final = "(index .Alerts 0).Annotations.summary"
TITLE: Final = (
    '{{ if eq .Status "firing" }}PROBLEM{{ else }}RESOLVED{{ end }}: '
    f"{_CLUSTER}{{{{ {_FIRST} }}}}"
    "{{ if gt (len .Alerts) 1 }} and {{ len (slice .Alerts 1) }} more{{ end }}"
)
"""The object and the problem. Alerts of one message have one check, so the first stands for all."""


def _link(annotation: str, base: str, before: str = "", after: str = "") -> str:
    """An address: that of the annotation, which may be a path below the base. Nothing without the annotation."""
    path = f'{{{{ if match "^/" . }}}}{base}{{{{ end }}}}{{{{ . }}}}'
    return f"{{{{ with .Annotations.{annotation} }}}}{before}{path}{after}{{{{ end }}}}"


_LINE: Final = "\n"
_DASHBOARD: Final = _link("dashboard_url", GRAFANA)
TEXT: Final = (
    "{{ range .Alerts.Firing }}"
    f"{_link('page_url', EXPORTER, before='Fix, verification and cost: ', after=_LINE)}"
    "{{ .Annotations.summary }}\n"
    "{{ .Annotations.description }}.\n"
    "{{ with .Annotations.since }}Since: {{ . }}\n{{ end }}"
    "Severity: {{ .Labels.severity }}\n"
    "Look at it: {{ .Annotations.command }}\n"
    "Runbook: {{ .Annotations.runbook_url }}\n"
    f"Dashboard: {_DASHBOARD}\n\n"
    "{{ end }}"
    "{{ range .Alerts.Resolved }}Resolved: {{ .Annotations.summary }}\n{{ end }}"
)


def _anchor(annotation: str, base: str, words: str) -> str:
    """The same as an element of HTML. Whole elements alternate: within one the escaping of templates refuses to."""
    either = (
        f'{{{{ if match "^/" . }}}}<a href="{base}{{{{ . }}}}">{words}</a>'
        f'{{{{ else }}}}<a href="{{{{ . }}}}">{words}</a>{{{{ end }}}}'
    )
    return f"{{{{ with .Annotations.{annotation} }}}}{either}{{{{ end }}}}"


HTML: Final = (
    '<!DOCTYPE html>\n<html><body style="font-family: sans-serif">\n'
    "{{ range .Alerts.Firing }}<h3>{{ .Annotations.summary }}</h3>\n"
    f"<p>{_anchor('page_url', EXPORTER, 'Fix, verification and cost')}</p>\n"
    "<p>{{ .Annotations.description }}.</p>\n"
    "{{ with .Annotations.since }}<p>Since: {{ . }}</p>\n{{ end }}"
    "<p>Look at it: <code>{{ .Annotations.command }}</code></p>\n"
    '<p><a href="{{ .Annotations.runbook_url }}">Runbook</a></p>\n'
    f"<p>{_anchor('dashboard_url', GRAFANA, 'Dashboard')}</p>\n"
    "{{ end }}{{ range .Alerts.Resolved }}<p>Resolved: {{ .Annotations.summary }}</p>\n{{ end }}</body></html>"
)


def templates() -> str:
    """The file that Alertmanager loads."""
    named = (("title", TITLE), ("text", TEXT), ("html", HTML))
    return "\n".join(f'{{{{ define "bootsource.{name}" }}}}{text}{{{{ end }}}}\n' for name, text in named)


def reference(name: str) -> str:
    """Uses a template of that file."""
    return f'{{{{ template "bootsource.{name}" . }}}}'
