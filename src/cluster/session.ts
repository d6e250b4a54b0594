import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { KubeConfig } from '../config/types.ts';
import { AppError } from '../model/error.ts';
import { type Clock, type RetryPolicy, withRetry } from '../model/retry.ts';
import { findTarget, type Target } from './kubeconfig.ts';
import { succeeded } from './status.ts';
import { type KubeRequest, openTransport } from './transport.ts';

export interface SessionOptions {
  /** What the cluster is called in the config. */
  readonly cluster: string;
  /** `null`: as kubectl would, by `KUBECONFIG` or `~/.kube/config`. */
  readonly kube: KubeConfig | null;
  /** Absolute path of the repository's work tree, whose kubeconfigs may start no program; `null` for none. */
  readonly root: string | null;
  readonly env: NodeJS.ProcessEnv;
  readonly clock: Clock;
  readonly retry?: RetryPolicy;
  /** Of one request, milliseconds. */
  readonly timeout?: number;
}

/** A connection to the API server of one cluster. It reads, and asks for reviews; it changes nothing. */
export interface ClusterSession {
  readonly cluster: string;
  readonly context: string;
  readonly server: string;
  /**
   * Sends one request, with further tries where one may help, and parses the body of a good answer.
   *
   * @param doing for messages: `listing the RoleBindings of cluster prod`
   * @throws AppError `CLUSTER_…`, and what `parse` throws
   */
  ask<T>(doing: string, request: KubeRequest, parse: (body: string) => T): Promise<T>;
  /** Requests sent so far, further tries included. */
  readonly requests: number;
  close(): Promise<void>;
}

/** An API server says "Unauthorized" and no more; of a certificate that has expired we can say so. */
function withExpiry(error: unknown, { user }: Target, now: number): unknown {
  if (!(error instanceof AppError) || error.code !== 'CLUSTER_UNAUTHENTICATED') return error;
  const end = certificateEnd(user);
  if (end === undefined || Date.parse(end) > now) return error;
  const next = 'renew the client certificate of the kubeconfig';
  return new AppError(error.code, `${error.message}; the client certificate expired ${end}`, { next, cause: error });
}

/** `Nov 21 13:00:00 2026 GMT`; undefined without a certificate that can be read. */
function certificateEnd({ certData, certFile }: Target['user']): string | undefined {
  try {
    if (certData) return new X509Certificate(Buffer.from(certData, 'base64')).validTo;
    return certFile ? new X509Certificate(readFileSync(certFile)).validTo : undefined;
  } catch {
    return undefined;
  }
}

/** An API server that restarts is back within some seconds. */
const patience: RetryPolicy = { tries: 5, within: 30_000, delay: 200 };

/** Opens a session; nothing is sent before the first request. @throws AppError `CLUSTER_CONFIG` */
export function openSession(options: SessionOptions): ClusterSession {
  const { cluster, kube, root, env, clock, retry = patience, timeout = 30_000 } = options;
  const find = () => findTarget(cluster, kube, env, root);
  const target = find();
  const transport = openTransport(target, timeout, find);
  return {
    cluster,
    context: target.context,
    server: target.server,
    async ask(doing, request, parse) {
      const read = async (atMost?: number) => parse(succeeded(await transport.send(request, atMost), doing));
      try {
        return await withRetry(read, retry, clock);
      } catch (error) {
        throw withExpiry(error, target, clock.now());
      }
    },
    get requests() {
      return transport.requests;
    },
    close: () => transport.close(),
  };
}
