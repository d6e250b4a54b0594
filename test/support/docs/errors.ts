import { type ErrorCode, errorCodes } from '../../../src/model/error-codes.ts';
import { inCell, table } from './table.ts';

/** What the codes are about, by how they begin; in the order of the page. */
const groups: readonly (readonly [title: string, prefix: RegExp])[] = [
  ['Any command', /^(USAGE|CANCELLED|DEADLINE|PULL_REQUEST_REF|INTERNAL)$/],
  ['Config, templates and snapshots', /^(CONFIG|TEMPLATE|SNAPSHOT)_/],
  ['Athenz', /^(ATHENZ|ZMS)_/],
  ['Provisioning', /^PROVISION_/],
  ['Namespaces', /^INVENTORY_/],
  ['Rendered files', /^OUTPUT_/],
  ['Copies', /^COPY_/],
  ['Mirrored Services', /^MIRROR_/],
  ['Fleet', /^FLEET_/],
  ['Limits', /^LIMIT_/],
  ['git', /^GIT_/],
  ['GitHub', /^FORGE_/],
  ['Clusters', /^(CLUSTER|IMPORT)_/],
];

/** The tables of `docs/reference/errors.md`. @throws where a code belongs to no group, or to two */
export function errorTables(): string {
  const codes = Object.keys(errorCodes) as ErrorCode[];
  for (const code of codes) {
    const own = groups.filter(([, prefix]) => prefix.test(code));
    if (own.length !== 1) throw new Error(`${code} is in ${own.length} groups of ${import.meta.filename}`);
  }
  const tables = groups.map(([title, prefix]) => {
    const rows = codes.filter((code) => prefix.test(code)).map(rowOf);
    return `## ${title}\n\n${table(['code', 'exit', 'cause', 'what to do'], rows)}`;
  });
  return tables.join('\n');
}

function rowOf(code: ErrorCode): readonly string[] {
  const { exit, cause, remedy } = errorCodes[code];
  return [`\`${code}\``, String(exit), inCell(cause), inCell(remedy)];
}
