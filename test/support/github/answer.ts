import type { Json } from './json.ts';

/** A whole answer of the API, before it is sent. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Undefined: no content. */
  readonly body?: Json;
}

/** One entry of `errors`. */
export interface ErrorDetail {
  readonly resource: string;
  readonly code: 'already_exists' | 'custom' | 'invalid' | 'missing_field' | 'unprocessable';
  readonly field?: string;
  readonly message?: string;
}

export function ok(body: Json, headers: Readonly<Record<string, string>> = {}): Answer {
  return { status: 200, headers, body };
}

export function created(body: Json, headers: Readonly<Record<string, string>> = {}): Answer {
  return { status: 201, headers, body };
}

export const noContent: Answer = { status: 204, headers: {} };

/** An error as GitHub words it. */
export function refused(status: number, message: string, errors: readonly ErrorDetail[] = []): Answer {
  const body = { message, ...(errors.length > 0 ? { errors: errors.map((error) => ({ ...error })) } : {}) };
  return { status, headers: {}, body: { ...body, documentation_url: documentation, status: String(status) } };
}

export function notFound(message = 'Not Found'): Answer {
  return refused(404, message);
}

/** 422 with what is wrong with one field. */
export function invalid(detail: ErrorDetail): Answer {
  return refused(422, 'Validation Failed', [detail]);
}

const documentation = 'https://docs.github.com/rest';

/** Thrown by a handler that cannot go on. */
export class Refusal extends Error {
  readonly answer: Answer;

  constructor(answer: Answer) {
    super('refused');
    this.answer = answer;
  }
}
