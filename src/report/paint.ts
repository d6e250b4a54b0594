import { styleText } from 'node:util';

/** What texts on a terminal are coloured with: what a colour means is the same everywhere. */
export type Color = 'green' | 'red' | 'yellow' | 'cyan' | 'bold' | 'dim';
export type Paint = (style: Color, text: string) => string;

export function painter(color: boolean): Paint {
  return (style, text) => (color ? styleText(style, text, { validateStream: false }) : text);
}
