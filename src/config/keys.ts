import type { z } from 'zod';
import type { IssuePath } from './issues.ts';

/** Gives the keys that may stand at a path of what a schema describes, for suggestions. */
export function keysOf(root: z.ZodType): (path: IssuePath) => readonly string[] {
  return (path) => {
    let schema: unknown = root;
    for (const part of path) schema = step(unwrap(schema), part);
    const shape = (unwrap(schema) as { readonly shape?: object }).shape;
    return Object.keys(shape ?? {}).filter((key) => key !== '$schema');
  };
}

interface ZodLike {
  readonly def?: { readonly innerType?: unknown; readonly in?: unknown };
  readonly shape?: Readonly<Record<string, unknown>>;
  readonly element?: unknown;
}

function unwrap(schema: unknown): unknown {
  const def = (schema as ZodLike | undefined)?.def;
  const inner = def?.innerType ?? def?.in;
  return inner === undefined ? (schema ?? {}) : unwrap(inner);
}

function step(schema: unknown, part: string | number): unknown {
  return typeof part === 'number' ? (schema as ZodLike).element : (schema as ZodLike).shape?.[part];
}
