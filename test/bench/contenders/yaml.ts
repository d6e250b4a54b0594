import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { folder, objectsOf } from '../fleet.ts';

// The same objects through the `yaml` package.

const [amount = '', dir = ''] = process.argv.slice(2);
for (let at = 0; at < Number(amount); at++) {
  const path = join(dir, folder(at));
  mkdirSync(path, { recursive: true });
  writeFileSync(
    join(path, 'rbac.yaml'),
    objectsOf(at)
      .map((object) => stringify(object))
      .join('---\n'),
  );
}
