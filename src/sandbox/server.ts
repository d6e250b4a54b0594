import type { Problem } from '../model/error.ts';
import type { Answer } from './answer.ts';
import { type Authority, createAuthority } from './authority.ts';
import { arrives, deliver, deliveredStatus, type Fault } from './fault.ts';
import { listen, principalOf } from './listener.ts';
import { createRouter } from './routes.ts';
import { createSigner, type Signer } from './sign.ts';
import { type StateSource, watchState } from './source.ts';
import type { SandboxState, StateInput } from './state.ts';
import { loadState } from './state-file.ts';
import { createStore } from './store.ts';

/** The place of an answer that nobody gets to see. */
const unanswered: Answer = { status: 0, headers: {}, body: '' };

export interface SandboxRequest {
  readonly method: string;
  /** With `/zms/v1`, without the query. */
  readonly path: string;
  /** Path and query. */
  readonly url: string;
}

/** One request that was answered, or deliberately was not. */
interface SandboxExchange extends SandboxRequest {
  /** 0 when a fault kept any status from being sent. */
  readonly status: number;
  /** The common name of the client's certificate; undefined without one. */
  readonly principal: string | undefined;
}

/** Decides for each request whether something goes wrong with it. */
type Intercept = (request: SandboxRequest) => Fault | undefined;

export interface SandboxOptions {
  /**
   * A state file, read again on the request after each edit. Goes before `state`. Writes are not saved in it: they last
   * until it is edited, or the sandbox ends.
   */
  readonly file?: string;
  /** Default: no domains but ZMS' own. */
  readonly state?: StateInput;
  /** Default 0: any free port. */
  readonly port?: number;
  /** Signs domain documents. Default: a new ES256 key. */
  readonly signer?: Signer;
  /** Default: a new one. Sandboxes that share one accept each other's clients. */
  readonly authority?: Authority;
  readonly intercept?: Intercept;
  /** Told about an edit of `file` that cannot be read; the state before it stays in use. */
  readonly onProblem?: (problem: Problem) => void;
  /** The clock that stamps changes, in milliseconds. */
  readonly now?: () => number;
}

/** A running in-process ZMS. */
export interface Sandbox {
  /** `https://localhost:PORT/zms/v1` */
  readonly url: string;
  readonly authority: Authority;
  readonly caPem: string;
  /** Key id → PEM of the public key that domain documents are signed for. */
  readonly publicKeys: Readonly<Record<string, string>>;
  /** Grows with each request, in the order of arrival. */
  readonly requests: readonly SandboxExchange[];
  state(): SandboxState;
  /**
   * Changes the state; exactly the domains whose content differs afterwards get a new, later `modified`.
   *
   * @param stamp an older `modified` instead, as of a write that began earlier and ends now
   */
  update(change: (state: SandboxState) => StateInput, stamp?: string): void;
  /** Sets what goes wrong from now on; undefined: nothing. */
  intercept(intercept: Intercept | undefined): void;
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Starts a ZMS on 127.0.0.1. It speaks TLS only, takes a caller's identity from the client certificate, and ends every
 * connection whose certificate does not come from its authority or has expired.
 *
 * @throws AppError `CONFIG_*` for the state file, `USAGE` when the port cannot be used
 */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const { file, port = 0, now = Date.now } = options;
  const source: StateSource = file === undefined ? () => undefined : watchState(file, options.onProblem ?? (() => {}));
  const store = createStore(file === undefined ? (options.state ?? { domains: {} }) : loadState(file), now);
  const [authority, signer] = await Promise.all([
    options.authority ?? createAuthority(),
    options.signer ?? createSigner('ES256'),
  ]);
  const answer = createRouter(store, signer, now);
  const lagging = createRouter(store, signer, now, store.replica);
  const requests: SandboxExchange[] = [];
  let intercept = options.intercept;

  const listener = await listen(authority, port, (request, response) => {
    const { method = '', url = '', headers } = request;
    const principal = principalOf(request.socket);
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const edited = source();
      if (edited !== undefined) store.apply(edited);
      const described: SandboxRequest = { method, path: url.split('?', 1)[0] ?? '', url };
      const fault = intercept?.(described);
      const asked = { method, url, headers, body: Buffer.concat(chunks).toString(), principal };
      const reply = arrives(fault) ? (fault?.kind === 'replica' ? lagging : answer)(asked) : unanswered;
      requests.push({ ...described, status: deliveredStatus(reply, fault), principal });
      deliver(response, reply, fault);
    });
  });

  return {
    url: `https://localhost:${listener.port}/zms/v1`,
    authority,
    caPem: authority.caPem,
    publicKeys: { [signer.keyId]: signer.publicKeyPem },
    requests,
    state: store.state,
    update: (change, stamp) => store.apply(change(store.state()), stamp),
    intercept: (next) => {
      intercept = next;
    },
    close: listener.close,
    [Symbol.asyncDispose]: listener.close,
  };
}
