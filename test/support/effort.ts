/**
 * How often a property or a kill is tried: `runs` in `npm test`, and `ATHENZ_GITOPS_EFFORT` times as often where that is
 * set, as by `npm run test:long`.
 */
export function effort(runs: number): number {
  const factor = Number(process.env['ATHENZ_GITOPS_EFFORT'] ?? 1);
  return Math.max(1, Math.round(runs * factor));
}
