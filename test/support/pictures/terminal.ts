import { box, cell, cellsOf, picture, type TextStyle, type Theme, textAt } from './svg.ts';

/** Of the terminal. */
export const columns = 100;
const lineHeight = 19;
const padding = 18;
/** Of the bar with the three dots. */
const bar = 34;

interface Piece extends TextStyle {
  readonly text: string;
}

/** A terminal window with a command and what it printed. @param output with the escape codes for colours */
export function terminalPicture(command: string, output: string, theme: Theme): string {
  const prompt: readonly Piece[] = [
    { text: '$ ', fill: theme.muted },
    { text: command, fill: theme.text, bold: true },
  ];
  const lines = [prompt, [], ...piecesOf(output.trimEnd(), theme)];
  const width = columns * cell + 2 * padding;
  const height = bar + lines.length * lineHeight + padding;
  const dots = [theme.red, theme.yellow, theme.green].map(
    (fill, at) => `<circle cx="${padding + 4 + at * 18}" cy="${bar / 2}" r="5" fill="${fill}"/>\n`,
  );
  const texts = lines.flatMap((pieces, line) => {
    let at = 0;
    return pieces.map(({ text, ...style }) => {
      const x = padding + at * cell;
      at += cellsOf(text);
      const indent = text.length - text.trimStart().length;
      return text.trim() === '' ? '' : textAt(x + indent * cell, bar + (line + 0.7) * lineHeight, text.trim(), style);
    });
  });
  const frame = box([0.5, 0.5, width - 1, height - 1], theme.raised, { stroke: theme.border, radius: 8 });
  const words = { title: `$ ${command}`, description: plain(output).trim() };
  return picture({ width, height }, words, [frame, ...dots, ...texts].join(''));
}

/** The text without its colours. */
function plain(output: string): string {
  return output.replaceAll(codes, '');
}

const codes = /\u001b\[(\d*)m/g;

function piecesOf(output: string, theme: Theme): readonly (readonly Piece[])[] {
  let [fill, bold] = [theme.text, false];
  return output.split('\n').map((line) =>
    // A split by a pattern with a group gives texts and codes in turn.
    line.split(codes).flatMap((part, at): readonly Piece[] => {
      if (at % 2 === 0) return part === '' ? [] : [{ text: part, fill, bold }];
      if (part === '1') bold = true;
      else if (part === '22') [fill, bold] = [theme.text, false];
      else fill = colorOf(part, theme);
      return [];
    }),
  );
}

function colorOf(code: string, theme: Theme): string {
  const colors: Readonly<Record<string, string>> = {
    2: theme.muted,
    31: theme.red,
    32: theme.green,
    33: theme.yellow,
    36: theme.accent,
    39: theme.text,
  };
  const color = colors[code];
  if (color === undefined) throw new Error(`no colour for ${code}`);
  return color;
}
