import type { CommandSpec, OptionSpec } from './spec.ts';

/** Completion for fish. */
export function fishScript(program: string, specs: readonly CommandSpec[]): string {
  const lines = specs.flatMap((spec) => [
    ...spec.commands.map((it) => `${start(program, spec)} -a ${it.name} -d ${quote(it.summary)}`),
    ...(spec.values.length === 0 ? [] : [`${start(program, spec)} -a ${quote(spec.values.join(' '))}`]),
    ...spec.options.map((it) => `${start(program, spec)} ${flagsOf(it)} -d ${quote(it.summary)}`),
  ]);
  return `# fish completion of ${program}: ${program} completion fish >~/.config/fish/completions/${program}.fish
complete -c ${program} -f
${lines.join('\n')}
`;
}

/** When it holds: after the names of the command, and before those of one below it. */
function start(program: string, { path, commands }: CommandSpec): string {
  const seen = path.map((name) => `__fish_seen_subcommand_from ${name}`);
  const names = commands.map(({ name }) => name).join(' ');
  const conditions = [...seen, ...(names === '' ? [] : [`not __fish_seen_subcommand_from ${names}`])];
  return `complete -c ${program} -n ${quote(conditions.join('; and '))}`;
}

function flagsOf({ names, value }: OptionSpec): string {
  const flags = names.map((name) => (name.startsWith('--') ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`)).join(' ');
  switch (value) {
    case 'none':
      return flags;
    case 'file':
      return `${flags} -r -F`;
    case 'folder':
      return `${flags} -x -a '(__fish_complete_directories)'`;
    case 'text':
      return `${flags} -x`;
    default:
      return `${flags} -x -a ${quote(value.join(' '))}`;
  }
}

function quote(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
