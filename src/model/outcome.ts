import type { Problem } from './error.ts';

/**
 * How a read ended. Everything that decides access handles all three: only `absent` may remove access, and
 * `unknown` keeps what is there.
 */
export type Outcome<T> =
  | { readonly kind: 'value'; readonly value: T }
  | { readonly kind: 'absent' }
  | { readonly kind: 'unknown'; readonly problem: Problem };

/** Makes a `switch` over a closed union exhaustive: the compiler refuses a case that was forgotten. */
export function unreachable(never: never): never {
  throw new TypeError(`unhandled case: ${JSON.stringify(never)}`);
}
