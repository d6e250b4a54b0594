import { styleText } from 'node:util';
import { AppError, exitCode, exitCodeOf } from '../model/error.ts';
import { toJson } from '../report/json.ts';
import { visible } from '../report/visible.ts';
import { count } from '../report/words.ts';
import { type CommonFlags, type Io, logOf, useColor } from '../run/io.ts';
import { openWorkspace, type Workspace } from '../run/workspace.ts';
import { checkClusters } from './checks/clusters.ts';
import { openContext } from './checks/context.ts';
import { attempt, type Finding, failed, hasError, ok, skipped } from './checks/finding.ts';
import { checkForge } from './checks/forge.ts';
import { checkIdentity } from './checks/identity.ts';
import { checkKustomizations } from './checks/kustomize.ts';
import { checkSettings } from './checks/settings.ts';
import { checkZms } from './checks/zms.ts';

/**
 * `doctor`: looks at everything a run depends on, and says what is wrong and what to do about it. Writes nothing.
 *
 * @returns the exit code: 1 with an error, 2 when the config itself is wrong
 */
export async function runDoctor(io: Io, flags: CommonFlags): Promise<number> {
  const { findings, code } = await examine(io, flags);
  if (flags.json) io.out(toJson({ format: 'athenz-gitops doctor 1', exitCode: code, findings }));
  else printFindings(io, flags, findings);
  return code;
}

interface Examined {
  readonly findings: readonly Finding[];
  readonly code: number;
}

async function examine(io: Io, flags: CommonFlags): Promise<Examined> {
  let workspace: Workspace;
  try {
    workspace = await openWorkspace(io, flags);
  } catch (thrown) {
    const code = thrown instanceof AppError ? exitCodeOf(thrown.code) : exitCode.failure;
    const others = ['identity', 'zms', 'git', 'forge'].map((check) =>
      skipped(check, 'the config has to be right first'),
    );
    return { findings: [failed('config', thrown), ...others], code };
  }
  const findings = [ok('config', workspace.config.file), ...(await examineAll(io, flags, workspace))];
  return { findings, code: hasError(findings) ? exitCode.failure : exitCode.done };
}

async function examineAll(io: Io, flags: CommonFlags, workspace: Workspace): Promise<readonly Finding[]> {
  const { context, findings } = await openContext(io, workspace);
  const identity = await attempt('identity', () => checkIdentity(context));
  return [
    ...findings,
    ...(await attempt('settings', () => checkSettings(context))),
    ...(await attempt('kustomize', () => checkKustomizations(context))),
    ...identity,
    ...(hasError(identity)
      ? [skipped('zms', 'the certificate, key and CA have to be right first')]
      : await attempt('zms', () => checkZms(context))),
    ...(await attempt('forge', () => checkForge(context, logOf(io, flags).warn))),
    ...(await attempt('clusters', () => checkClusters(context, flags))),
  ];
}

const colors = { ok: 'green', warning: 'yellow', error: 'red', skipped: 'dim' } as const;

function printFindings(io: Io, flags: CommonFlags, findings: readonly Finding[]): void {
  const shown = flags.quiet ? findings.filter(({ status }) => status === 'error') : findings;
  const width = Math.max(0, ...shown.map(({ check }) => check.length));
  const margin = ' '.repeat('warning'.length + width + 4);
  const show = (text: string) => visible(text, 1000);
  for (const { status, check, message, details = [], fix } of shown) {
    const plain = status.padEnd('warning'.length);
    const head = useColor(io) ? styleText(colors[status], plain, { validateStream: false }) : plain;
    const more = [...details.map(show), ...(fix === undefined ? [] : [`→ ${show(fix)}`])];
    io.out(
      `${[`${head}  ${check.padEnd(width)}  ${show(message)}`, ...more.map((line) => margin + line)].join('\n')}\n`,
    );
  }
  if (flags.quiet) return;
  const of = (wanted: Finding['status']) => findings.filter(({ status }) => status === wanted).length;
  const [errors, warnings] = [of('error'), of('warning')];
  const sum = `${count(errors, 'error')}, ${count(warnings, 'warning')}`;
  io.out(`\n${errors + warnings === 0 ? 'Everything is in order.' : `${sum}.`}\n`);
}
