import type { UnitId } from '../../core/unit.ts';
import type { ErrorCode, Problem } from '../../model/error.ts';
import { parseCidr } from '../../model/ip.ts';
import { textsIn } from '../objects/manifests.ts';
import { type KubernetesObject, mapAt } from '../objects/object.ts';
import { sourceObjectKey } from '../objects/origin.ts';
import { type Rule, sourceName } from './config.ts';
import { readEndpoints } from './endpoints.ts';
import { hostProblem } from './host.ts';
import type { Listed } from './read.ts';
import {
  type Placed,
  type Rendered,
  renderExport,
  renderExternalName,
  renderGlobal,
  renderImport,
  renderPatch,
  renderService,
} from './render.ts';
import { readService, type SourceService, withPort } from './service.ts';
import { renderSlices } from './slices.ts';

/** Why something is held, and what a person has to do. */
export interface MirrorProblem extends Problem {
  readonly code: ErrorCode;
  readonly next: string;
}

/** A unit of mirrors: a Service, or what stands for it, in one cluster. */
export type MirrorUnit = Required<UnitId>;

/** What becomes of one Service. */
export type Decided =
  | {
      readonly kind: 'rendered';
      files(unit: MirrorUnit): readonly Rendered[];
      /** The slices that are there stay. */
      readonly keepsSlices: boolean;
      /** Worth a remark. */
      readonly note?: string;
    }
  /** A person has to correct it: what is there stays. */
  | { readonly kind: 'held'; readonly problem: MirrorProblem }
  /** Its endpoints are not known: what is there stays. */
  | { readonly kind: 'unread'; readonly problem: Problem }
  /** What is there stays, on purpose. */
  | { readonly kind: 'skipped'; readonly reason: string };

/** Where a rule renders something for a Service: `service/web` of the destination, or what the mode has in its place. */
export function unitsOf(rule: Rule, { namespace, name }: { readonly namespace: string; readonly name: string }) {
  const { source, destination, mode } = rule;
  const own = 'cluster' in source ? [source.cluster] : [];
  const there = { cluster: destination.cluster, namespace: destination.namespace ?? namespace };
  switch (mode) {
    case 'endpointslice':
    case 'externalname':
    case 'cilium':
      return [{ ...there, name: `service/${name}` }];
    case 'mcs':
      return [
        { ...there, name: `serviceimport/${name}` },
        ...own.map((cluster) => ({ cluster, namespace, name: `serviceexport/${name}` })),
      ];
    case 'linkerd':
      return own.map((cluster) => ({ cluster, namespace, name: `service/${name}` }));
  }
}

/** Whether an object was rendered as a mirror: it is no source, or two clusters would mirror one Service to and fro. */
export function isMirror({ body }: KubernetesObject): boolean {
  return Object.hasOwn(textsIn(mapAt(mapAt(body, 'metadata'), 'annotations')), sourceObjectKey);
}

/** Decides one Service. @param endpoints of the Service, where the mode asks for them */
export function decideService(object: KubernetesObject, rule: Rule, endpoints: Listed): Decided {
  const annotations = textsIn(mapAt(mapAt(object.body, 'metadata'), 'annotations'));
  const read = readService(object, rule.labels, annotations);
  if ('reason' in read) return held('MIRROR_SOURCE_INVALID', read.reason, 'correct the Service');
  const assumed = rule.ports.default;
  const service = read.ports.length === 0 && assumed !== undefined ? withPort(read, assumed) : read;
  if (service.type === 'ExternalName') return decideExternalName(service, rule);
  if (service.ports.length === 0) {
    return { kind: 'skipped', reason: 'has no port, and ports.default is not set' };
  }
  const place = placing(rule, service);
  switch (rule.mode) {
    case 'endpointslice':
      return decideSlices(service, rule, endpoints);
    case 'externalname':
      return decideHost(service, rule);
    case 'mcs':
      return rendered((unit) =>
        unit.name.startsWith('serviceexport/') ? [renderExport(service)] : [renderImport(place(unit))],
      );
    case 'cilium':
      return annotations['service.cilium.io/global'] === 'true'
        ? rendered((unit) => [renderGlobal(place(unit))])
        : {
            ...rendered((unit) => [renderGlobal(place(unit))]),
            note: 'lacks the annotation service.cilium.io/global: "true": Cilium does not share it yet',
          };
    case 'linkerd':
      return rendered(() => [renderPatch(service)]);
  }
}

function placing(rule: Rule, service: SourceService): (unit: MirrorUnit) => Placed {
  const source = sourceName(rule);
  return ({ namespace }) => ({ service, source, namespace });
}

function rendered(files: (unit: MirrorUnit) => readonly Rendered[]): Extract<Decided, { kind: 'rendered' }> {
  return { kind: 'rendered', files, keepsSlices: false };
}

function held(code: ErrorCode, message: string, next: string): Extract<Decided, { kind: 'held' }> {
  return { kind: 'held', problem: { code, message, next } };
}

function decideExternalName(service: SourceService, rule: Rule): Decided {
  const { mode } = rule;
  if (mode !== 'endpointslice' && mode !== 'externalname') {
    const reason = mode === 'mcs' ? ' (InvalidServiceType)' : '';
    const message = `is of type ExternalName, which mode ${mode} does not export${reason}`;
    return held('MIRROR_EXPORT_INVALID', message, 'use mode endpointslice for it, or remove its label');
  }
  // A resolver takes a name with a dot at its end as it is: another cluster does not take it in such a Service.
  const wrong = hostProblem(service.externalName);
  if (wrong !== undefined) {
    const message = `has an externalName that cannot be used in another cluster: it ${wrong}`;
    return held('MIRROR_EXTERNAL_NAME', message, 'name a host that both clusters resolve alike');
  }
  const place = placing(rule, service);
  return rendered((unit) => [renderExternalName(place(unit), service.externalName)]);
}

function decideHost(service: SourceService, rule: Rule): Decided {
  const parts: Readonly<Record<string, string>> = {
    service: service.name,
    namespace: service.namespace,
    source: sourceName(rule),
  };
  const host = (rule.host ?? '').replace(/\{(service|namespace|source)\}/g, (_, name: string) => parts[name] ?? '');
  const wrong = hostProblem(host);
  if (wrong !== undefined) return held('MIRROR_EXTERNAL_NAME', `would lead to a host that ${wrong}`, 'correct host');
  const place = placing(rule, service);
  return rendered((unit) => [renderExternalName(place(unit), host)]);
}

function decideSlices(service: SourceService, rule: Rule, endpoints: Listed): Decided {
  if (endpoints.kind === 'unknown') return { kind: 'unread', problem: endpoints.problem };
  const refused = rule.refuseCidrs.flatMap((text) => parseCidr(text) ?? []);
  const found = readEndpoints(service, endpoints.value, refused);
  switch (found.kind) {
    case 'invalid':
      return held('MIRROR_SOURCE_INVALID', `has endpoints that no API server takes: ${found.reason}`, 'correct them');
    case 'refused':
      return held('MIRROR_ADDRESS_REFUSED', found.reason, 'correct the endpoints, or refuseCidrs');
    case 'ready': {
      const place = placing(rule, service);
      const isReady = found.groups.some((group) => group.endpoints.length > 0);
      if (!isReady && rule.onZeroReady === 'keep') {
        const note = 'has no ready endpoint: the addresses that are there stay (onZeroReady: keep)';
        return { kind: 'rendered', files: (unit) => [renderService(place(unit))], keepsSlices: true, note };
      }
      return rendered((unit) => [renderService(place(unit)), ...renderSlices(place(unit), found.groups)]);
    }
  }
}
