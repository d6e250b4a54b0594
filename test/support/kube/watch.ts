import type { ServerResponse } from 'node:http';
import { parseFields } from './list.ts';
import type { Kind, KubeObject } from './object.ts';
import { parseSelector } from './selector.ts';
import { type Answer, badRequest } from './status.ts';
import type { Store, StoreEvent } from './store.ts';

/** The watches of a stand-in. They end when the client goes away, or by what is done here: there is no time in it. */
export interface Watchers {
  readonly open: number;
  add(watcher: Watcher): void;
  /** Sends each that asked for them a bookmark, as the server does about once a minute. */
  bookmark(): void;
  /** Ends them all, as the server does after `timeoutSeconds`. */
  end(): void;
  /** Tells them all that they are too old, and ends them. */
  expire(): void;
  /** Breaks their connections. @param halfLine of an event, sent before */
  cut(halfLine?: string): void;
}

export interface Watcher {
  readonly response: ServerResponse;
  readonly kind: Kind;
  readonly bookmarks: boolean;
}

export function openWatchers(store: Store): Watchers {
  const all = new Set<Watcher>();
  const send = ({ response }: Watcher, type: string, object: object) =>
    void response.write(`${JSON.stringify({ type, object })}\n`);
  return {
    get open() {
      return all.size;
    },
    add(watcher) {
      all.add(watcher);
      watcher.response.on('close', () => all.delete(watcher));
    },
    bookmark() {
      const metadata = { resourceVersion: String(store.current().revision), creationTimestamp: null };
      for (const it of all) {
        if (it.bookmarks) send(it, 'BOOKMARK', { kind: it.kind.kind, apiVersion: it.kind.apiVersion, metadata });
      }
    },
    end() {
      for (const { response } of all) response.end();
    },
    expire() {
      for (const it of all) {
        send(it, 'ERROR', tooOld(0, store.current().revision));
        it.response.end();
      }
    },
    cut(halfLine = '') {
      for (const { response } of all) response.write(halfLine, () => response.socket?.destroy());
    },
  };
}

/** Follows what happens to the objects of a kind. @param namespace empty: of the whole cluster */
export function watch(store: Store, watchers: Watchers, kind: Kind, namespace: string, query: URLSearchParams): Answer {
  const version = query.get('resourceVersion') ?? '';
  if (!/^\d+$/.test(version) || version === '0') throw badRequest('the stand-in watches from a version alone');
  const labels = parseSelector(query.get('labelSelector') ?? '');
  const fields = parseFields(kind, query.get('fieldSelector') ?? '');
  const isMeant = (it: KubeObject | undefined): it is KubeObject =>
    it !== undefined &&
    (namespace === '' || it.metadata.namespace === namespace) &&
    labels(it.metadata.labels ?? {}) &&
    fields(it);
  return {
    status: 200,
    headers: { 'Content-Type': 'application/json' },
    body: Buffer.alloc(0),
    stream(response) {
      const past = store.since(Number(version));
      if (past === undefined) {
        response.end(
          `${JSON.stringify({ type: 'ERROR', object: tooOld(Number(version), store.current().revision) })}\n`,
        );
        return;
      }
      const tell = (event: StoreEvent) => {
        const line = event.kind === kind.kind ? lineOf(event, isMeant) : undefined;
        if (line !== undefined) response.write(`${JSON.stringify(line)}\n`);
      };
      for (const event of past) tell(event);
      const unfollow = store.follow(tell);
      response.on('close', unfollow);
      watchers.add({ response, kind, bookmarks: query.get('allowWatchBookmarks') === 'true' });
    },
  };
}

/** To whoever selects, an object comes when it begins to match, and goes when it no longer does. */
function lineOf(
  { revision, before, after }: StoreEvent,
  isMeant: (it: KubeObject | undefined) => it is KubeObject,
): object | undefined {
  if (isMeant(after)) return { type: isMeant(before) ? 'MODIFIED' : 'ADDED', object: after };
  if (!isMeant(before)) return undefined;
  return {
    type: 'DELETED',
    object: { ...before, metadata: { ...before.metadata, resourceVersion: String(revision) } },
  };
}

function tooOld(version: number, oldest: number): object {
  const message = `too old resource version: ${version} (${oldest})`;
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason: 'Expired', code: 410 };
}
