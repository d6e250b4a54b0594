import { compareText } from '../../model/text.ts';
import type { ModuleInput } from './input.ts';

/** Which modules wait for others. */
export interface Dependencies {
  /** Modules that wait for themselves, each with the circle in words: `a → b → a`. */
  readonly cycles: ReadonlyMap<string, string>;
  /** How many modules in a row one waits for; 0 for one that waits for none. */
  depthOf(module: string): number;
  /** Whether all that one waits for, through others too, is known: its depth is another one otherwise. */
  isKnown(module: string): boolean;
}

type Node = Pick<ModuleInput, 'name' | 'dependsOn'>;

/** Modules of one name are held elsewhere; the first counts. */
export function dependenciesOf(modules: readonly Node[]): Dependencies {
  const sorted = modules.toSorted((a, b) => compareText(a.name, b.name));
  const next = new Map(sorted.map(({ name, dependsOn }) => [name, [...new Set(dependsOn)].sort(compareText)]));
  const depths = new Map<string, number>();
  const cycles = new Map<string, string>();
  for (const { name } of sorted) {
    const path = pathTo(name, next);
    if (path !== undefined) cycles.set(name, path.join(' → '));
  }
  const depthOf = (module: string): number => {
    const known = depths.get(module);
    if (known !== undefined) return known;
    // What waits for itself is never rendered.
    depths.set(module, 0);
    const own = (next.get(module) ?? []).filter((it) => !cycles.has(it)).map((it) => depthOf(it) + 1);
    const depth = Math.max(0, ...own);
    depths.set(module, depth);
    return depth;
  };
  const isKnown = (module: string, seen = new Set<string>()): boolean => {
    if (seen.has(module)) return true;
    seen.add(module);
    return next.get(module)?.every((it) => isKnown(it, seen)) ?? false;
  };
  return { cycles, depthOf, isKnown: (module) => isKnown(module) };
}

/** The shortest way from a module back to itself, both ends with it; undefined where there is none. */
function pathTo(module: string, next: ReadonlyMap<string, readonly string[]>): readonly string[] | undefined {
  const from = new Map<string, string>();
  const queue = [module];
  for (const at of queue) {
    for (const to of next.get(at) ?? []) {
      if (to === module) {
        const way = [at];
        for (let step = from.get(at); step !== undefined; step = from.get(step)) way.unshift(step);
        return [...way, module];
      }
      if (from.has(to)) continue;
      from.set(to, at);
      queue.push(to);
    }
  }
  return undefined;
}
