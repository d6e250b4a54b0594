import { checkKey, checkValue } from './label.ts';
import type { Texts } from './object.ts';
import { badRequest } from './status.ts';

export type Selector = (labels: Texts) => boolean;

type Token = 'identifier' | 'end' | '=' | '==' | '!=' | '!' | '(' | ')' | ',' | '<' | '>' | 'in' | 'notin';
type Operator = '=' | '==' | '!=' | '<' | '>' | 'in' | 'notin';

interface Lexeme {
  readonly token: Token;
  readonly text: string;
}

const end: Lexeme = { token: 'end', text: '' };

/** Reads a label selector, and refuses a bad one in the server's words. */
export function parseSelector(text: string): Selector {
  const lexemes = lex(text);
  let at = 0;
  const look = (): Lexeme => asValue(lexemes[at] ?? end);
  const take = (): Lexeme => asValue(lexemes[at++] ?? end);
  const unparsed = (what: string) => badRequest(`unable to parse requirement: ${what}`);

  const listed = (): string[] => {
    const open = take();
    if (open.token !== '(') throw unparsed(`found '${open.text}' expected: '('`);
    const values = new Set<string>();
    const first = look();
    if (first.token === ')') {
      take();
      return [];
    }
    if (first.token !== 'identifier' && first.token !== ',') {
      throw unparsed(`found '${first.text}', expected: ',', ')' or identifier`);
    }
    for (let token = take(); ; token = take()) {
      if (token.token === 'identifier') {
        values.add(token.text);
        const next = look();
        if (next.token === ')') break;
        if (next.token !== ',') throw unparsed(`found '${next.text}', expected: ',' or ')'`);
      } else if (token.token === ',') {
        if (values.size === 0 || [',', ')'].includes(look().token)) values.add('');
        if (look().token === ')') break;
        if (look().token === ',') take();
      } else {
        throw unparsed(`found '${token.text}', expected: ',', or identifier`);
      }
    }
    take();
    return [...values];
  };

  const exact = (): string[] => {
    if (['end', ','].includes(look().token)) return [''];
    const { token, text: found } = take();
    if (token !== 'identifier') throw unparsed(`found '${found}', expected: identifier`);
    return [found];
  };

  const requirement = (): Selector => {
    const absent = look().token === '!';
    if (absent) take();
    const { token, text: key } = take();
    if (token !== 'identifier') throw unparsed(`found '${key}', expected: identifier`);
    checkKey(key);
    if (absent) return (labels) => !Object.hasOwn(labels, key);
    if (['end', ','].includes(look().token)) return (labels) => Object.hasOwn(labels, key);
    const operator = lexemes[at++] ?? end;
    if (!isOperator(operator.token)) throw unparsed(`found '${operator.text}', expected: in, notin, =, ==, !=, gt, lt`);
    const values = operator.token === 'in' || operator.token === 'notin' ? listed() : exact();
    return matcher(key, operator.token, values);
  };

  const requirements: Selector[] = [];
  if (look().token === 'end') return () => true;
  if (!['identifier', '!'].includes(look().token)) {
    throw badRequest(`found '${look().text}', expected: !, identifier, or 'end of string'`);
  }
  for (;;) {
    requirements.push(requirement());
    const { token, text: found } = take();
    if (token === 'end') return (labels) => requirements.every((one) => one(labels));
    if (token !== ',') throw badRequest(`found '${found}', expected: ',' or 'end of string'`);
    if (!['identifier', '!'].includes(look().token)) {
      throw badRequest(`found '${look().text}', expected: identifier after ','`);
    }
  }
}

function matcher(key: string, operator: Operator, values: readonly string[]): Selector {
  const has = (labels: Texts) => Object.hasOwn(labels, key);
  const [bound = ''] = values;
  if (operator === '<' || operator === '>') {
    if (!/^[+-]?\d+$/.test(bound)) {
      const told = `values[0]: Invalid value: "${bound}": for 'Gt', 'Lt' operators, the value must be an integer`;
      throw badRequest(`unable to parse requirement: ${told}`);
    }
    return (labels) => {
      const value = labels[key] ?? '';
      return (
        /^[+-]?\d+$/.test(value) && (operator === '<' ? Number(value) < Number(bound) : Number(value) > Number(bound))
      );
    };
  }
  for (const [index, value] of [...values].sort().entries()) checkValue(key, index, value);
  const among = (labels: Texts) => has(labels) && values.includes(labels[key] ?? '');
  return operator === '!=' || operator === 'notin' ? (labels) => !among(labels) : among;
}

function isOperator(token: Token): token is Operator {
  return ['=', '==', '!=', '<', '>', 'in', 'notin'].includes(token);
}

/** A key or a value may be called as an operator is. */
function asValue(lexeme: Lexeme): Lexeme {
  return lexeme.token === 'in' || lexeme.token === 'notin' ? { ...lexeme, token: 'identifier' } : lexeme;
}

function lex(text: string): readonly Lexeme[] {
  const words = text.match(/==|!=|[=!(),<>]|[^=!(),<>\s]+/g) ?? [];
  return words.map((word) => ({
    text: word,
    token: /^(==|!=|[=!(),<>]|in|notin)$/.test(word) ? (word as Token) : 'identifier',
  }));
}
