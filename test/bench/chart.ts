import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { membersOf, namespaceAt, roleNames, roles } from './fleet.ts';

const template = `{{- range .Values.namespaces }}{{ $namespace := .name }}{{- range .roles }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata:
  name: athenz-{{ .name }}
  namespace: {{ $namespace }}
  labels: {app.kubernetes.io/managed-by: athenz-gitops}
  annotations: {athenz-gitops.io/athenz-role: "acme.eks.{{ $namespace }}:role.{{ .name }}"}
rules: {{ .rules | toJson }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata:
  name: athenz-{{ .name }}
  namespace: {{ $namespace }}
  labels: {app.kubernetes.io/managed-by: athenz-gitops}
  annotations: {athenz-gitops.io/athenz-role: "acme.eks.{{ $namespace }}:role.{{ .name }}"}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: athenz-{{ .name }}}
subjects:
{{- range .members }}
  - {apiGroup: rbac.authorization.k8s.io, kind: User, name: {{ . | quote }}}
{{- end }}{{- end }}{{- end }}
`;

/** Writes a chart that gives the same objects with `helm template`, and its values beside it. */
export async function writeChart(dir: string, amount: number): Promise<void> {
  await mkdir(join(dir, 'templates'), { recursive: true });
  await writeFile(join(dir, 'Chart.yaml'), 'apiVersion: v2\nname: fleet\nversion: 1.0.0\n');
  await writeFile(join(dir, 'templates/rbac.yaml'), template);
  const namespaces = Array.from({ length: amount }, (_, at) => ({
    name: namespaceAt(at),
    roles: roleNames.map((name) => ({ name, rules: roles[name], members: membersOf(at, name) })),
  }));
  // Helm takes no file of more than 5 MB in a chart.
  await writeFile(`${dir}.json`, JSON.stringify({ namespaces }));
}
