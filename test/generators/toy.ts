import { z } from 'zod';
import { plainLimits } from '../../src/core/budget.ts';
import type { Desired } from '../../src/core/decision.ts';
import type { Generator, Setting } from '../../src/core/generator.ts';
import { plainWords } from '../../src/core/plain-words.ts';
import { layoutTerritory } from '../../src/core/territory.ts';
import { type UnitId, unitKey } from '../../src/core/unit.ts';
import { decideFilesOnly, decideWhole } from '../../src/core/whole.ts';
import { AppError } from '../../src/model/error.ts';
import { namespacesIn } from '../../src/model/inventory.ts';
import { compileLayout } from '../../src/model/layout.ts';
import { headerLine } from '../../src/model/manifest.ts';
import { blobId } from '../../src/model/tree.ts';

type Config = {
  readonly folder: string;
  readonly motto: string;
  readonly adopt: boolean;
  readonly covers?: string | undefined;
};
const nouns = { source: 'the motto', unit: 'namespace', part: 'object', weight: 'object', subject: 'namespace' };

const cover = `${headerLine}\n# All mottos of the cluster.\n`;

/**
 * One ConfigMap a namespace, with the text of a file of the repository, and a cover for each cluster: the smallest generator that does
 * everything.
 */
export const toy: Generator<Config, null, null, string> = {
  name: 'toy',
  schema: z.strictObject({
    folder: z.string(),
    motto: z.string(),
    adopt: z.boolean().default(false),
    covers: z.string().optional(),
  }),
  territory: (setting) => layoutTerritory(layoutOf(setting), setting.clusters, setting),
  direct: ({ config: { covers } }) =>
    covers === undefined ? undefined : { branch: covers, takes: (path) => path.endsWith('/cover.yaml') },
  async open({ inventory, tree, world, ...setting }) {
    const { config, inRoot } = setting;
    const [motto] = (await tree.read(await tree.list([inRoot(config.motto)]))).values();
    if (motto === undefined) throw new AppError('INVENTORY_UNREADABLE', `reading ${config.motto}: it does not exist`);
    const units: readonly UnitId[] = [...inventory.map(({ cluster }) => ({ cluster })), ...namespacesIn(inventory)];
    const fileOf = (cluster: string, name: string, text: string) => {
      const path = layoutOf(setting).pathOf({ cluster, namespace: name, role: '' });
      return { path, rendered: { text, oid: blobId(text, tree.objectFormat) } };
    };
    const render = ({ cluster, namespace }: UnitId): Desired<null> => {
      if (namespace === undefined)
        return { unit: { cluster }, files: [fileOf(cluster, 'cover', cover)], weight: 0, uncounted: true, state: null };
      const data = `data: {motto: ${JSON.stringify(Buffer.from(motto).toString())}}`;
      const metadata = `metadata: {name: motto, namespace: ${namespace}}`;
      const text = `${headerLine}\napiVersion: v1\nkind: ConfigMap\n${metadata}\n${data}\n`;
      const adopts = config.adopt ? { adopts: true as const } : {};
      return {
        unit: { cluster, namespace },
        files: [fileOf(cluster, namespace, text)],
        weight: 1,
        ...adopts,
        state: null,
      };
    };
    const at = new Date(world.clock.now()).toISOString();
    return {
      ...{ asOf: at, at, sources: [], close: async () => {} },
      isDesired: (id) => units.some((it) => unitKey(it) === unitKey(id)),
      unit: render,
      compare: (differing) => {
        const { namespace } = differing.unit;
        return namespace === undefined ? decideFilesOnly(differing) : decideWhole(differing, namespace);
      },
      desired: () => units.map(render),
    };
  },
  parse(_, content) {
    const text = Buffer.from(content).toString();
    const namespace = /^metadata: .* namespace: ([a-z0-9-]+)}$/m.exec(text)?.[1];
    const unit = namespace === undefined ? {} : { unit: { namespace } };
    if (!text.startsWith(headerLine)) return { kind: 'foreign', ...unit };
    if (text === cover) return { kind: 'rendered', state: null, unit: {} };
    if (namespace === undefined) return { kind: 'unparsable', reason: 'it has no namespace' };
    return { kind: 'rendered', state: null, unit: { namespace } };
  },
  limits: () => plainLimits('object', { percent: 25, floor: 1 }),
  words: {
    ...plainWords(nouns, (namespace) => ({ part: 'motto', who: namespace, why: 'it says so' })),
    heading: () => 'ConfigMap',
  },
};

function layoutOf({ config, inRoot }: Setting<Config>) {
  return compileLayout(inRoot(`${config.folder}/{cluster}/{namespace}.yaml`));
}
