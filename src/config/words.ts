import type { z } from 'zod';

type Issue = z.core.$ZodIssue;

/** What is wrong with a value, without the words of the library: `must be a string`, `is required`. */
export function issueWords(issue: Issue): string {
  const { message } = issue;
  // Words of the schema's own say it better.
  if (!/^(Invalid (input|option)|Too (small|big))/.test(message)) return message;
  switch (issue.code) {
    case 'invalid_type': {
      if (message.endsWith('received undefined')) return 'is required';
      if (issue.path.length === 0 && message.endsWith('received null')) {
        return 'is empty: athenz-gitops init writes a first config';
      }
      return `must be ${kinds[issue.expected] ?? issue.expected}`;
    }
    case 'invalid_value':
      return `must be ${either(issue.values.map((value) => JSON.stringify(value) ?? String(value)))}`;
    case 'invalid_union': {
      const ways = issue.errors.flatMap(([first]) => (first === undefined ? [] : [issueWords(first)]));
      const values = ways.map((words) => words.replace(/^must be /, '')).flatMap((words) => words.split(/, | or /));
      return values.length > 0 ? `must be ${either([...new Set(values)])}` : 'is not allowed';
    }
    case 'too_small':
      if (issue.origin === 'string') return 'must not be empty';
      if (issue.origin === 'array') return 'must have at least one entry';
      return `must be ${issue.inclusive === false ? 'more than' : 'at least'} ${issue.minimum}`;
    case 'too_big':
      return `must be ${issue.inclusive === false ? 'less than' : 'at most'} ${issue.maximum}`;
    default:
      return message.replace(/^Invalid input: /, '');
  }
}

const kinds: Readonly<Record<string, string>> = {
  string: 'a string',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map of keys and values',
  record: 'a map of keys and values',
};

/** `a, b or c`. */
function either(values: readonly string[]): string {
  const last = values.at(-1) ?? '';
  return values.length < 2 ? last : `${values.slice(0, -1).join(', ')} or ${last}`;
}
