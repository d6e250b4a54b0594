import type { Dispatcher } from 'undici';
import type { TlsSettings } from './dispatcher.ts';

/** Connections to one server, opened with the TLS settings of the moment. */
export interface Pools {
  /** The same object gives the same connections; those of an earlier one end with their last request. */
  of(tls: TlsSettings): Dispatcher;
  readonly closed: boolean;
  /** Aborts what is under way. Whatever is sent later fails. */
  close(): Promise<void>;
}

export function openPools(open: (tls: TlsSettings) => Dispatcher): Pools {
  const all = new Set<Dispatcher>();
  let last: { readonly tls: TlsSettings; readonly dispatcher: Dispatcher } | undefined;
  let closed = false;
  const retire = async (dispatcher: Dispatcher) => {
    await dispatcher.close().catch(() => {});
    all.delete(dispatcher);
  };
  return {
    of(tls) {
      if (last?.tls === tls) return last.dispatcher;
      if (last !== undefined) void retire(last.dispatcher);
      const dispatcher = open(tls);
      // Renewed after the end: nothing may keep the process from ending.
      if (closed) void dispatcher.destroy();
      all.add(dispatcher);
      last = { tls, dispatcher };
      return dispatcher;
    },
    get closed() {
      return closed;
    },
    async close() {
      closed = true;
      await Promise.all([...all].map((it) => it.destroy()));
    },
  };
}
