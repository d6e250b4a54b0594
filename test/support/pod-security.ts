/** What is looked at of a container. */
export interface Container {
  readonly name: string;
  readonly image: string;
  readonly command?: readonly string[];
  readonly args?: readonly string[];
  readonly workingDir?: string;
  readonly env?: readonly { readonly name: string; readonly value?: string }[];
  readonly envFrom?: readonly { readonly secretRef: { readonly name: string; readonly optional?: boolean } }[];
  readonly ports?: readonly { readonly name: string; readonly containerPort: number; readonly hostPort?: number }[];
  readonly livenessProbe?: Probe;
  readonly readinessProbe?: Probe;
  readonly resources?: { readonly requests?: object; readonly limits?: { readonly memory?: string } };
  readonly securityContext?: SecurityContext;
  readonly volumeMounts?: readonly { readonly name: string; readonly mountPath: string; readonly readOnly?: boolean }[];
}

interface Probe {
  readonly httpGet: { readonly path: string; readonly port: string };
}

interface SecurityContext {
  readonly allowPrivilegeEscalation?: boolean;
  readonly capabilities?: { readonly add?: readonly string[]; readonly drop?: readonly string[] };
  readonly privileged?: boolean;
  readonly procMount?: string;
  readonly readOnlyRootFilesystem?: boolean;
  readonly runAsNonRoot?: boolean;
  readonly runAsUser?: number;
  readonly seccompProfile?: { readonly type?: string };
}

/** What is looked at of a pod. */
export interface Pod {
  readonly serviceAccountName?: string;
  readonly automountServiceAccountToken?: boolean;
  readonly terminationGracePeriodSeconds?: number;
  readonly hostNetwork?: boolean;
  readonly hostPID?: boolean;
  readonly hostIPC?: boolean;
  readonly securityContext?: SecurityContext & { readonly fsGroup?: number; readonly sysctls?: readonly object[] };
  readonly initContainers?: readonly Container[];
  readonly containers: readonly Container[];
  readonly volumes?: readonly ({ readonly name: string } & Readonly<Record<string, unknown>>)[];
}

const volumeTypes = /^(configMap|csi|downwardAPI|emptyDir|ephemeral|persistentVolumeClaim|projected|secret)$/;

/** What the profile "restricted" of Pod Security Standards refuses, and what this project asks for besides; a line each. */
export function brokenPod(pod: Pod): readonly string[] {
  const { securityContext: whole = {}, volumes = [], initContainers = [], containers } = pod;
  const found: string[] = [];
  const say = (broken: boolean, what: string) => void (broken && found.push(what));
  say(pod.hostNetwork === true || pod.hostPID === true || pod.hostIPC === true, 'a namespace of the host');
  say((whole.sysctls ?? []).length > 0, 'sysctls');
  say(pod.automountServiceAccountToken !== false, 'a token for every container');
  for (const { name, ...volume } of volumes)
    say(!Object.keys(volume).every((type) => volumeTypes.test(type)), `volume ${name}`);
  for (const { name, securityContext: own = {}, ports = [], resources } of [...initContainers, ...containers]) {
    // What a container does not set is the pod's.
    const { runAsNonRoot, runAsUser, seccompProfile } = { ...whole, ...own };
    const { add = [], drop = [] } = own.capabilities ?? {};
    say(own.privileged === true, `${name}: privileged`);
    say(own.allowPrivilegeEscalation !== false, `${name}: allowPrivilegeEscalation`);
    say(own.procMount !== undefined && own.procMount !== 'Default', `${name}: procMount`);
    say(!drop.includes('ALL') || add.some((it) => it !== 'NET_BIND_SERVICE'), `${name}: capabilities`);
    say(runAsNonRoot !== true, `${name}: runAsNonRoot`);
    // Without a number, the kubelet cannot tell whether the user of an image is root.
    say(!(Number(runAsUser) > 0), `${name}: runAsUser`);
    say(!/^(RuntimeDefault|Localhost)$/.test(seccompProfile?.type ?? ''), `${name}: seccompProfile`);
    say(
      ports.some(({ hostPort }) => hostPort !== undefined),
      `${name}: hostPort`,
    );
    say(own.readOnlyRootFilesystem !== true, `${name}: readOnlyRootFilesystem`);
    say(resources?.requests === undefined || resources.limits?.memory === undefined, `${name}: resources`);
  }
  return found;
}
