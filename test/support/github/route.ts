import type { Answer } from './answer.ts';
import type { Caller } from './caller.ts';
import type { Json } from './json.ts';
import type { World } from './world.ts';

/** A request of the API that may be answered. */
export interface Call {
  readonly world: World;
  readonly caller: Caller;
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly body: Json;
  /** With the query, for links to other pages. */
  readonly url: URL;
}

export interface Route {
  /**
   * Who may call it: anybody, the App by its JWT, any token, or a token that has one of these permissions, written as
   * GitHub does: `pull_requests=write`.
   */
  readonly needs: 'nothing' | 'app' | 'token' | readonly string[];
  /** Done in one go: nothing else happens in the meantime. */
  readonly answer: (call: Call) => Answer;
}

/** `GET /repos/{owner}/{repo}` → what answers it. */
export type Routes = Readonly<Record<string, Route>>;
