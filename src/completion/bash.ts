import type { CommandSpec, OptionSpec } from './spec.ts';

/** Completion for bash 3.2 and later. Names are letters, digits and "-": nothing in them needs quotes. */
export function bashScript(program: string, specs: readonly CommandSpec[]): string {
  const name = `_${program.replaceAll('-', '_')}`;
  const deeper = specs.filter(({ path }) => path.length > 0);
  return `# bash completion of ${program}: source <(${program} completion bash)
${name}() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD - 1]} command='' words='' i
  if [[ $cur == = ]]; then
    cur=''
  elif [[ $prev == = ]]; then
    prev=\${COMP_WORDS[COMP_CWORD - 2]}
  fi
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "$command \${COMP_WORDS[i]}" in
${deeper.map(({ path }) => `      '${[...path.slice(0, -1)].join(' ')} ${path.at(-1)}') command='${path.join(' ')}' ;;`).join('\n')}
    esac
  done
  case "$command $prev" in
${specs.flatMap((spec) => spec.options.flatMap((option) => valueCase(name, spec, option))).join('\n')}
  esac
  case $command in
${specs.map((spec) => `    '${spec.path.join(' ')}') words='${wordsOf(spec).join(' ')}' ;;`).join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
}
${name}_paths() {
  local IFS=$'\\n'
  compopt -o filenames 2>/dev/null
  COMPREPLY=($(compgen "$1" -- "$cur"))
}
complete -F ${name} ${program}
`;
}

/** What may follow a command. */
function wordsOf({ commands, options, values }: CommandSpec): readonly string[] {
  return [...commands.map(({ name }) => name), ...values, ...options.flatMap(({ names }) => names)];
}

/** What follows an option that takes a value. */
function valueCase(name: string, { path }: CommandSpec, { names, value }: OptionSpec): readonly string[] {
  if (value === 'none') return [];
  const pattern = names.map((it) => `'${path.join(' ')} ${it}'`).join('|');
  return [`    ${pattern}) ${actionOf(name, value)} ;;`];
}

function actionOf(name: string, value: Exclude<OptionSpec['value'], 'none'>): string {
  switch (value) {
    case 'file':
      return `${name}_paths -f; return`;
    case 'folder':
      return `${name}_paths -d; return`;
    case 'text':
      return 'return';
    default:
      return `COMPREPLY=($(compgen -W '${value.join(' ')}' -- "$cur")); return`;
  }
}
