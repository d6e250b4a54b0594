import { z } from 'zod';
import { noContent, zmsError } from './answer.ts';
import { policiesOf, withPolicy } from './policies.ts';
import { unaudited, type Write } from './write.ts';

const body = z.object({
  name: z.string(),
  assertions: z.array(
    z.object({
      role: z.string(),
      resource: z.string(),
      action: z.string(),
      effect: z.enum(['ALLOW', 'DENY']).nullish(),
    }),
  ),
});

/** `PUT /domain/D/policy/P`: the policy has these assertions afterwards, and no others. */
export const putPolicy: Write<z.infer<typeof body>> = {
  names: ['DomainName', 'EntityName'],
  body,
  needs: (domain, short) => ['update', `${domain}:policy.${short}`],
  carryOut: (desk, call, { name: stated, assertions }, domain = '', short = '') => {
    const entry = desk.store.get(domain);
    if (entry === undefined) return zmsError(404, `No such domain: ${domain}`);
    if (short === 'admin') return zmsError(400, 'putPolicy: admin policy cannot be modified');
    const full = `${domain}:policy.${short}`;
    const actual = stated.toLowerCase();
    if (actual !== full && actual !== short)
      return zmsError(400, `putPolicy: Inconsistent policy names - expected: ${full}, actual: ${actual}`);
    const refused = unaudited(desk, call, 'putpolicy', domain);
    if (refused !== undefined) return refused;
    const written = assertions.map(({ role, resource, action, effect }) => ({
      role: role.toLowerCase(),
      resource: resource.toLowerCase(),
      action: action.toLowerCase(),
      effect: effect ?? ('ALLOW' as const),
    }));
    desk.store.put(domain, withPolicy(entry.domain, short, written));
    return noContent;
  },
};

/** `DELETE /domain/D/policy/P` */
export const deletePolicy: Write<undefined> = {
  names: ['DomainName', 'EntityName'],
  needs: (domain, short) => ['delete', `${domain}:policy.${short}`],
  carryOut: (desk, call, _, domain = '', short = '') => {
    const entry = desk.store.get(domain);
    if (short === 'admin') return zmsError(400, 'deletePolicy: admin policy cannot be deleted');
    if (entry === undefined || !policiesOf(entry).has(short)) return zmsError(404, 'Policy does not exist');
    const refused = unaudited(desk, call, 'deletepolicy', domain);
    if (refused !== undefined) return refused;
    desk.store.put(domain, withPolicy(entry.domain, short, undefined));
    return noContent;
  },
};
