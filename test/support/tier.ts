import { test } from 'node:test';

/*
 * Some tests run in two tiers: `npm test` takes a sample that has each kind of fault, kill and race and each rule once,
 * `npm run test:chaos` takes all of them and tries properties many times.
 */

/** Whether every case is run. */
export const isChaos = process.env['ATHENZ_GITOPS_TIER'] === 'chaos';

/** The same seed gives the same cases; a failing test names it. */
export const seed = Number(process.env['ATHENZ_GITOPS_SEED'] ?? 2026);

/** The distance between the steps that are tried: `step` in `npm test`, 1 in the chaos tier. */
export function every(step: number): number {
  return isChaos ? 1 : step;
}

/**
 * The steps of a run that are tried: in `npm test` so many, spread evenly; in the chaos tier all of them and one more, at which
 * nothing happens.
 */
export function spread(count: number, some: number): readonly number[] {
  if (isChaos) return Array.from({ length: count + 1 }, (_, index) => index + 1);
  return Array.from({ length: some }, (_, index) => Math.ceil(((index + 0.5) * count) / some));
}

/** The steps of a run whose number is not known: in the chaos tier all, until a run has no such step; else those given. */
export function stepsOr(some: readonly number[]): readonly number[] {
  return isChaos ? Array.from({ length: 1000 }, (_, index) => index + 1) : some;
}

/**
 * Shares cases out: in `npm test` the `at`-th of `of` tests takes every `of`-th case, so that together they take each case
 * once; in the chaos tier each test takes all.
 */
export function shareOf<T>(cases: readonly T[], at: number, of: number): readonly T[] {
  return isChaos ? cases : cases.filter((_, index) => index % of === at % of);
}

/** The cases of a table that `npm test` takes, by the names they begin with; the chaos tier takes all. */
export function sampleOf<T extends readonly [name: string, ...rest: readonly unknown[]]>(
  cases: readonly T[],
  names: readonly string[],
): readonly T[] {
  const unknown = names.filter((name) => !cases.some(([first]) => first === name));
  if (unknown.length > 0) throw new Error(`no case is called ${unknown.join(', ')}`);
  return isChaos ? cases : cases.filter(([name]) => names.includes(name));
}

/** Adds a test to the chaos tier alone: one more case of a rule that another test has in `npm test`. */
export function testInChaos(name: string, run: () => Promise<void>): void {
  if (isChaos) test(name, run);
}
