import { readFile } from 'node:fs/promises';
import { basename, dirname, join, resolve, sep } from 'node:path';
import { type Converted, convertOperatorConfig } from '../config/convert.ts';
import { parseConfig } from '../config/load.ts';
import { parseOperatorConfig } from '../config/operator.ts';
import type { ConfigInput } from '../config/schema.ts';
import { configText } from '../config/text.ts';
import { AppError, exitCode, reasonOf } from '../model/error.ts';
import { visible } from '../report/visible.ts';
import type { Io } from '../run/io.ts';
import { openWorkspace } from '../run/workspace.ts';
import {
  type Answers,
  checkFlags,
  defaultCluster,
  defaultNamespaces,
  flagOf,
  missing,
  seenFrom,
  toConfig,
  toPaths,
} from './answers.ts';
import { type Advice, otherBase, refuseExisting, writeConfig } from './config-file.ts';
import { describeConfig } from './init-report.ts';
import { askFor, canAsk } from './questions.ts';

export interface InitFlags extends Answers {
  readonly config: string;
  readonly from?: string;
  readonly force?: boolean;
  readonly quiet?: boolean;
}

const advice: Advice = {
  existing: 'edit it, choose another path with --config FILE, or replace it with --force',
  unwritable: 'correct that, or choose another path with --config FILE',
};

/**
 * `init`: writes a config from flags, from answers at the terminal or from an operator's config; never over one that is
 * there.
 *
 * @returns the exit code
 * @throws AppError `USAGE` for a file that exists and for flags that are missing or wrong, `CONFIG_…` for an operator's
 *   config that cannot be converted, `CANCELLED`, `OUTPUT_WRITE`
 */
export async function runInit(io: Io, flags: InitFlags): Promise<number> {
  const file = resolve(io.cwd, flags.config);
  if (!flags.force) await refuseExisting(file, flags.config, advice);
  checkFlags(flags);
  const made = flags.from === undefined ? await fromAnswers(io, flags, file) : await fromOperator(io, flags, file);
  const config = withForge(made.config, flags.forge, await otherBase(dirname(file), io.env));
  const text = configText(config, headingOf(flags));
  // What is written must load; what is wrong with it is said in the words of the config.
  parseConfig(text, flags.config);
  const workspace = await writeConfig(file, text, { ...flags, advice }, (temporary) =>
    openWorkspace(io, { config: temporary, logLevel: 'error' }),
  );
  if (!flags.quiet) io.out(await describeConfig(io, flags, workspace, made));
  return exitCode.done;
}

async function fromAnswers(io: Io, flags: InitFlags, file: string): Promise<Converted> {
  const seen = seenFrom(dirname(file), io.cwd);
  const answers = canAsk(io) ? await askFor(io, flags, seenFrom(io.cwd, dirname(file)).path) : flags;
  const lacking = missing(answers).map((name) => flagOf[name]);
  if (lacking.length > 0) {
    throw new AppError('USAGE', `writing a config without asking: missing ${lacking.join(', ')}`, {
      next: 'add what is missing, or run athenz-gitops init at a terminal to be asked',
    });
  }
  return { config: toConfig(answers, seen), lost: [], different: [] };
}

async function fromOperator(io: Io, flags: InitFlags & { from?: string }, file: string): Promise<Converted> {
  const { from = '', cluster = defaultCluster } = flags;
  const said = (['domain', 'role'] as const).filter((name) => flags[name] !== undefined).map((name) => flagOf[name]);
  if (said.length > 0) {
    throw new AppError('USAGE', `${said.join(' and ')} cannot go with --from, whose file says that`, {
      next: 'leave one of them out, and edit the config once it is written',
    });
  }
  const source = resolve(io.cwd, from);
  const operator = parseOperatorConfig(await readSource(source, from), from);
  const seen = seenFrom(dirname(file), io.cwd);
  return convertOperatorConfig(operator, {
    cluster,
    namespaceFiles: flags.namespaces?.map(seen.glob) ?? [defaultNamespaces(cluster)],
    pathOf: seenFrom(dirname(file), operatorFolder(source)).path,
    athenz: { ...(flags.zmsUrl === undefined ? {} : { zmsUrl: flags.zmsUrl }), ...toPaths(flags, seen) },
  });
}

async function readSource(source: string, from: string): Promise<string> {
  try {
    return await readFile(source, 'utf8');
  } catch (error) {
    throw new AppError('CONFIG_NOT_FOUND', `reading the operator's config ${from}: ${reasonOf(error)}`, {
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

/** A proposal is made for `main` in this repository unless the config says otherwise. */
function withForge(config: ConfigInput, kind: Answers['forge'], base: string | undefined): ConfigInput {
  if (kind === undefined && base === undefined) return config;
  return { ...config, forge: { ...(kind === undefined ? {} : { kind }), ...(base === undefined ? {} : { base }) } };
}

function headingOf({ from }: InitFlags): readonly string[] {
  const keys = 'Every key is described in docs/config.md of athenz-gitops; paths are relative to this file.';
  if (from === undefined) return ['Which Athenz roles become which access to Kubernetes.', keys];
  return [`Converted from ${visible(basename(from))} of an in-cluster operator, whose objects it renders.`, keys];
}
