import { Argument, Command, Option } from 'commander';
import { sentence } from '../model/text.ts';
import type { Io } from '../run/io.ts';
import { programVersion } from '../run/version.ts';
import { warnOfIgnored } from './ignored.ts';
import { addForgeOptions, addInitOptions, addZmsOptions } from './init-options.ts';
import { locateConfig } from './locate.ts';
import {
  acceptOption,
  atOption,
  collect,
  common,
  configOption,
  deadlineOption,
  durationOption,
  listenOption,
  logFormatOption,
  logLevelOption,
  parseAmount,
  parseLease,
  parsePort,
  pollOption,
  pushgatewayOption,
  snapshotOption,
} from './options.ts';

/**
 * The command line. Each command's code is loaded when it runs: `--version` and `--help` need none of it.
 *
 * @param ended receives the exit code of the command that ran
 * @param complain told what is wrong with the command line
 */
export function createProgram(io: Io, ended: { code: number }, complain: (text: string) => void): Command {
  const program = new Command('athenz-gitops')
    .description('Athenz role memberships become Kubernetes RBAC manifests in git, proposed as reviewable changes.')
    .version(programVersion())
    .showHelpAfterError('(add --help for the options and an example)')
    .configureOutput({ writeOut: (text) => io.out(text), writeErr: complain })
    .exitOverride()
    .hook('preAction', async (_, command) => {
      warnOfIgnored(io, command.opts());
      if (command.name() !== 'init' || command.opts()['workflowsOnly']) await locateConfig(io, command);
    });

  const add = (name: string, summary: string, example: string) =>
    program
      .command(name)
      .summary(summary)
      .description(sentence(summary))
      .addHelpText('after', `\nExample:\n  $ athenz-gitops ${example}`);

  addInitOptions(
    add(
      'init',
      'create a config file, and on GitHub the workflows (prompts for missing flags)',
      'init --forge github --repository acme/access',
    ),
  ).action(async (flags) => {
    const { runInit } = await import('./init.ts');
    ended.code = await runInit(io, flags);
  });

  const importing = add(
    'import',
    'propose a config for the objects of an in-cluster operator, and show what adopting them changes',
    'import --context prod --zms-url https://zms.example.com:4443/zms/v1 --dir access',
  )
    .option('--context <name>', 'kubeconfig context to use (default: the current context)')
    .option('--kubeconfig <file>', 'kubeconfig file (default: $KUBECONFIG, else ~/.kube/config)')
    .option('--selector <labels>', "select bindings by these labels instead of the operator's own")
    .option('--cluster <name>', 'name of the cluster in the config (default: "default")')
    .option('--domain <template>', 'Athenz domain of a namespace, if the bindings are ambiguous')
    .option('--user-domain <name>', 'Athenz domain whose members are people (default: "user")');
  addForgeOptions(
    addZmsOptions(importing)
      .addOption(snapshotOption())
      .option(
        '--dir <folder>',
        'write the config, the namespaces and the rendered tree to this folder (default: write nothing)',
      ),
  )
    .option('--json', 'print everything as JSON on stdout')
    .addOption(logLevelOption())
    .option('--quiet', 'print only errors')
    .action(async (flags) => {
      const { runImport } = await import('./import.ts');
      ended.code = await runImport(io, flags);
    });

  common(add('render', 'write changed manifests into the work tree', 'render --check'))
    .addOption(snapshotOption())
    .addOption(atOption())
    .addOption(deadlineOption())
    .option('--check', 'write nothing; exit 5 when files differ')
    .addOption(acceptOption('removals'))
    .addOption(acceptOption('additions'))
    .action(async (flags) => {
      const { runRender } = await import('./render.ts');
      ended.code = await runRender(io, flags);
    });

  common(add('plan', 'show what sync would propose', 'plan --exit-code'))
    .addOption(snapshotOption())
    .addOption(atOption())
    .addOption(deadlineOption())
    .option('--exit-code', 'exit 5 when there are changes')
    .addOption(new Option('--summary', 'print counts only, one line per scope').conflicts('json'))
    .addOption(acceptOption('removals'))
    .addOption(acceptOption('additions'))
    .action(async (flags) => {
      const { runPlan } = await import('./plan.ts');
      ended.code = await runPlan(io, flags);
    });

  common(add('sync', 'poll Athenz and propose the changes, one branch per scope', 'sync --cluster prod'))
    .option('--dry-run', 'show what would be done, and write nothing')
    .addOption(deadlineOption())
    .option('--metrics-file <file>', 'add the metrics of the run to this file, for node_exporter')
    .addOption(pushgatewayOption())
    .addOption(acceptOption('removals'))
    .addOption(acceptOption('additions'))
    .action(async (flags) => {
      const { runSync } = await import('./sync.ts');
      ended.code = await runSync(io, flags);
    });

  add('watch', 'run sync in a loop, with health checks and metrics', 'watch --interval 5m --listen 0.0.0.0:8080')
    .addOption(configOption())
    .option('--cluster <name>', 'only this cluster (repeatable)', collect)
    .addOption(durationOption('--interval <duration>', 'time between runs').default(300_000, '5m'))
    .addOption(pollOption())
    .addOption(
      durationOption(
        '--debounce <duration>',
        'time without changes of watched objects before they begin a run',
      ).default(30_000, '30s'),
    )
    .addOption(
      durationOption(
        '--debounce-limit <duration>',
        'time from their first change to a run, however many follow',
      ).default(120_000, '2m'),
    )
    .option('--max-pushes <number>', 'pushes a minute for changes of watched objects', parseAmount, 6)
    .addOption(deadlineOption())
    .addOption(listenOption())
    .option('--leader-elect', 'work only while holding a Lease, so that several replicas may run')
    .option('--lease <name>', 'the Lease, as name or namespace/name', parseLease, 'athenz-gitops')
    .option('--context <name>', 'kubeconfig context of the Lease (default: the pod itself)')
    .addOption(logLevelOption())
    .addOption(logFormatOption())
    .option('--quiet', 'print only errors')
    .action(async (flags) => {
      const { runWatch } = await import('./watch.ts');
      ended.code = await runWatch(io, flags);
    });

  common(
    add(
      'provision',
      'show the missing Athenz domains and roles of the namespaces; --apply creates them',
      'provision --apply',
    ),
  )
    .option('--apply', 'apply the plan')
    .option('--offline', 'plan from the namespaces of the work tree alone, without Athenz')
    .option('--base <commit>', 'with --offline: show only what is new since this commit')
    .option('--update', 'update settings to match the config; never members')
    .option('--prune', 'report domains whose namespace left git, even if the config does not')
    .option('--exit-code', 'exit 5 when there are changes')
    .action(async (flags) => {
      const { runProvision } = await import('./provision.ts');
      ended.code = await runProvision(io, flags);
    });

  common(add('drift', 'compare Athenz, git and the live clusters, down to the subject', 'drift --probe 50'))
    .option('--context <name>', 'kubeconfig context to use')
    .option('--kubeconfig <file>', 'kubeconfig file to use')
    .option('--probe <number>', 'check this many random grants and non-grants with the API server', parseAmount)
    .option('--markdown', 'print the result as Markdown, for an issue')
    .addOption(snapshotOption())
    .action(async (flags) => {
      const { runDrift } = await import('./drift.ts');
      ended.code = await runDrift(io, flags);
    });

  const copies = program
    .command('copies')
    .summary('inspect copies of objects')
    .description('Inspect copies of objects.');
  common(
    copies
      .command('status')
      .summary('show the status of each ObjectSync')
      .description('Shows the status of each ObjectSync at the base branch.')
      .addHelpText('after', '\nExample:\n  $ athenz-gitops copies status --json'),
  ).action(async (flags) => {
    const { runCopiesStatus } = await import('./copies.ts');
    ended.code = await runCopiesStatus(io, flags);
  });

  common(add('snapshot', 'poll Athenz and save its data to a file', 'snapshot --output athenz.jsonl'))
    .option('--output <file>', 'file to write', 'athenz-snapshot.jsonl')
    .addOption(deadlineOption())
    .action(async (flags) => {
      const { runSnapshot } = await import('./snapshot.ts');
      ended.code = await runSnapshot(io, flags);
    });

  common(add('doctor', 'check everything a run depends on, and suggest fixes', 'doctor')).action(async (flags) => {
    const { runDoctor } = await import('./doctor.ts');
    ended.code = await runDoctor(io, flags);
  });

  add(
    'guard',
    'fail if anyone but athenz-gitops changes rendered files (for pull requests and merge queues)',
    'guard --base origin/main --head origin/athenz-gitops/main/prod --head-ref athenz-gitops/main/prod',
  )
    .addOption(configOption())
    .requiredOption('--base <commit>', 'commit to merge into')
    .requiredOption('--head <commit>', 'commit to be merged')
    .option('--head-ref <branch>', 'branch of the head in this repository; required for proposals of athenz-gitops')
    .addOption(
      new Option(
        '--merge-group',
        'the head is from a merge queue: compare it with the fetched branches of athenz-gitops',
      ).conflicts('headRef'),
    )
    .option('--quiet', 'print only errors')
    .addHelpText(
      'after',
      `
Exits with 4 when the merge changes a rendered file, when one of its commits touches one, or when it conflicts.
A branch athenz-gitops/<base>/... that adds one commit of athenz-gitops passes. That commit is recognized by its author,
committer and trailers: anyone who can push to athenz-gitops/** can imitate it, so allow only athenz-gitops to push there.`,
    )
    .action(async (flags) => {
      const { runGuard } = await import('./guard.ts');
      ended.code = await runGuard(io, flags);
    });

  add('sandbox', 'run a small Athenz ZMS locally, to try things on', 'sandbox --dir try')
    .option('--dir <folder>', 'folder for its state, certificates and a sample config', 'athenz-sandbox')
    .option('--port <number>', 'port on 127.0.0.1; 0 picks a free port', parsePort, 4443)
    .option('--quiet', 'print only errors')
    .action(async (flags) => {
      const { runSandbox } = await import('./sandbox.ts');
      ended.code = await runSandbox(io, flags);
    });

  add('demo', 'run the whole workflow on sample data in a temporary folder', 'demo --keep')
    .option('--keep', 'keep the folder')
    .action(async (flags) => {
      const { runDemo } = await import('./demo.ts');
      ended.code = await runDemo(io, flags);
    });

  add('completion', 'print a completion script for bash, zsh or fish', 'completion bash > ~/.athenz-gitops.bash')
    .addArgument(new Argument('<shell>', 'the shell').choices(['bash', 'zsh', 'fish']))
    .action(async (shell) => {
      const { runCompletion } = await import('./completion.ts');
      ended.code = runCompletion(io, program, shell);
    });

  return program;
}
