/** The colours of GitHub in its light and its dark theme, by what they are for. */
export interface Theme {
  readonly background: string;
  readonly raised: string;
  readonly border: string;
  readonly text: string;
  readonly muted: string;
  readonly green: string;
  readonly red: string;
  readonly yellow: string;
  readonly accent: string;
}

export const themes: Readonly<Record<'light' | 'dark', Theme>> = {
  light: {
    background: '#ffffff',
    raised: '#f6f8fa',
    border: '#d1d9e0',
    text: '#1f2328',
    muted: '#59636e',
    green: '#1a7f37',
    red: '#d1242f',
    yellow: '#9a6700',
    accent: '#1f883d',
  },
  dark: {
    background: '#0d1117',
    raised: '#151b23',
    border: '#3d444d',
    text: '#f0f6fc',
    muted: '#9198a1',
    green: '#3fb950',
    red: '#f85149',
    yellow: '#d29922',
    accent: '#238636',
  },
};

/** The width of one character. */
export const cell = 7.8;
const fontSize = 13;

export interface TextStyle {
  readonly fill: string;
  readonly bold?: boolean;
}

/** A line of text on a grid of cells, whatever monospaced font is there: its length is given. */
export function textAt(x: number, y: number, text: string, { fill, bold = false }: TextStyle): string {
  const weight = bold ? ' font-weight="600"' : '';
  return `<text x="${round(x)}" y="${round(y)}" textLength="${round(cellsOf(text) * cell)}" fill="${fill}"${weight}>${escapeXml(text)}</text>\n`;
}

export function box(
  [x, y, width, height]: readonly [number, number, number, number],
  fill: string,
  { stroke, radius = 0 }: { readonly stroke?: string; readonly radius?: number } = {},
): string {
  const corner = radius === 0 ? '' : ` rx="${radius}"`;
  const line = stroke === undefined ? '' : ` stroke="${stroke}"`;
  return `<rect x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${round(height)}"${corner} fill="${fill}"${line}/>\n`;
}

/** Emoji take two cells. */
export function cellsOf(text: string): number {
  return [...text.replaceAll('\u{fe0f}', '')].reduce(
    (sum, it) => sum + (/\p{Emoji_Presentation}|⚠/u.test(it) ? 2 : 1),
    0,
  );
}

/** A whole picture, with what it shows in words for whoever cannot see it. */
export function picture(
  size: { readonly width: number; readonly height: number },
  { title, description }: { readonly title: string; readonly description: string },
  content: string,
): string {
  const [width, height] = [Math.ceil(size.width), Math.ceil(size.height)];
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" xml:space="preserve" role="img" aria-labelledby="title description" font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, 'Liberation Mono', monospace" font-size="${fontSize}">
<title id="title">${escapeXml(title)}</title>
<desc id="description">${escapeXml(description)}</desc>
${content}</svg>
`;
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
