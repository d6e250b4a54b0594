import type { Created, ZmsWrites } from '../athenz/writes.ts';
import { type DetailedDocument, roleName, type Tags } from '../model/domain.ts';
import { AppError, type Problem, toProblem } from '../model/error.ts';
import type { Write } from './attempt.ts';
import type { Step } from './result.ts';

/** What is known of the domain that a step is about. */
export type Ground =
  /** As the plan saw it: what the plan creates in it was not in its document, and has to be looked for once more. */
  | { readonly kind: 'as planned' }
  /** This run has just created it, empty; of a domain that is still to be created, its parent. */
  | { readonly kind: 'fresh' }
  /** It was created meanwhile. */
  | { readonly kind: 'there'; readonly document: DetailedDocument }
  | { readonly kind: 'unknown'; readonly problem: Problem };

export interface Steps {
  /** How a step is written. */
  of(domain: string, step: Step, ground: Ground): Write;
  /** Reads a domain that turned out to be there. Never throws. */
  lookAround(domain: string): Promise<Ground>;
}

interface StepOptions {
  readonly writes: ZmsWrites;
  readonly readDocument: (domain: string, modified: string) => Promise<DetailedDocument>;
}

/** Turns steps into writes. A role, group or policy that may be there is never written, only looked for. */
export function createSteps({ writes, readDocument }: StepOptions): Steps {
  /** The document at the list's stamp of this moment. @throws AppError `ZMS_…` also when it is not there */
  async function readNow(domain: string): Promise<DetailedDocument> {
    const modified = await writes.lookForDomain(domain);
    if (modified === undefined) throw contradiction(domain);
    return readDocument(domain, modified);
  }

  return {
    of(domain, step, ground) {
      const fresh = ground.kind === 'fresh';
      const seen = ground.kind === 'there' ? ground.document : undefined;
      const create = (
        kind: 'role' | 'group' | 'policy',
        place: string,
        name: string,
        send: () => Promise<Created>,
      ): Write => {
        const known = seen !== undefined && has(seen, kind, name);
        const look = async (lost: boolean) => {
          if (known || (await writes.lookFor(kind, place, name))) return true;
          return lost && has(await readNow(place), kind, name);
        };
        return { send, look, lookFirst: !fresh || kind === 'policy', fresh };
      };
      switch (step.kind) {
        case 'create-domain': {
          const { fromNamespace: _, ...settings } = step.settings;
          // A second try finds that it exists, and reads it.
          return { send: () => writes.createDomain(domain, settings), lookFirst: false, fresh };
        }
        case 'create-role': {
          const { trust, ...settings } = step.settings;
          const role = { ...settings, ...(trust === undefined ? {} : { trust: trust.domain }) };
          return create('role', domain, step.role, () => writes.putRole(domain, step.role, role));
        }
        case 'create-group':
          return create('group', domain, step.group, () => writes.putGroup(domain, step.group, step.members));
        case 'create-policy': {
          const { target, policy, asserts } = step;
          return create('policy', target, policy, () => writes.putPolicy(target, policy, asserts));
        }
        case 'update-domain': {
          const send = async () => {
            const { settings, modified } = await readDocument(domain, step.modified);
            const { autoDeleteTenantAssumeRoleAssertions } = await writes.unsignedSettings(domain, modified);
            const { description, applicationId } = settings;
            const kept = { description, applicationId, autoDeleteTenantAssumeRoleAssertions };
            await writes.updateDomain(domain, { ...kept, ...withTags(step.settings, settings) });
          };
          return { send, lookFirst: false, fresh };
        }
        case 'update-role': {
          const send = async () => {
            const { roles, roleSettings } = await readDocument(domain, step.modified);
            const now = roleSettings.get(step.role);
            const ends = step.settings.memberExpiryDays !== undefined;
            const joined = roles.some(({ name, members }) => name === step.role && members.length > 0);
            // A limit was to be set on an empty role: whoever is in it by now would get an end.
            if (now === undefined || (ends && joined)) throw changed(`changing ${roleName(domain, step.role)}`);
            const { selfServe = false, reviewEnabled = false, deleteProtection = false } = now;
            const kept = { selfServe, reviewEnabled, deleteProtection };
            await writes.updateRole(domain, step.role, { ...kept, ...withTags(step.settings, now) });
          };
          return { send, lookFirst: false, fresh };
        }
        case 'delete-domain':
          return {
            send: () => writes.deleteDomain(domain),
            look: async () => {
              const modified = await writes.lookForDomain(domain);
              if (modified === undefined || modified === step.modified) return modified === undefined;
              throw changed(`deleting the domain ${domain}`);
            },
            lookFirst: true,
            fresh,
          };
      }
    },
    async lookAround(domain) {
      try {
        return { kind: 'there', document: await readNow(domain) };
      } catch (error) {
        return { kind: 'unknown', problem: toProblem(error) };
      }
    },
  };
}

function has({ roles, groups, policies }: DetailedDocument, kind: 'role' | 'group' | 'policy', name: string): boolean {
  if (kind === 'policy') return policies.includes(name);
  return (kind === 'role' ? roles : groups).some((it) => it.name === name);
}

/** ZMS writes all tags at once: those that are there by now go along. */
function withTags<T extends { readonly tags?: Tags }>(settings: T, now: { readonly tags: Tags }): T {
  return settings.tags === undefined ? settings : { ...settings, tags: { ...now.tags, ...settings.tags } };
}

function changed(doing: string): AppError {
  return new AppError('ZMS_STALE', `${doing}: it changed during this run`, {
    next: 'the next run retries',
  });
}

function contradiction(domain: string): AppError {
  return new AppError('ZMS_STALE', `reading ${domain}: inconsistent ZMS responses`, {
    next: 'a replica lags behind; the next run retries',
  });
}
