import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { KubeConfig } from '../config/types.ts';
import type { Clock } from '../model/clock.ts';
import { AppError } from '../model/error.ts';
import type { Halt } from '../model/halt.ts';
import type { HttpAnswer, HttpRequest } from '../runtime/exchange.ts';
import { openHttp } from '../runtime/http.ts';
import type { RetryPolicy } from '../runtime/retry.ts';
import { type HttpStream, openStreams, type StreamOptions } from '../runtime/streams.ts';
import { findTarget, type Target } from './kubeconfig.ts';
import { signInOf } from './sign-in.ts';
import { noAnswer, succeeded } from './status.ts';

export interface ClusterSessionOptions {
  /** What the cluster is called in the config. */
  readonly cluster: string;
  /** `null`: as kubectl would, by `KUBECONFIG` or `~/.kube/config`. */
  readonly kube: KubeConfig | null;
  /** Absolute path of the repository's work tree, whose kubeconfigs may start no program; `null` for none. */
  readonly root: string | null;
  readonly env: NodeJS.ProcessEnv;
  readonly clock: Clock;
  readonly retry?: RetryPolicy;
  /** When nothing more is sent. Default: never. */
  readonly halt?: Halt;
  /** Of one request, milliseconds. */
  readonly timeout?: number;
}

/** A connection to the API server of one cluster. It reads and asks for reviews; the one thing it writes is the Lease of `watch`. */
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
  ask<T>(doing: string, request: HttpRequest, parse: (body: string) => T): Promise<T>;
  /** Sends a request once, and gives the answer whatever its status. @throws AppError `CLUSTER_…` where none came */
  send(request: HttpRequest): Promise<HttpAnswer>;
  /** Asks once for what is answered bit by bit, and gives the answer whatever its status. @throws AppError `CLUSTER_…` */
  stream(request: HttpRequest, options: StreamOptions): Promise<HttpStream>;
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

/** What a client may ask of one API server: as much as client-go lets a careful controller. */
const pace = { limit: 150, interval: 1000 };

/** Opens a session; nothing is sent before the first request. @throws AppError `CLUSTER_CONFIG` */
export function openClusterSession(options: ClusterSessionOptions): ClusterSession {
  const { cluster, kube, root, env, clock, halt, retry = patience, timeout = 30_000 } = options;
  const find = () => findTarget(cluster, kube, env, root);
  const target = find();
  const { context, server, proxy } = target;
  const identity = signInOf(target, find);
  const common = { url: server, identity, connection: { proxy }, timeout, clock, noAnswer: noAnswer(server) };
  const http = openHttp({ ...common, retry, halt, pace });
  const streams = openStreams(common);
  return {
    cluster,
    context,
    server,
    async ask(doing, request, parse) {
      try {
        return await http.read(request, (answer) => parse(succeeded(answer, doing)));
      } catch (error) {
        throw withExpiry(error, target, clock.now());
      }
    },
    send: (request) => http.send(request),
    stream: (request, options) => streams.open(request, options),
    get requests() {
      return http.requests;
    },
    async close() {
      await Promise.all([http.close(), streams.close()]);
    },
  };
}
