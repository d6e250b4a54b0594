import { compareText } from '../model/text.ts';
import { numberTexts } from '../model/text-numbers.ts';

/**
 * What is planned together: a namespace of a cluster, a Service, a module on a cluster. The generator says which; every unit is
 * of one cluster, and identified by what is set here.
 */
export interface UnitId {
  readonly cluster: string;
  readonly namespace?: string;
  readonly name?: string;
}

/** Identifies a unit of one generator: two are the same exactly when their keys are. */
export function unitKey({ cluster, namespace = '', name = '' }: UnitId): string {
  return `${cluster}\0${namespace}\0${name}`;
}

/** Units by number: of each, all that is kept is the bytes of its names. */
export interface UnitNumbers {
  /** The number of a unit, the next one from 0 if it is new. */
  add(unit: UnitId): number;
  at(number: number): UnitId;
  /** `unitKey` of it. */
  keyAt(number: number): string;
}

export function numberUnits(): UnitNumbers {
  const keys = numberTexts();
  return {
    add: (unit) => keys.add(unitKey(unit)),
    keyAt: keys.at,
    at(number) {
      const [cluster = '', namespace, name] = keys.at(number).split('\0');
      return { cluster, ...(namespace ? { namespace } : {}), ...(name ? { name } : {}) };
    },
  };
}

/** Whether two are the same unit of one generator. */
export function isSameUnit(a: UnitId, b: UnitId): boolean {
  return a.namespace === b.namespace && a.cluster === b.cluster && a.name === b.name;
}

/** What names a unit inside of its cluster. */
export function namesOf({ namespace, name }: UnitId): readonly string[] {
  return [namespace, name].filter((it) => it !== undefined);
}

/** The unit of something that has more to it. */
export function unitOf({ cluster, namespace, name }: UnitId): UnitId {
  return {
    cluster,
    ...(namespace === undefined ? {} : { namespace }),
    ...(name === undefined ? {} : { name }),
  };
}

/** By cluster, namespace and name. */
export function compareUnits(a: UnitId, b: UnitId): number {
  return (
    compareText(a.cluster, b.cluster) ||
    compareText(a.namespace ?? '', b.namespace ?? '') ||
    compareText(a.name ?? '', b.name ?? '')
  );
}
