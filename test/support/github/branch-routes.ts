import { notFound, ok } from './answer.ts';
import type { Json } from './json.ts';
import { cut } from './page.ts';
import { repositoryUrl } from './repository-json.ts';
import type { Routes } from './route.ts';
import type { BranchRule } from './world.ts';

/** What is asked before a pull request may be merged into the base; other branches are free. */
export const branchRoutes: Routes = {
  'GET /repos/{owner}/{repo}/rules/branches/{branch}': {
    needs: ['metadata=read'],
    answer: (call) => {
      const { world, params } = call;
      const { items, headers } = cut(call, params['branch'] === world.base ? world.rules : []);
      const rules: Json = items.map(ruleJson);
      return ok(rules, headers);
    },
  },
  'GET /repos/{owner}/{repo}/branches/{branch}/protection/required_status_checks': {
    needs: ['administration=read'],
    answer: ({ world, params }) => {
      if (params['branch'] !== world.base || world.statusChecks === undefined) return notFound('Branch not protected');
      const { strict, contexts } = world.statusChecks;
      const url = `${repositoryUrl(world)}/branches/${world.base}/protection/required_status_checks`;
      const checks = contexts.map((context) => ({ context, app_id: null }));
      return ok({ url, contexts_url: `${url}/contexts`, strict, contexts: [...contexts], checks });
    },
  },
};

function ruleJson(rule: BranchRule): Json {
  const ruleset = { ruleset_source_type: 'Repository', ruleset_source: 'acme/gitops', ruleset_id: 42 } as const;
  if (rule.type !== 'required_status_checks') return { type: rule.type, ...ruleset };
  const parameters = {
    strict_required_status_checks_policy: rule.strict,
    required_status_checks: rule.contexts.map((context) => ({ context })),
  };
  return { type: rule.type, parameters, ...ruleset };
}
