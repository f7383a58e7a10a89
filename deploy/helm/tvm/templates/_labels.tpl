{{- define "tvm.selector" -}}
app.kubernetes.io/name: tvm
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "tvm.labels" -}}
{{ include "tvm.selector" . }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end }}

{{- define "tvm.valkeySelector" -}}
app.kubernetes.io/name: tvm-valkey
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}
