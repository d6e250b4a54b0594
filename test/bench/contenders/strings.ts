import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { folder, membersOf, namespaceAt, type RoleName, roleNames } from '../fleet.ts';

// What cannot be undercut: texts put together by a function that knows these objects and no others.

const [amount = '', dir = ''] = process.argv.slice(2);
const group = 'rbac.authorization.k8s.io';
for (let at = 0; at < Number(amount); at++) {
  const path = join(dir, folder(at));
  mkdirSync(path, { recursive: true });
  writeFileSync(join(path, 'rbac.yaml'), roleNames.map((role) => textOf(at, role)).join('---\n'));
}

function textOf(at: number, role: RoleName): string {
  const head = `apiVersion: ${group}/v1\nmetadata:\n  name: athenz-${role}\n  namespace: ${namespaceAt(at)}\n`;
  let subjects = '';
  for (const name of membersOf(at, role)) subjects += `  - apiGroup: ${group}\n    kind: User\n    name: ${name}\n`;
  const ref = `roleRef:\n  apiGroup: ${group}\n  kind: Role\n  name: athenz-${role}\n`;
  return `kind: Role\n${head}rules:\n  - {}\n---\nkind: RoleBinding\n${head}${ref}subjects:\n${subjects}`;
}
