import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { namespaceAt } from '../fleet.ts';

// The floor of copies: an object through JSON.stringify for each namespace, into a file each.

const [sources = '', namespaces = '', dir = ''] = process.argv.slice(2);
const data = { 'app.conf': 'key = value\n'.repeat(150), region: 'eu-1' };
for (let at = 0; at < Number(namespaces); at++) {
  const namespace = namespaceAt(at);
  const folder = join(dir, namespace);
  mkdirSync(folder, { recursive: true });
  for (let source = 0; source < Number(sources); source++) {
    const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: `shared-${source}`, namespace }, data };
    writeFileSync(join(folder, `configmap.shared-${source}.yaml`), JSON.stringify(object));
  }
}
