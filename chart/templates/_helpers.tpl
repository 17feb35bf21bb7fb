{{/*
Shared by the templates. Values may be null or of a wrong type here (the schema can be skipped):
kdk-render is the one to complain, with a place and a remedy, so no template may fail first.
*/}}

{{/* MAP | JSON of MAP, or of an empty map when it is not one. Read it with fromJson. */}}
{{- define "kdk.map" -}}
{{- ternary . dict (kindIs "map" .) | toJson -}}
{{- end }}

{{/* The value of the label helm.sh/chart. */}}
{{- define "kdk.chart" -}}
{{- printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" -}}
{{- end }}

{{/* The names of the release's clusters that have a pod, as JSON: {"all": [...], "running": [...]}. */}}
{{- define "kdk.clusters" -}}
{{- $defaults := include "kdk.map" .Values.defaults | fromJson }}
{{- $all := list }}
{{- $running := list }}
{{- range $name, $cluster := include "kdk.map" .Values.clusters | fromJson }}
  {{- if kindIs "map" $cluster }}
    {{- $all = append $all $name }}
    {{- $paused := ternary $defaults.paused $cluster.paused (kindIs "invalid" $cluster.paused) }}
    {{- if not $paused }}
      {{- $running = append $running $name }}
    {{- end }}
  {{- end }}
{{- end }}
{{- dict "all" $all "running" $running | toJson }}
{{- end }}

{{/* The image of the pods, as kdk-render writes it. */}}
{{- define "kdk.image" -}}
{{- $image := include "kdk.map" .Values.image | fromJson }}
{{- $image.repository | default "kdk" }}
{{- if $image.digest }}@{{ $image.digest }}
{{- else }}:{{ $image.tag | default .Chart.AppVersion }}
{{- end }}
{{- end }}

{{/* metadata.labels of what the chart makes itself. */}}
{{- define "kdk.labels" -}}
{{- $own := dict
  "app.kubernetes.io/name" "kdk"
  "app.kubernetes.io/instance" .Release.Name
  "app.kubernetes.io/managed-by" .Release.Service
  "app.kubernetes.io/part-of" "kdk"
  "app.kubernetes.io/version" .Chart.AppVersion
  "helm.sh/chart" (include "kdk.chart" .) }}
{{- merge $own (include "kdk.map" .Values.commonLabels | fromJson) | toYaml }}
{{- end }}

{{/*
metadata.annotations of an object of `helm test`: (list ROOT WEIGHT). It goes when the test is over, however
that ends, and when an interrupted test left it behind. Its log is shown first if it failed.
*/}}
{{- define "kdk.testAnnotations" -}}
{{- $root := index . 0 }}
{{- $own := dict
  "helm.sh/hook" "test"
  "helm.sh/hook-weight" (index . 1 | toString)
  "helm.sh/hook-delete-policy" "before-hook-creation,hook-succeeded,hook-failed"
  "helm.sh/hook-output-log-policy" "hook-failed" }}
{{- merge $own (include "kdk.map" $root.Values.commonAnnotations | fromJson) | toYaml }}
{{- end }}
