{{/* What everything is called. */}}
{{- define "bootsource-exporter.name" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride -}}
{{- else if contains .Chart.Name .Release.Name -}}
{{- .Release.Name | trunc 48 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name .Chart.Name | trunc 48 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{/* What the site names goes first; then the digest that a released chart was pinned to by tools/pin_image.py. */}}
{{- define "bootsource-exporter.image" -}}
{{- $pinned := index (.Chart.Annotations | default dict) "bootsource-exporter/image-digest" -}}
{{- if .Values.image.digest -}}
{{- printf "%s@%s" .Values.image.repository .Values.image.digest -}}
{{- else if and $pinned (not .Values.image.tag) -}}
{{- printf "%s@%s" .Values.image.repository $pinned -}}
{{- else -}}
{{- printf "%s:%s" .Values.image.repository (.Values.image.tag | default .Chart.AppVersion) -}}
{{- end -}}
{{- end -}}

{{/* "true" if ServiceMonitor and PrometheusRule are made. */}}
{{- define "bootsource-exporter.monitored" -}}
{{- if eq (toString .Values.monitoring.enabled) "auto" -}}
{{- .Capabilities.APIVersions.Has "monitoring.coreos.com/v1" -}}
{{- else -}}
{{- .Values.monitoring.enabled -}}
{{- end -}}
{{- end -}}

{{/* The forms of dashboards, separated by spaces. */}}
{{- define "bootsource-exporter.dashboards" -}}
{{- $auto := eq .Values.platform "kubernetes" | ternary "configmaps" "openshift" -}}
{{- range .Values.dashboards }}{{ eq . "auto" | ternary $auto . }} {{ end -}}
{{- end -}}
