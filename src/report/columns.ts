/** Rows below each other, as kubectl prints a table: three blanks between columns, none at the end of a line. */
export function alignColumns(rows: readonly (readonly string[])[]): string {
  const widths = rows.reduce<readonly number[]>(
    (all, row) => row.map((cell, column) => Math.max(all[column] ?? 0, cell.length)),
    [],
  );
  const line = (row: readonly string[]) => row.map((cell, column) => cell.padEnd((widths[column] ?? 0) + 3)).join('');
  return rows.map((row) => line(row).trimEnd()).join('\n');
}
