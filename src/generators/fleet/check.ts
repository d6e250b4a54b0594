import type { FleetConfig } from './config.ts';
import type { Dependencies } from './dependencies.ts';
import type { ClusterInput, ModuleInput } from './input.ts';
import type { FleetProblem } from './problem.ts';
import { findSecret } from './secrets.ts';

/** What is wrong with a module on every cluster. */
export function moduleProblem(
  module: ModuleInput,
  { kind }: FleetConfig,
  { cycles }: Dependencies,
): FleetProblem | undefined {
  const { name, file = '', channels, values, valuesFrom } = module;
  const cycle = cycles.get(name);
  if (cycle !== undefined) {
    const message = `${name}: its dependsOn is a cycle: ${cycle}`;
    return { code: 'FLEET_DEPENDENCY', message, next: 'remove one of these dependencies' };
  }
  const wrong = wrongFor(kind, module);
  if (wrong !== undefined) return invalid(name, `${file}: ${wrong}`);
  if (valuesFrom.length > 0 && kind !== 'HelmRelease') return noReferences(name, kind);
  return (
    secretProblem(`module ${name}`, values) ??
    [...channels]
      .map(([channel, it]) => secretProblem(`module ${name}`, it.values, `channels.${channel}.values`))
      .find((it) => it !== undefined)
  );
}

function wrongFor(kind: FleetConfig['kind'], { origin }: ModuleInput): string | undefined {
  switch (kind) {
    case 'HelmRelease':
      return origin.kind === 'chart' ? undefined : 'a HelmRelease needs a chart';
    case 'Application':
      return origin.kind === 'helmComponent' ? 'an Application needs a chart or kustomize' : undefined;
    case 'HelmComponent':
      return undefined;
  }
}

/** @param of whose values they are, in words */
export function secretProblem(of: string, values: ClusterInput['values'], at = 'values'): FleetProblem | undefined {
  const path = findSecret(values);
  if (path === undefined) return undefined;
  const message = `${of}: ${at}.${path} looks like a secret: git would keep it in its history forever`;
  return {
    code: 'FLEET_SECRET',
    message,
    next: 'use valuesFrom, or the name of a Secret; rotate the value if it was pushed',
  };
}

/** Of a module whose kind has no such field. */
export function noReferences(module: string, kind: string): FleetProblem {
  const message = `${module}: ${kind} has no valuesFrom`;
  return {
    code: 'FLEET_INPUT_INVALID',
    message,
    next: 'use kind HelmRelease, or let the chart read an existing Secret',
  };
}

/** What is wrong with a document of a name. */
export function invalid(name: string, reason: string): FleetProblem {
  const next = 'correct it; until then what it is about stays as it is';
  return { code: 'FLEET_INPUT_INVALID', message: `${name}: ${reason}`, next };
}
