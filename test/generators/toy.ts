import { z } from 'zod';
import { plainLimits } from '../../src/core/budget.ts';
import type { Generator, Setting } from '../../src/core/generator.ts';
import { plainWords } from '../../src/core/plain-words.ts';
import { layoutTerritory } from '../../src/core/territory.ts';
import { type UnitId, unitKey } from '../../src/core/unit.ts';
import { decideWhole } from '../../src/core/whole.ts';
import { AppError } from '../../src/model/error.ts';
import { namespacesIn } from '../../src/model/inventory.ts';
import { compileLayout } from '../../src/model/layout.ts';
import { headerLine } from '../../src/model/manifest.ts';
import { blobId } from '../../src/model/tree.ts';

type Config = { readonly folder: string; readonly motto: string };
const nouns = { source: 'the motto', unit: 'namespace', part: 'object', weight: 'object', subject: 'object' };

/** One ConfigMap a namespace, with the text of a file of the repository: the smallest generator that does everything. */
export const toy: Generator<Config, null, null, null> = {
  name: 'toy',
  schema: z.strictObject({ folder: z.string(), motto: z.string() }),
  territory: (setting) => layoutTerritory(layoutOf(setting), setting.clusters, setting),
  async open({ inventory, tree, world, ...setting }) {
    const { config, inRoot } = setting;
    const [motto] = (await tree.read(await tree.list([inRoot(config.motto)]))).values();
    if (motto === undefined) throw new AppError('INVENTORY_UNREADABLE', `reading ${config.motto}: it does not exist`);
    const units = namespacesIn(inventory);
    const render = ({ cluster, namespace = '' }: UnitId) => {
      const data = `data: {motto: ${JSON.stringify(Buffer.from(motto).toString())}}`;
      const metadata = `metadata: {name: motto, namespace: ${namespace}}`;
      const text = `${headerLine}\napiVersion: v1\nkind: ConfigMap\n${metadata}\n${data}\n`;
      const path = layoutOf(setting).pathOf({ cluster, namespace, role: '' });
      const rendered = { text, oid: blobId(text, tree.objectFormat) };
      return { unit: { cluster, namespace }, files: [{ path, rendered }], weight: 1, state: null };
    };
    const at = new Date(world.clock.now()).toISOString();
    return {
      ...{ asOf: at, at, sources: [], close: async () => {} },
      isDesired: (id) => units.some((it) => unitKey(it) === unitKey(id)),
      unit: render,
      compare: (differing) => decideWhole(differing, null),
      desired: () => units.map(render),
    };
  },
  parse(_, content) {
    const text = Buffer.from(content).toString();
    const namespace = /^metadata: .* namespace: ([a-z0-9-]+)}$/m.exec(text)?.[1];
    if (!text.startsWith(headerLine)) return { kind: 'foreign' };
    if (namespace === undefined) return { kind: 'unparsable', reason: 'it has no namespace' };
    return { kind: 'rendered', state: null, unit: { namespace } };
  },
  limits: () => plainLimits('object', { percent: 25, floor: 1 }),
  words: plainWords(nouns, () => ({ part: 'motto', who: 'ConfigMap', why: 'it says so' })),
};

function layoutOf({ config, inRoot }: Setting<Config>) {
  return compileLayout(inRoot(`${config.folder}/{cluster}/{namespace}.yaml`));
}
