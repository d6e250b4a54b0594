import { stringify } from 'yaml';
import { objectsOf } from '../fleet.ts';
import { writeEach } from './write.ts';

// The same objects through the `yaml` package.

const [amount = '', dir = ''] = process.argv.slice(2);
const textOf = (at: number) => objectsOf(at).map((object) => stringify(object));
writeEach(Number(amount), dir, 'rbac.yaml', (at) => textOf(at).join('---\n'));
