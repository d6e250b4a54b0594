import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createProgram } from '../../src/commands/program.ts';
import { maxYamlBytes, parseYamlStream } from '../../src/model/yaml.ts';
import type { Io } from '../../src/run/io.ts';
import { projectRoot } from './generated.ts';
import type { Pod } from './pod-security.ts';

/** The folder of the manifests. */
export const deployFolder = join(projectRoot, 'deploy');

/** An object of a manifest. */
export interface KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly [key: string]: unknown;
}

/** The objects of a text, as the parser of Kubernetes reads it. */
export function objectsOf(text: string): readonly KubeObject[] {
  return parseYamlStream(text, { maxBytes: maxYamlBytes.manifests, version: '1.1' }).map(
    ({ value }) => value as KubeObject,
  );
}

/** Files of manifests, without the config of the program. */
export async function manifestFiles(): Promise<readonly string[]> {
  const names = await readdir(deployFolder);
  return names.filter((name) => name.endsWith('.yaml') && !/^(kustomization|athenz-gitops)\.yaml$/.test(name)).sort();
}

/** What starts pods: a Deployment, or a CronJob by its jobs. */
interface Starter {
  readonly spec: { readonly template?: { readonly spec: Pod }; readonly jobTemplate?: Starter };
}

/** The pods that objects start. */
export function podsOf(objects: readonly KubeObject[]): readonly Pod[] {
  return objects
    .filter(({ kind }) => kind === 'Deployment' || kind === 'CronJob')
    .flatMap((it) => {
      const { spec } = it as unknown as Starter;
      const { template } = spec.jobTemplate?.spec ?? spec;
      return template === undefined ? [] : [template.spec];
    });
}

/** Reads a command line as the program does, and gives its flags. @throws what the program says of a wrong one */
export async function flagsOf([name = '', ...args]: readonly string[]): Promise<Readonly<Record<string, unknown>>> {
  const said: string[] = [];
  const say = (text: string) => void said.push(text);
  const clock = { now: () => 0, sleep: async () => {} };
  const io: Partial<Io> = { out: say, err: say, env: {}, cwd: '/', clock, runId: 'test' };
  const program = createProgram(io as Io, { code: 0 }, say);
  let flags: Readonly<Record<string, unknown>> | undefined;
  program.commands
    .find((it) => it.name() === name)
    ?.action((given) => {
      flags = given;
    });
  await program.parseAsync([name, ...args], { from: 'user' });
  if (flags === undefined) throw new Error(`no command ${name}: ${said.join('')}`);
  return flags;
}
