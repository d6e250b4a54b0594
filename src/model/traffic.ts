/** Responses of one kind. */
export interface ResponseCount {
  /** What was asked for, such as `document`: one of few names. */
  readonly endpoint: string;
  /** An HTTP status, or why no answer came: `timeout`, `unreachable`, `tls`. */
  readonly status: string;
  readonly count: number;
}

/** What a run asked of one server. */
export interface Traffic {
  readonly responses: readonly ResponseCount[];
  /** Requests that repeated a failed one. */
  readonly retries: number;
  /** What did not have to be requested: found in the cache. */
  readonly cached: number;
  /** What did not even have to be read: its outcome is known from an earlier run. */
  readonly recalled: number;
  /** The server was taken for down at the end. */
  readonly isDown: boolean;
  /** When the client certificate expires, RFC 3339 UTC; not set before it was used. */
  readonly credentialExpires?: string;
}
