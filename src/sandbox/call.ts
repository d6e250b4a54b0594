import type { Answer } from './answer.ts';

/** A request to one of the routes, from a client that has shown its certificate. */
export interface Call {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly principal: string;
  readonly ifNoneMatch: string | undefined;
  /** What a write sends, and the headers that it can have. */
  readonly body: string;
  readonly auditRef: string | undefined;
  readonly owner: string | undefined;
  readonly returnObject: boolean;
}

/** Answers a call; `names` are those in the path, decoded, as they were sent. */
export type Handle = (call: Call, ...names: readonly string[]) => Answer;
