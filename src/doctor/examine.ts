import { exitCode, exitCodeOf, toProblem } from '../model/error.ts';
import { checkStop } from '../model/halt.ts';
import { type CommonFlags, type Io, logOf } from '../run/io.ts';
import { openWorkspace, type Workspace } from '../run/workspace.ts';
import { checkClusters } from './clusters.ts';
import { openContext } from './context.ts';
import { type Finding, failed, findingsOf, hasError, ok, skipped } from './finding.ts';
import { checkForge } from './forge.ts';
import { checkGitOps } from './gitops.ts';
import { checkIdentity } from './identity.ts';
import { checkKustomizations } from './kustomize.ts';
import { checkMirrors } from './mirrors.ts';
import { checkSettings } from './settings.ts';
import { checkZms } from './zms.ts';

interface Examined {
  readonly findings: readonly Finding[];
  readonly code: number;
}

/** Looks at everything, one thing after another; what could not be looked at is a finding too. @throws AppError `CANCELLED` */
export async function examine(io: Io, flags: CommonFlags): Promise<Examined> {
  let workspace: Workspace;
  try {
    workspace = await openWorkspace(io, flags);
  } catch (thrown) {
    const code = exitCodeOf(toProblem(thrown).code);
    const others = ['identity', 'zms', 'git', 'forge'].map((check) => skipped(check, 'fix the config first'));
    return { findings: [failed('config', thrown), ...others], code };
  }
  const findings = [ok('config', workspace.config.file), ...(await examineAll(io, flags, workspace))];
  checkStop(io.stop(), 'checking');
  return { findings, code: hasError(findings) ? exitCode.failure : exitCode.done };
}

async function examineAll(io: Io, flags: CommonFlags, workspace: Workspace): Promise<readonly Finding[]> {
  const { context, findings } = await openContext(io, workspace);
  const identity = await findingsOf('identity', () => checkIdentity(context));
  return [
    ...findings,
    ...(await findingsOf('settings', () => checkSettings(context))),
    ...(await findingsOf('kustomize', () => checkKustomizations(context))),
    ...(await findingsOf('gitops', () => checkGitOps(context))),
    ...identity,
    ...(hasError(identity)
      ? [skipped('zms', 'fix the certificate, key and CA first')]
      : await findingsOf('zms', () => checkZms(context))),
    ...(await findingsOf('forge', () => checkForge(context, logOf(io, flags).warn))),
    ...(await findingsOf('clusters', () => checkClusters(context, flags))),
    ...(await findingsOf('mirrors', () => checkMirrors(context, flags))),
  ];
}
