import { membersOf, namespaceAt, type RoleName, roleNames } from '../fleet.ts';
import { writeEach } from './write.ts';

// What cannot be undercut: texts put together by a function that knows these objects and no others.

const [amount = '', dir = ''] = process.argv.slice(2);
const group = 'rbac.authorization.k8s.io';
writeEach(Number(amount), dir, 'rbac.yaml', (at) => roleNames.map((role) => textOf(at, role)).join('---\n'));

function textOf(at: number, role: RoleName): string {
  const head = `apiVersion: ${group}/v1\nmetadata:\n  name: athenz-${role}\n  namespace: ${namespaceAt(at)}\n`;
  let subjects = '';
  for (const name of membersOf(at, role)) subjects += `  - apiGroup: ${group}\n    kind: User\n    name: ${name}\n`;
  const ref = `roleRef:\n  apiGroup: ${group}\n  kind: Role\n  name: athenz-${role}\n`;
  return `kind: Role\n${head}rules:\n  - {}\n---\nkind: RoleBinding\n${head}${ref}subjects:\n${subjects}`;
}
