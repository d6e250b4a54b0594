import { objectsOf } from '../fleet.ts';
import { writeEach } from './write.ts';

// The floor: the same objects through JSON.stringify, into a file a namespace.

const [amount = '', dir = ''] = process.argv.slice(2);
const textOf = (at: number) => objectsOf(at).map((object) => JSON.stringify(object));
writeEach(Number(amount), dir, 'rbac.json', (at) => textOf(at).join('\n'));
