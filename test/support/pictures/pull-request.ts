import { type Block, blocksOf, type Span } from './markdown.ts';
import { box, cell, cellsOf, picture, type Theme, textAt } from './svg.ts';

const columns = 116;
const padding = 22;
const lineHeight = 20;
const rowHeight = 34;
/** Between the text of a table's cell and its lines, in cells. */
const inset = 1;

/** Drawn so far: the shapes, and where the next one goes. */
interface Drawing {
  readonly shapes: string;
  readonly y: number;
}

/** A pull request as GitHub shows it: title, state, and the body. */
export function pullRequestPicture(
  { title, number, body }: { readonly title: string; readonly number: number; readonly body: string },
  theme: Theme,
): string {
  const width = columns * cell + 2 * padding;
  const head = headOf(title, number, theme);
  const end = blocksOf(body).reduce((drawing, block) => draw(block, drawing, theme), head);
  const height = end.y + padding - 8;
  const frame = box([0.5, 0.5, width - 1, height - 1], theme.background, { stroke: theme.border, radius: 8 });
  return picture({ width, height }, { title: `#${number} ${title}`, description: wordsOf(body) }, frame + end.shapes);
}

function headOf(title: string, number: number, theme: Theme): Drawing {
  const y = padding + 14;
  const badge = y + 14;
  const shapes = [
    textAt(padding, y, title, { fill: theme.text, bold: true }),
    textAt(padding + (cellsOf(title) + 1) * cell, y, `#${number}`, { fill: theme.muted }),
    box([padding, badge, 8 * cell, 24], theme.accent, { radius: 12 }),
    textAt(padding + 2 * cell, badge + 16.5, 'Open', { fill: '#ffffff', bold: true }),
    textAt(padding + 10 * cell, badge + 16.5, 'athenz-gitops wants to merge 1 commit into main', { fill: theme.muted }),
    box([padding, badge + 40, columns * cell, 1], theme.border),
  ];
  return { shapes: shapes.join(''), y: badge + 58 };
}

function draw(block: Block, { shapes, y }: Drawing, theme: Theme): Drawing {
  switch (block.kind) {
    case 'paragraph':
      return { shapes: shapes + spansAt(padding, y + 14, block.spans, theme), y: y + lineHeight + 12 };
    case 'folded': {
      const marker = textAt(padding, y + 14, '▸', { fill: theme.muted });
      return {
        shapes: shapes + marker + textAt(padding + 2 * cell, y + 14, block.summary, { fill: theme.text }),
        y: y + lineHeight + 10,
      };
    }
    case 'table': {
      const table = tableAt(y, block.rows, theme);
      return { shapes: shapes + table, y: y + block.rows.length * rowHeight + 16 };
    }
  }
}

function tableAt(top: number, rows: readonly (readonly (readonly Span[])[])[], theme: Theme): string {
  const widths = (rows[0] ?? []).map((_, at) => Math.max(...rows.map((row) => cellsIn(row[at] ?? []))) + 2 * inset);
  const lefts = widths.map((_, at) => widths.slice(0, at).reduce((sum, it) => sum + it, 0));
  const total = widths.reduce((sum, it) => sum + it, 0);
  if (total > columns) throw new Error(`the table needs ${total} columns`);
  return rows
    .map((row, line) => {
      const y = top + line * rowHeight;
      const isHead = line === 0;
      const cells = row.map((spans, at) => {
        const left = padding + (lefts[at] ?? 0) * cell;
        const frame = box([left, y, (widths[at] ?? 0) * cell, rowHeight], isHead ? theme.raised : theme.background, {
          stroke: theme.border,
        });
        const shown = isHead ? spans.map((span): Span => ({ ...span, style: 'bold' })) : spans;
        return frame + spansAt(left + inset * cell, y + 22, shown, theme);
      });
      return cells.join('');
    })
    .join('');
}

function cellsIn(spans: readonly Span[]): number {
  return spans.reduce((sum, { text }) => sum + cellsOf(text), 0);
}

function spansAt(left: number, y: number, spans: readonly Span[], theme: Theme): string {
  let x = left;
  return spans
    .map(({ text, style }) => {
      const width = cellsOf(text) * cell;
      const indent = (text.length - text.trimStart().length) * cell;
      const behind = style === 'code' ? box([x - 2, y - 14, width + 4, 19], theme.raised, { radius: 4 }) : '';
      const [sign, fill] = signOf(text.trim(), theme);
      const isBold = style === 'bold' || sign !== text.trim();
      const shown = sign === '' ? '' : textAt(x + indent, y, sign, { fill, bold: isBold });
      x += width;
      return behind + shown;
    })
    .join('');
}

/** The signs in any font, and in the colours of a diff. */
function signOf(text: string, theme: Theme): readonly [string, string] {
  if (text === '➕') return ['+', theme.green];
  return text === '➖' ? ['−', theme.red] : [text, theme.text];
}

function wordsOf(body: string): string {
  const lines = blocksOf(body).flatMap((block) => {
    if (block.kind === 'folded') return [block.summary];
    const rows = block.kind === 'table' ? block.rows : [[block.spans]];
    return rows.map((row) => row.map((spans) => spans.map(({ text }) => text).join('')).join(' | '));
  });
  return lines.join('\n');
}
