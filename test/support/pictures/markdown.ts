/** A run of text in one style. */
export interface Span {
  readonly text: string;
  readonly style: 'plain' | 'bold' | 'code';
}

/** As much of Markdown as the body of a proposal has. */
export type Block =
  | { readonly kind: 'paragraph'; readonly spans: readonly Span[] }
  | { readonly kind: 'table'; readonly rows: readonly (readonly (readonly Span[])[])[] }
  | { readonly kind: 'folded'; readonly summary: string };

/** The blocks of a body as GitHub shows them at first: what is folded stays so. @throws what is not known */
export function blocksOf(body: string): readonly Block[] {
  return body
    .replaceAll(/<details><summary>([\s\S]*?)<\/summary>[\s\S]*?<\/details>/g, 'folded: $1')
    .replaceAll(/<!--[\s\S]*?-->/g, '')
    .split(/\n{2,}/)
    .map((text) => text.trim())
    .filter((text) => text !== '')
    .map(blockOf);
}

function blockOf(text: string): Block {
  if (text.startsWith('folded: ')) return { kind: 'folded', summary: unescaped(text.slice('folded: '.length)) };
  if (text.startsWith('|')) {
    const [head = '', , ...rows] = text.split('\n');
    return {
      kind: 'table',
      rows: [head, ...rows].map((row) =>
        row
          .slice(1, -1)
          .split('|')
          .map((it) => spansOf(it.trim())),
      ),
    };
  }
  if (/^[>#<-]/.test(text)) throw new Error(`no picture of this: ${text}`);
  return { kind: 'paragraph', spans: spansOf(text.replaceAll('\n', ' ')) };
}

function spansOf(text: string): readonly Span[] {
  // A split by a pattern with a group keeps what it splits by.
  return text.split(/(\*\*.+?\*\*|`[^`]+`)/).flatMap((part): readonly Span[] => {
    if (part === '') return [];
    if (part.startsWith('`')) return [{ text: part.slice(1, -1), style: 'code' }];
    if (part.startsWith('**'))
      return spansOf(part.slice(2, -2)).map((it) => ({ ...it, style: it.style === 'code' ? 'code' : 'bold' }));
    return [{ text: unescaped(part), style: 'plain' }];
  });
}

function unescaped(text: string): string {
  return text
    .replaceAll(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)))
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')
    .replaceAll(/\\([!-/:-@[-`{-~])/g, '$1');
}
