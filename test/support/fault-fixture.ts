import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { headerLine } from '../../src/model/manifest.ts';
import type { Fault } from '../../src/sandbox/fault.ts';
import { call } from '../sandbox/client.ts';
import { companyOn } from './changing-company.ts';
import { hasten, unhasten } from './faults.ts';
import { type Fixture, openFixture } from './fixture.ts';
import { refsBesideUnread } from './repository.ts';
import { bindingsIn } from './roles.ts';
import type { Ran } from './run.ts';
import { fakeClock } from './zms.ts';

export const branch = 'athenz-gitops/main/prod';
export const listPath = '/sys/modified_domains';
export const keyPath = '/domain/sys.auth/service/zms/publickey/0';
export const signedPath = (domain: string) => `/domain/${domain}/signed`;

export type Command = 'sync' | 'render';

/** What ZMS answers when nothing is wrong. */
interface Answers {
  readonly list: string;
  /** Domain → its signed document. */
  readonly documents: Readonly<Record<string, string>>;
}

/** git has everything as it was before the night, and the sandbox says how it is after it. */
export interface FaultFixture extends Fixture {
  readonly before: Answers;
  readonly after: Answers;
  /** Lets the requests whose path ends so go wrong, all or the first few; each path by itself. */
  fail(path: string, fault: Fault, times?: number): void;
  /** Nothing goes wrong any more. */
  heal(): void;
  /** Throws away what a command did. */
  reset(command: Command): void;
  /** As `expect`; where a fault is waited for, the wait is short. */
  meet(code: number, ...args: readonly string[]): Promise<Ran>;
  /** Who is bound to what where a command puts it: on the proposed branch, or in the work tree. */
  boundBy(command: Command): Promise<ReturnType<typeof bindingsIn>>;
  /** Every ref, and every file that differs from the base. */
  state(): string;
}

/** @param limits one line of the config; the sample's would hold back what changes in the night */
export async function openFaultFixture(limits = 'maxRemovedGrants: null'): Promise<FaultFixture> {
  const fixture = await openFixture({
    config: (text) =>
      text
        // Without a pinned key it is asked for as well; and a branch shows all, without a note.
        .replace(/ {2}publicKeys:.*\n/, '')
        .replace('kind: local', 'kind: none')
        .replace(/(limits:\n {2}).*/, `$1${limits}`),
    uncommitted: true,
  });
  const { sandbox, dir } = fixture;
  const clock = fakeClock();
  sandbox.update(() => companyOn('before'));
  await fixture.expect(0, ['render', '--quiet'], { clock });
  await fixture.commit({}, 'Before the night');
  const files = fixture.git('ls-files', 'output').split('\n');
  const before = await answersOf(fixture);
  sandbox.update(() => companyOn('after'));
  const after = await answersOf(fixture);

  const wrong = new Map<string, { readonly fault: Fault; left: number }>();
  sandbox.intercept(({ path }) => {
    const found = [...wrong].find(([end]) => path.endsWith(end))?.[1];
    if (found === undefined || found.left <= 0) return undefined;
    found.left--;
    // As long as a request takes by default: with that, no time is left for another try.
    if (found.left === Number.POSITIVE_INFINITY && isSlow(found.fault)) clock.advance(10_000);
    return found.fault;
  });
  return {
    ...fixture,
    before,
    after,
    fail: (path, fault, times = Number.POSITIVE_INFINITY) => wrong.set(path, { fault, left: times }),
    heal: () => wrong.clear(),
    reset(command) {
      if (command === 'sync') fixture.git('update-ref', '-d', `refs/heads/${branch}`);
      else fixture.git('checkout', '--quiet', '--', 'output');
    },
    async meet(code, ...args) {
      const slow = [...wrong.values()].some(({ fault }) => isSlow(fault));
      if (slow) await fixture.editConfig(hasten);
      try {
        return await fixture.expect(code, args, { clock });
      } finally {
        if (slow) await fixture.editConfig(unhasten);
      }
    },
    async boundBy(command) {
      if (command === 'render')
        return bindingsOf(await Promise.all(files.map((it) => readFile(join(dir, it), 'utf8'))));
      // git prints them one after the other; each begins with its first line.
      return bindingsOf(
        fixture.git('show', ...files.map((it) => `${branch}:${it}`)).split(new RegExp(`^(?=${headerLine})`, 'm')),
      );
    },
    state: () => `${refsBesideUnread(dir)}\n${fixture.git('status', '--porcelain')}`,
  };
}

function isSlow({ kind }: Fault): boolean {
  return kind === 'hang' || kind === 'stall' || kind === 'drip';
}

function bindingsOf(texts: readonly string[]): ReturnType<typeof bindingsIn> {
  return bindingsIn(new Map(texts.map((text, index) => [`output/prod/${index}`, text])));
}

async function answersOf({ sandbox }: Fixture): Promise<Answers> {
  const documents: Record<string, string> = {};
  for (const domain of Object.keys(sandbox.state().domains))
    documents[domain] = (await call(sandbox, `${signedPath(domain)}?signaturep1363format=true`)).text;
  return { documents, list: (await call(sandbox, `${listPath}?metaonly=true`)).text };
}
