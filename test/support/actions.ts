/** Reads the file of `GITHUB_OUTPUT` as the runner does: `name=value`, or `name<<delimiter` and lines up to that. */
export function readOutputs(text: string): Readonly<Record<string, string>> {
  const outputs: Record<string, string> = {};
  const lines = text.split('\n');
  if (lines.pop() !== '') throw new Error('the file does not end with a line break');
  while (lines.length > 0) {
    const line = lines.shift() ?? '';
    const [, name, delimiter] = /^([^=<]+)<<(.+)$/.exec(line) ?? [];
    if (name === undefined || delimiter === undefined) {
      const [, plain, value] = /^([^=]+)=(.*)$/s.exec(line) ?? [];
      if (plain === undefined || value === undefined) throw new Error(`not an output: ${line}`);
      outputs[plain] = value;
      continue;
    }
    const end = lines.indexOf(delimiter);
    if (end === -1) throw new Error(`${name} does not end`);
    outputs[name] = lines
      .splice(0, end + 1)
      .slice(0, -1)
      .join('\n');
  }
  return outputs;
}
