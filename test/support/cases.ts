/** For each property of a case, some of the values it may have. */
export type Pattern<T> = { readonly [K in keyof T]?: readonly T[K][] };

/** Every combination of the values that each property may have. */
export function allCases<T extends object>(values: { readonly [K in keyof T]: readonly T[K][] }): readonly T[] {
  let cases: readonly Partial<T>[] = [{}];
  for (const [key, options] of Object.entries(values) as [keyof T, readonly T[keyof T][]][]) {
    cases = cases.flatMap((it) => options.map((option) => ({ ...it, [key]: option })));
  }
  return cases as readonly T[];
}

/** Whether a case has, of each property that the pattern names, one of its values. */
export function fits<T extends object>(it: T, pattern: Pattern<T>): boolean {
  return (Object.entries(pattern) as [keyof T, readonly T[keyof T][]][]).every(([key, options]) =>
    options.includes(it[key]),
  );
}
