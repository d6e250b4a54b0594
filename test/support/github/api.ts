import { type Answer, notFound, Refusal, refused } from './answer.ts';
import { type Caller, callerOf, may } from './caller.ts';
import type { Json } from './json.ts';
import { describeOperation, type Operation } from './openapi.ts';
import { reconcile } from './reconcile.ts';
import type { Call, Route } from './route.ts';
import { routes } from './routes.ts';
import type { World } from './world.ts';

export interface ApiRequest {
  readonly method: string;
  /** With the query; its path begins with `/api/v3`. */
  readonly url: URL;
  readonly authorization: string | undefined;
  readonly text: string;
}

/** Answers requests of the REST API. */
export type Api = (request: ApiRequest) => Promise<Answer>;

interface Matcher {
  readonly method: string;
  readonly pattern: RegExp;
  readonly operation: Operation;
  readonly route: Route;
}

/** @param onViolation told about each request and answer that GitHub's description does not allow */
export function createApi(world: World, onViolation: (what: string) => void): Api {
  const matchers = Object.entries(routes).map(([name, route]): Matcher => {
    const [method = '', path = ''] = name.split(' ');
    const operation = describeOperation(name);
    return { method, pattern: patternFor(path, operation.multiSegment), operation, route };
  });

  return async ({ method, url, authorization, text }) => {
    const path = url.pathname.replace(/^\/api\/v3/, '');
    const violation = (name: string, problems: readonly string[]): Answer => {
      for (const problem of problems) onViolation(`${name}: ${problem}`);
      return refused(500, `${name}: ${problems.join('; ')}`);
    };
    const [found] = matchers.flatMap((matcher) => {
      const match = matcher.method === method ? matcher.pattern.exec(path) : null;
      return match === null ? [] : [{ ...matcher, params: decoded(match.groups ?? {}) }];
    });
    if (found === undefined) return violation(`${method} ${path}`, ['the stand-in does not know this operation']);
    const { operation, route, params } = found;

    const body = parse(text);
    if (body instanceof SyntaxError) return refused(400, 'Problems parsing JSON');
    const wrongRequest = operation.request(url.searchParams, body);
    if (wrongRequest.length > 0) return violation(operation.name, wrongRequest);

    const caller = await callerOf(authorization, world.tokens, world.app, world.now());
    const answer = caller.kind === 'refused' ? caller.answer : answerOf(world, caller, route, { params, url, body });
    const wrongAnswer = operation.answer(answer.status, answer.body);
    return wrongAnswer.length > 0 ? violation(operation.name, wrongAnswer) : answer;
  };
}

interface Asked {
  readonly params: Readonly<Record<string, string>>;
  readonly url: URL;
  readonly body: Json | undefined;
}

/** From here on nothing waits, so that requests cannot get between each other. */
function answerOf(world: World, caller: Caller, route: Route, { params, url, body }: Asked): Answer {
  reconcile(world);
  const elsewhere = !isHere(world, params['owner'], params['repo']);
  const refusal = notPermitted(caller, route, elsewhere);
  if (refusal !== undefined) return refusal;
  const call: Call = { world, caller, params, query: url.searchParams, body: body ?? null, url };
  try {
    return route.answer(call);
  } catch (error) {
    if (error instanceof Refusal) return error.answer;
    throw error;
  }
}

function isHere(world: World, owner = world.owner, repository = world.repository): boolean {
  const same = (a: string, b: string) => a.toLowerCase() === b.toLowerCase();
  return same(owner, world.owner) && same(repository, world.repository);
}

function notPermitted(caller: Caller, { needs }: Route, elsewhere: boolean): Answer | undefined {
  if (needs === 'nothing') return undefined;
  if (needs === 'app') {
    if (caller.kind !== 'app') return refused(401, 'A JSON web token could not be decoded');
    return elsewhere ? notFound() : undefined;
  }
  if (caller.kind === 'app') return refused(401, 'Bad credentials');
  if (needs === 'token') return caller.kind === 'token' ? undefined : refused(401, 'Requires authentication');
  // A private repository is not even there for those who may not see it.
  if (caller.kind === 'anonymous' || elsewhere) return notFound();
  const { kind, permissions } = caller.token;
  if (!may(permissions, 'metadata=read')) return notFound();
  if (may(permissions, ...needs)) return undefined;
  const by = kind === 'user' ? 'personal access token' : 'integration';
  const answer = refused(403, `Resource not accessible by ${by}`);
  return { ...answer, headers: { 'X-Accepted-GitHub-Permissions': needs.join('; ') } };
}

/** `/pulls/{pull_number}` → a pattern with that group. */
function patternFor(path: string, multiSegment: readonly string[]): RegExp {
  const source = path.replace(/\{(\w+)\}/g, (_, name: string) =>
    multiSegment.includes(name) ? `(?<${name}>.+)` : `(?<${name}>[^/]+)`,
  );
  return new RegExp(`^${source}$`);
}

function decoded(groups: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(groups).map(([name, text]) => [name, decodeURIComponent(text)]));
}

function parse(text: string): Json | undefined | SyntaxError {
  if (text === '') return undefined;
  try {
    return JSON.parse(text) as Json;
  } catch (error) {
    return error instanceof SyntaxError ? error : new SyntaxError(String(error));
  }
}
