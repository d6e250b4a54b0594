import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeChart } from './chart.ts';
import { writeConfig, writeSnapshot } from './fleet.ts';
import type { Command } from './measure.ts';
import type { Packages } from './packages.ts';
import { bin } from './program.ts';

/** One line of a table: the same work in one way. */
export interface Contender {
  readonly name: string;
  readonly command: Command;
  /** Makes things as they have to be before a run. */
  before?(): Promise<unknown>;
}

/** A script of `contenders/`, with the Node that runs this. */
export function script(name: string, cwd: string, ...args: readonly string[]): Command {
  const file = fileURLToPath(new URL(`./contenders/${name}.ts`, import.meta.url));
  return { program: process.execPath, args: [file, ...args], cwd };
}

/** Rendering the objects of a fleet, in all ways there are. @param dir an empty folder */
export async function renderers(
  dir: string,
  amount: number,
  packages: Packages | undefined,
): Promise<readonly Contender[]> {
  await writeConfig(dir, amount, { zmsUrl: 'https://localhost:1/zms/v1', certPath: 'c', keyPath: 'k' });
  await writeSnapshot(join(dir, 'snapshot.jsonl'), amount);
  const out = (name: string) => join(dir, name);
  const fresh = (name: string) => () => rm(out(name), { recursive: true, force: true });
  const own: Command = {
    program: process.execPath,
    args: [bin, 'render', '--snapshot', 'snapshot.jsonl', '--quiet'],
    cwd: dir,
  };
  const scripted = (name: string, title: string, ...args: readonly string[]): Contender => ({
    name: title,
    command: script(name, dir, `${amount}`, out(name), ...args),
    before: fresh(name),
  });
  const contenders: Contender[] = [
    scripted('json', 'JSON.stringify'),
    scripted('strings', 'prebuilt strings'),
    { name: 'athenz-gitops render, cold', command: own, before: fresh('output') },
    { name: 'athenz-gitops render, again', command: own },
    scripted('yaml', 'yaml package'),
  ];
  if (packages === undefined) return contenders;
  await writeChart(out('chart'), amount);
  const helm = { program: packages.helm, args: ['template', 'fleet', 'chart', '--values', 'chart.json'], cwd: dir };
  return [...contenders, { name: 'helm template', command: helm }, scripted('cdk8s', 'cdk8s', packages.dir)];
}
