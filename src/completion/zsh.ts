import type { CommandSpec, OptionSpec } from './spec.ts';

/** Completion for zsh. No two colons stand side by side: in a job's log they would begin a command of its runner. */
export function zshScript(program: string, specs: readonly CommandSpec[]): string {
  const name = `_${program.replaceAll('-', '_')}`;
  return `#compdef ${program}
# zsh completion of ${program}: ${program} completion zsh >"\${fpath[1]}/_${program}"
${specs.map((spec) => functionOf(name, spec, specs)).join('')}
if [ "$funcstack[1]" = "_${program}" ]; then
  ${name} "$@"
else
  compdef ${name} ${program}
fi
`;
}

function functionOf(
  name: string,
  { path, commands, options, values }: CommandSpec,
  specs: readonly CommandSpec[],
): string {
  const own = [name, ...path].join('_');
  const flags = options.flatMap((option) => option.names.map((it) => `    ${quote(`${it}${detailOf(option)}`)}`));
  if (commands.length === 0) {
    const argument = values.length === 0 ? [] : [`    ${quote(`1:value:(${values.join(' ')})`)}`];
    return `${own}() {\n  _arguments \\\n${[...flags, ...argument].join(' \\\n')}\n}\n`;
  }
  const known = new Set(specs.map((it) => it.path.join(' ')));
  const below = commands.filter((it) => known.has([...path, it.name].join(' ')));
  return `${own}() {
  local curcontext="$curcontext" state line
  local -a commands
  commands=(
${commands.map((it) => `    ${quote(`${it.name}:${it.summary}`)}`).join('\n')}
  )
  _arguments -C \\
${[...flags, `    '1: :->command'`, `    '*:'': :->rest'`].join(' \\\n')}
  case $state in
    command) _describe command commands ;;
    rest)
      case $words[1] in
${below.map((it) => `        ${it.name}) ${own}_${it.name} ;;`).join('\n')}
      esac
      ;;
  esac
}
`;
}

function detailOf({ summary, value }: OptionSpec): string {
  const text = `[${summary.replace(/[[\]\\]/g, '\\$&')}]`;
  switch (value) {
    case 'none':
      return text;
    case 'file':
      return `${text}:file:_files`;
    case 'folder':
      return `${text}:folder:_files -/`;
    case 'text':
      return `${text}:value: `;
    default:
      return `${text}:value:(${value.join(' ')})`;
  }
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
