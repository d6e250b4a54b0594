import { decide } from './rbac.ts';
import type { ResourceAttributes } from './request-info.ts';
import { type Answer, badRequest, json, Refusal } from './status.ts';
import type { State } from './store.ts';

interface ReviewSpec {
  readonly user?: string;
  readonly groups?: readonly string[];
  readonly resourceAttributes?: Partial<ResourceAttributes>;
  readonly nonResourceAttributes?: { readonly path?: string; readonly verb?: string };
}

interface Review {
  readonly kind?: string;
  readonly apiVersion?: string;
  readonly spec?: ReviewSpec;
}

/** Answers a SubjectAccessReview. */
export function review(state: State, body: string): Answer {
  const { spec = {} } = read(body);
  check(spec);
  const { user = '', groups = [], resourceAttributes: resource, nonResourceAttributes: path } = spec;
  const attributes =
    resource === undefined
      ? { verb: path?.verb ?? '', path: path?.path ?? '' }
      : { verb: '', group: '', resource: '', subresource: '', namespace: '', name: '', ...resource };
  const { allowed, reason } = decide(state, { name: user, groups }, attributes);
  return json(201, {
    kind: 'SubjectAccessReview',
    apiVersion: 'authorization.k8s.io/v1',
    metadata: {},
    spec: {
      ...(resource === undefined ? {} : { resourceAttributes: withoutEmpty(resource) }),
      ...(path === undefined ? {} : { nonResourceAttributes: withoutEmpty(path) }),
      ...(user === '' ? {} : { user }),
      ...(groups.length === 0 ? {} : { groups }),
    },
    status: { allowed, ...(reason === '' ? {} : { reason }) },
  });
}

function read(body: string): Review {
  const unknown = 'the object provided is unrecognized (must be of type SubjectAccessReview)';
  try {
    const review = JSON.parse(body) as Review;
    const { kind = 'SubjectAccessReview' } = review;
    if (kind === 'SubjectAccessReview') return review;
    throw badRequest(
      `${kind} in version "v1" cannot be handled as a SubjectAccessReview: converting (v1.${kind}) to (authorization.SubjectAccessReview): unknown conversion`,
    );
  } catch (error) {
    if (error instanceof Refusal) throw error;
    throw badRequest(`${unknown}: couldn't get version/kind; json parse error: ${(error as Error).message}`);
  }
}

function check({ user = '', groups = [], resourceAttributes, nonResourceAttributes }: ReviewSpec): void {
  const wrong: { readonly field: string; readonly message: string }[] = [];
  if (resourceAttributes !== undefined && nonResourceAttributes !== undefined) {
    const { path: Path = '', verb: Verb = '' } = nonResourceAttributes;
    const message = `Invalid value: ${JSON.stringify({ Path, Verb })}: cannot be specified in combination with resourceAttributes`;
    wrong.push({ field: 'spec.nonResourceAttributes', message });
  }
  if (resourceAttributes === undefined && nonResourceAttributes === undefined) {
    const message = 'Invalid value: null: exactly one of nonResourceAttributes or resourceAttributes must be specified';
    wrong.push({ field: 'spec.resourceAttributes', message });
  }
  if (user === '' && groups.length === 0) {
    wrong.push({ field: 'spec.user', message: 'Invalid value: "": at least one of user or group must be specified' });
  }
  if (wrong.length === 0) return;
  const told = wrong.map(({ field, message }) => `${field}: ${message}`);
  throw new Refusal({
    code: 422,
    reason: 'Invalid',
    message: `.authorization.k8s.io "" is invalid: ${told.length === 1 ? told[0] : `[${told.join(', ')}]`}`,
    details: {
      group: 'authorization.k8s.io',
      causes: wrong.map(({ field, message }) => ({ reason: 'FieldValueInvalid', message, field })),
    },
  });
}

function withoutEmpty(texts: object): object {
  return Object.fromEntries(Object.entries(texts).filter(([, text]) => text !== ''));
}
