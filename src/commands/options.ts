import { type Command, InvalidArgumentError, Option } from 'commander';
import { type ListenAddress, parseListenAddress, parsePortNumber } from '../model/address.ts';
import { parseDuration } from '../model/duration.ts';
import { defaultConfigName } from '../model/owner.ts';
import { type LogFormat, type LogLevel, logFormats, logLevels } from '../report/log.ts';

// Options that several commands have, and how their values are read.

/** The flags that every command of the main job has. */
export function common(command: Command): Command {
  return command
    .addOption(configOption())
    .option('--cluster <name>', 'only this cluster (repeatable)', collect)
    .option('--json', 'print the result as JSON on stdout')
    .addOption(logLevelOption())
    .addOption(logFormatOption())
    .option('--quiet', 'print only errors');
}

/** The config file of a command. */
export function configOption(): Option {
  return new Option('--config <file>', 'config file').default(defaultConfigName);
}

export function logFormatOption(): Option {
  return new Option('--log-format <format>', 'format of the log on stderr')
    .choices(logFormats)
    .default('text' satisfies LogFormat);
}

export function logLevelOption(): Option {
  return new Option('--log-level <level>', 'log verbosity on stderr')
    .choices(logLevels)
    .default('info' satisfies LogLevel);
}

export function collect(value: string, all: readonly string[] = []): readonly string[] {
  return [...all, value];
}

export function snapshotOption(): Option {
  return new Option('--snapshot <file>', 'read Athenz data from this snapshot file, as of its time');
}

export function atOption(): Option {
  return new Option('--at <time>', 'resolve access for this instant (RFC 3339)').argParser((text: string) => {
    const time = /^\d{4}-\d{2}-\d{2}/.test(text) ? new Date(text) : new Date(Number.NaN);
    if (Number.isNaN(time.getTime())) throw new InvalidArgumentError('Give a time such as 2026-11-21T02:00:00Z.');
    return time;
  });
}

export function deadlineOption(): Option {
  return durationOption('--deadline <duration>', 'stop reading after this time, such as 10m; the rest is unknown');
}

export function durationOption(flags: string, description: string): Option {
  return new Option(flags, description).argParser(durationOf);
}

export function pollOption(): Option {
  return new Option('--poll <duration>', 'time between checks for changes in Athenz; off: none')
    .argParser((text: string) => (text === 'off' ? text : durationOf(text)))
    .default(30_000, '30s');
}

function durationOf(text: string): number {
  const time = parseDuration(text);
  if (time === undefined) throw new InvalidArgumentError('Give a duration such as 90s or 10m, at most 24h.');
  return time;
}

export function pushgatewayOption(): Option {
  return new Option('--pushgateway <url>', 'push the metrics of the run to this Pushgateway').argParser(
    (text: string) => {
      if (/^https?:$/.test(URL.parse(text)?.protocol ?? '')) return text;
      throw new InvalidArgumentError('Give a URL such as http://pushgateway:9091.');
    },
  );
}

export function acceptOption(what: 'removals' | 'additions'): Option {
  return new Option(`--accept-${what} <digest>`, `approve exactly the ${what} that the limits hold`);
}

export function listenOption(): Option {
  const what = 'address of /healthz, /readyz, /leader and /metrics; a port alone: on every interface';
  return new Option('--listen <address>', what)
    .argParser((text: string) => {
      const address = parseListenAddress(text);
      if (address !== undefined) return address;
      throw new InvalidArgumentError('Give a port up to 65535, such as 8080, or host:port, such as 127.0.0.1:8080.');
    })
    .default({ host: '127.0.0.1', port: 8080 } satisfies ListenAddress, '127.0.0.1:8080');
}

export function parseLease(text: string): string {
  if (/^([a-z0-9-]+\/)?[a-z0-9][a-z0-9.-]*$/.test(text)) return text;
  throw new InvalidArgumentError('Give a name, or namespace/name, such as platform/athenz-gitops.');
}

export function parsePort(text: string): number {
  const port = parsePortNumber(text);
  if (port !== undefined) return port;
  throw new InvalidArgumentError('Give a number from 0 to 65535.');
}

export function parseAmount(text: string): number {
  const amount = Number(text);
  if (/^\d+$/.test(text) && amount >= 1 && amount <= 10_000) return amount;
  throw new InvalidArgumentError('Give a number from 1 to 10000.');
}
