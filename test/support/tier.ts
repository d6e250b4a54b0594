/*
 * The tests of `test/chaos` and the property tests run in two tiers: `npm test` takes a sample that has each kind of fault,
 * kill and race once, `npm run test:chaos` takes all of them and tries properties many times.
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
 * Shares cases out: in `npm test` the `at`-th of `of` tests takes every `of`-th case, so that together they take each case
 * once; in the chaos tier each test takes all.
 */
export function shareOf<T>(cases: readonly T[], at: number, of: number): readonly T[] {
  return isChaos ? cases : cases.filter((_, index) => index % of === at % of);
}
