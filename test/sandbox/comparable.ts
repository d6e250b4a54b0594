/** The parts of a response that are compared. */
export interface Comparable {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  /** JSON text, as the order of keys matters. */
  readonly body: string;
}

interface RecordedResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  /** Missing: there was none. */
  readonly body?: unknown;
}

/**
 * Headers that are not specific to ZMS, and `Strict-Transport-Security`, which a browser would apply to all of
 * localhost.
 */
const ignoredHeaders = ['connection', 'content-length', 'transfer-encoding', 'host', 'strict-transport-security'];

/** Normalizes a response for comparison; drops keys named in `without` at every depth. */
export function comparable(
  { status, headers, body = '' }: RecordedResponse,
  without: readonly string[] = [],
): Comparable {
  const lower = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value] as const);
  return {
    status,
    headers: Object.fromEntries(lower.filter(([name]) => !ignoredHeaders.includes(name)).sort()),
    body: typeof body === 'string' ? body : JSON.stringify(comparableValue('', body, without), undefined, 1),
  };
}

function comparableValue(key: string, value: unknown, without: readonly string[]): unknown {
  if (Array.isArray(value)) {
    // ZMS lists have no stable order. The state holds no services except the one that signs.
    const listed = key === 'services' ? value.filter((item) => has(item, 'publicKeys')) : value;
    return listed.map((item) => comparableValue('', item, without)).sort(byName);
  }
  if (typeof value === 'object' && value !== null) {
    const named = 'name' in value && String(value.name).includes(':');
    const entries = Object.entries(value).filter(([name]) => !without.includes(name));
    return Object.fromEntries(
      entries.map(([name, inner]) => [
        name,
        // ZMS stamps each role, policy and group; the sandbox uses the stamp of the domain.
        (named || 'publicKeys' in value) && name === 'modified' ? shape(inner) : comparableValue(name, inner, without),
      ]),
    );
  }
  return scalar(key, value, without);
}

/** Reduces values that differ per server to their shape. */
function scalar(key: string, value: unknown, without: readonly string[]): unknown {
  if (typeof value === 'string' && (key === 'payload' || key === 'protected')) {
    const text = Buffer.from(value, 'base64url').toString();
    return comparableValue('', JSON.parse(text), without);
  }
  const serverSpecific = ['id', 'signature', 'key', 'org', 'auditRef'];
  return serverSpecific.includes(key) && value !== '0' ? shape(value) : value;
}

function shape(value: unknown): string {
  if (typeof value !== 'string') return typeof value;
  if (/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(value)) return 'stamp';
  if (/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(value)) return 'UUID';
  if (/^[\w-]{342}$/.test(value)) return 'RSA signature in base64url';
  if (/^[\w.]{342}--$/.test(value)) return 'RSA signature in ybase64';
  return /^[\w.]{600}[\w.]*-{0,2}$/.test(value) ? 'public key in ybase64' : 'text';
}

function byName(a: unknown, b: unknown): number {
  return sortKey(a) < sortKey(b) ? -1 : 1;
}

function sortKey(value: unknown): string {
  const { memberName, name, domain } = Object(value);
  return JSON.stringify([memberName, name, domain?.name, value]);
}

function has(value: unknown, key: string): boolean {
  return typeof value === 'object' && value !== null && key in value;
}
