import { z } from 'zod';
import type { Session } from './session.ts';
import { succeeded } from './status.ts';
import { parseJson } from './wire.ts';

const accessSchema = z.object({ granted: z.boolean() });

/**
 * Asks ZMS whether the identity of a session may do something, and does not do it.
 *
 * That it may is recorded (1.12.44). That it may not is 200 as well, by ZMS' source: it decides as before a write.
 *
 * @param action such as `create` or `update`
 * @param resource such as `acme.eks:domain`
 * @throws AppError `ZMS_…`
 */
export function isGranted(session: Session, action: string, resource: string): Promise<boolean> {
  const what = `whether this identity may ${action} ${resource}`;
  return session.read(`/access/${action}/${resource}`, (answer) => {
    return parseJson(accessSchema, succeeded(answer, `asking ${what}`), what).granted;
  });
}
