import type { Command, Option } from 'commander';
import { createProgram } from '../../../src/commands/program.ts';
import type { Io } from '../../../src/run/io.ts';
import { inCell, inCode, table } from './table.ts';

/** As many commands with one option make it a common one, described once; so do as many options that two commands share. */
const several = 3;

/** The commands of `docs/reference/commands.md`, as the command line itself declares them. */
export function commandTables(): string {
  const commands = leavesOf(createProgram({} as Io, { code: 0 }, () => {}));
  const users = new Map<string, string[]>();
  for (const { name, command } of commands)
    for (const option of command.options) users.set(keyOf(option), [...(users.get(keyOf(option)) ?? []), name]);
  const isCommon = (option: Option) => (users.get(keyOf(option)) ?? []).length >= several;
  const options = new Map(commands.flatMap(({ command }) => command.options.map((it) => [keyOf(it), it] as const)));
  const common = [...options.values()]
    .filter(isCommon)
    .map((option) => [...rowOf(option), wordsOf(users.get(keyOf(option)) ?? [], commands.length, commands)]);
  const sections = commands.map(({ name, command }) => {
    const own = command.options.filter((it) => !isCommon(it));
    const shared = own.filter((it) => users.get(keyOf(it))?.[0] !== name);
    const first = users.get(shared[0] === undefined ? '' : keyOf(shared[0]))?.[0];
    const repeated = shared.filter((it) => users.get(keyOf(it))?.[0] === first);
    const isRepeated = (option: Option) => repeated.length >= several && repeated.includes(option);
    const rows = own.filter((it) => !isRepeated(it)).map(rowOf);
    const names = own.filter(isRepeated).map(({ flags }) => inCode(flags.split(' ')[0] ?? ''));
    if (names.length > 0) rows.unshift([names.join(', '), `as for [\`${first}\`](#${first})`]);
    const listed = rows.length === 0 ? '' : `\n${rows.map(([flags, does]) => `- ${flags}: ${does}\n`).join('')}`;
    return `### ${name}\n\n${inCell(command.description())} \`${exampleOf(command)}\`\n${listed}`;
  });
  const head = `${table(['option', 'does', 'commands'], common)}`;
  return `## Options of several commands\n\n${head}\n## Each command\n\n${sections.join('\n')}`;
}

interface Leaf {
  readonly name: string;
  readonly command: Command;
}

/** Commands that do something, by the words that call them. */
function leavesOf(command: Command, before = ''): readonly Leaf[] {
  return command.commands.flatMap((it) => {
    const name = `${before}${it.name()}`;
    return it.commands.length > 0 ? leavesOf(it, `${name} `) : [{ name, command: it }];
  });
}

function keyOf({ flags, description, defaultValue }: Option): string {
  return JSON.stringify([flags, description, defaultValue]);
}

function rowOf(option: Option): readonly string[] {
  const { flags, description, argChoices, mandatory } = option;
  const extra = [
    ...(argChoices === undefined ? [] : [`one of ${argChoices.join(', ')}`]),
    ...(defaultOf(option) === undefined ? [] : [`default: ${defaultOf(option)}`]),
    ...(mandatory ? ['required'] : []),
  ];
  return [inCode(flags), inCell(`${description}${extra.length === 0 ? '' : ` (${extra.join('; ')})`}`)];
}

function defaultOf({ defaultValue, defaultValueDescription }: Option): string | undefined {
  if (defaultValueDescription !== undefined) return defaultValueDescription;
  return defaultValue === undefined ? undefined : String(defaultValue);
}

/** Which commands have an option, by the shorter list. */
function wordsOf(names: readonly string[], all: number, commands: readonly Leaf[]): string {
  const code = (list: readonly string[]) => list.map((it) => `\`${it}\``).join(', ');
  if (names.length === all) return 'all';
  const others = commands.flatMap(({ name }) => (names.includes(name) ? [] : [name]));
  return others.length < names.length ? `all but ${code(others)}` : code(names);
}

/** The example that `--help` ends with. */
function exampleOf(command: Command): string {
  let help = '';
  command.configureOutput({ writeOut: (text) => (help += text) }).outputHelp();
  return /\$ (athenz-gitops .*)/.exec(help)?.[1] ?? '';
}
