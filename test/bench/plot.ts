import type { Row, Table } from './table.ts';

const width = 960;
const labels = 430;
const bar = 18;
const gap = 6;

/** The CPU time of all rows as bars on a logarithmic scale, an SVG. */
export function toPlot(tables: readonly Table[]): string {
  const figures = tables.flatMap(({ rows }) => rows.map(({ cpu }) => cpu.median));
  const [least, most] = [Math.min(...figures) / 2, Math.max(...figures)];
  const scale = (seconds: number) => (Math.log(seconds / least) / Math.log(most / least)) * (width - labels - 80);
  const parts: string[] = [];
  let y = 24;
  for (const { title, rows } of tables) {
    parts.push(`<text x="8" y="${y}" font-weight="bold">${escaped(title)} (CPU seconds)</text>`);
    y += gap + 4;
    for (const row of rows) {
      parts.push(toBar(row, y, scale(row.cpu.median)));
      y += bar + gap;
    }
    y += 28;
  }
  const style = 'font-family="sans-serif" font-size="13"';
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${y}" ${style}>\n<rect width="100%" height="100%" fill="white"/>\n${parts.join('\n')}\n</svg>\n`;
}

function toBar({ name, cpu }: Row, y: number, length: number): string {
  const fill = name.startsWith('athenz-gitops') ? '#2563eb' : '#9ca3af';
  const middle = y + bar - 5;
  return [
    `<text x="${labels - 8}" y="${middle}" text-anchor="end">${escaped(name)}</text>`,
    `<rect x="${labels}" y="${y}" width="${length.toFixed(1)}" height="${bar}" fill="${fill}"/>`,
    `<text x="${(labels + length + 6).toFixed(1)}" y="${middle}">${cpu.median.toFixed(2)}</text>`,
  ].join('');
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
