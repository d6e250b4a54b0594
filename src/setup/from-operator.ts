import { readFile } from 'node:fs/promises';
import { dirname, join, resolve, sep } from 'node:path';
import { convertOperatorConfig } from '../config/convert.ts';
import { parseOperatorConfig } from '../config/operator.ts';
import { AppError, reasonOfFile } from '../model/error.ts';
import type { Io } from '../run/io.ts';
import { type Answers, defaultCluster, defaultNamespaces, flagOf } from './answers.ts';
import type { Defaults } from './defaults.ts';
import { type Answered, refuseMissing } from './from-answers.ts';
import { missingForGitHub } from './github.ts';
import { seenFrom, toPaths } from './to-config.ts';

/** The config that an operator's config comes to. @throws AppError `USAGE`, `CONFIG_…` */
export async function fromOperator(
  io: Io,
  flags: Answers & { readonly from?: string },
  file: string,
  defaults: Defaults,
): Promise<Answered> {
  const { from = '', cluster = defaultCluster } = flags;
  const said = (['domain', 'role'] as const).filter((name) => flags[name] !== undefined).map((name) => flagOf[name]);
  if (said.length > 0) {
    throw new AppError('USAGE', `${said.join(' and ')} cannot be used with --from, whose file sets that`, {
      next: 'use one of them, then edit the config',
    });
  }
  refuseMissing(missingForGitHub(flags, defaults).map((name) => flagOf[name]));
  const source = resolve(io.cwd, from);
  const operator = parseOperatorConfig(await readSource(source, from), from);
  const seen = seenFrom(dirname(file), io.cwd);
  const converted = convertOperatorConfig(operator, {
    cluster,
    namespaceFiles: flags.namespaces?.map(seen.glob) ?? [defaultNamespaces(cluster)],
    pathOf: seenFrom(dirname(file), operatorFolder(source)).path,
    athenz: { ...(flags.zmsUrl === undefined ? {} : { zmsUrl: flags.zmsUrl }), ...toPaths(flags, seen) },
  });
  return { ...converted, answers: flags };
}

async function readSource(source: string, from: string): Promise<string> {
  try {
    return await readFile(source, 'utf8');
  } catch (error) {
    throw new AppError('CONFIG_NOT_FOUND', `reading the operator's config ${from}: ${reasonOfFile(error)}`, {
      next: 'give its path with --from FILE',
      cause: error,
    });
  }
}

/** Where the operator ran: it looked for `config.yaml` there, earlier versions for `internal/config/config.yaml`. */
function operatorFolder(source: string): string {
  const folder = dirname(source);
  return folder.endsWith(`${sep}${join('internal', 'config')}`) ? resolve(folder, '..', '..') : folder;
}
