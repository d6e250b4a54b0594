import type { RbacResult } from '../../src/generators/rbac/result.ts';
import type { SkippedNamespaces } from '../../src/model/inventory.ts';
import type { RunResult as AnyResult } from '../../src/report/result.ts';

/** The plan in the JSON of a run. */
export type ResultPlan = RbacResult & { readonly skippedNamespaces: readonly SkippedNamespaces[] };

/** The JSON of a run. */
export type RunResult = AnyResult<ResultPlan>;
