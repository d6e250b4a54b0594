import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { folder, objectsOf } from '../fleet.ts';

// The floor: the same objects through JSON.stringify, into a file a namespace.

const [amount = '', dir = ''] = process.argv.slice(2);
for (let at = 0; at < Number(amount); at++) {
  const path = join(dir, folder(at));
  mkdirSync(path, { recursive: true });
  writeFileSync(
    join(path, 'rbac.json'),
    objectsOf(at)
      .map((object) => JSON.stringify(object))
      .join('\n'),
  );
}
