import { type Command, Option } from 'commander';
import { defaultConfigName } from '../model/owner.ts';
import { workflows } from '../setup/workflow-answers.ts';
import { collect } from './options.ts';

/** The flags of `init`. */
export function addInitOptions(command: Command): Command {
  return addForgeOptions(addConfigOptions(command))
    .addOption(
      new Option('--workflows-only', 'GitHub: write what runs a config that is there already').conflicts([
        ...['from', 'zmsUrl', 'cert', 'key', 'ca', 'cluster', 'domain', 'namespaces', 'role'],
        ...['forge', 'base', 'repository', 'offline'],
      ]),
    )
    .option('--offline', 'check files only; do not ask ZMS')
    .option('--dry-run', 'show what would be written, and write nothing')
    .option('--force', 'replace an existing config and workflows')
    .option('--quiet', 'print only errors');
}

function addConfigOptions(command: Command): Command {
  const named = command
    .option('--config <file>', 'config file to write', defaultConfigName)
    .option('--from <file>', 'convert the config of an in-cluster operator and adopt its objects');
  return addZmsOptions(named)
    .option('--cluster <name>', 'name of the cluster in paths, branches and reports (default: "default")')
    .option('--domain <template>', 'Athenz domain of a namespace, such as eks.users.{namespace}')
    .option('--namespaces <glob>', 'files that declare the namespaces (repeatable)', collect)
    .option('--role <role=ClusterRole>', 'Athenz role and the ClusterRole it grants (repeatable)', collect);
}

/** The flags of a command that writes a config: which ZMS, and who asks it. */
export function addZmsOptions(command: Command): Command {
  return command
    .option('--zms-url <url>', 'base URL of ZMS, ending in /zms/v1')
    .option('--cert <file>', 'client certificate (PEM); default: ATHENZ_CERT and ATHENZ_KEY')
    .option('--key <file>', 'its private key (PEM)')
    .option('--ca <file>', 'CA of the server (PEM); default: the system CAs');
}

/** The flags of a command that writes a config: where changes are proposed, and what runs it there. */
export function addForgeOptions(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--forge <kind>',
        'github: pull requests; local: a branch and a note (default); none: a branch',
      ).choices(['github', 'local', 'none']),
    )
    .option('--base <branch>', 'branch that changes are merged into (default: main, if there is one)')
    .option(
      '--codeowners <owner>',
      'add an owner of rendered files, config and workflows to CODEOWNERS (repeatable)',
      collect,
    )
    .option('--repository <owner/name>', 'GitHub: the repository; default: that of the remote origin')
    .addOption(
      new Option(
        '--auth <kind>',
        'GitHub: who opens pull requests, an App (default) or the token of the workflow',
      ).choices(['app', 'token']),
    )
    .addOption(
      new Option('--workflow <name...>', 'GitHub: workflows to write (default: sync and guard)').choices(
        Object.keys(workflows),
      ),
    )
    .option('--no-workflows', 'GitHub: write no workflows')
    .option('--workflows-from <owner/name@ref>', 'GitHub: repository and version whose workflows are called')
    .option('--secret <use=name>', 'GitHub: name of a secret: cert, key, app-key or kubeconfig (repeatable)', collect)
    .option('--environment <name>', 'GitHub: environment that holds the secrets')
    .option('--runner <label>', 'GitHub: runner of the workflows (default: ubuntu-latest)');
}
