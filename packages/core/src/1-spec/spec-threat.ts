import { type Attack, type FeatureRules, GauntletError, type ThreatModel, victimKinds } from '@gauntlet/api';
import type { Spec, SpecThreat } from './spec.js';

/** What the `threat` of a spec adds to that of an attack. */
export function bySpec(given: SpecThreat | undefined): Pick<ThreatModel, 'also' | 'features'> {
  if (!given) return {};
  const { norm, epsilon, immutable, bounds } = given;
  return {
    ...(norm !== undefined && { also: { norm, epsilon } }),
    ...((immutable ?? bounds) && {
      features: { ...(immutable && { immutable }), ...(bounds && { bounds }) },
    }),
  };
}

/** What the rules for single features do not allow of an attack and of victims. */
export function featureComplaints(
  plugin: Pick<Attack, 'name' | 'corruption'>,
  given: SpecThreat | undefined,
  victims: Spec['victims'],
): string[] {
  if (!given?.immutable && !given?.bounds) return [];
  const found: string[] = [];
  if (plugin.corruption)
    found.push(
      `The attack ${plugin.name} makes images as a whole and cannot leave single features as they are ("immutable", "bounds"). Give it a spec of its own without them, or take an attack that is bounded by a norm.`,
    );
  const classless = victims.find(({ kind }) => !victimKinds[kind].hasClasses);
  if (classless)
    found.push(
      `"immutable" and "bounds" of features are for classifiers, and ${classless.name} is ${victimKinds[classless.kind].called}. Leave them out.`,
    );
  for (const [name, [low, high]] of Object.entries(given.bounds ?? {})) {
    if (!/^(0|[1-9]\d*)$/.test(name))
      found.push(`"bounds" are by the positions of features, 0, 1, 2, …; "${name}" is none.`);
    if (low > high) found.push(`The bounds of feature ${name}, [${low}, ${high}], are the wrong way round.`);
    for (const victim of victims)
      if (low < victim.bounds[0] || high > victim.bounds[1])
        found.push(
          `The bounds of feature ${name}, [${low}, ${high}], go beyond those of ${victim.name}, [${victim.bounds.join(', ')}]: widen "victim.bounds", or narrow these.`,
        );
  }
  return found;
}

/**
 * Holds rules for single features against the number of features that inputs have.
 * @throws GauntletError `attack-params` for a feature that is not there, or where none is left to change
 */
export function assertFeatures({ immutable = [], bounds = {} }: FeatureRules, size: number): void {
  const beyond = [...immutable, ...Object.keys(bounds).map(Number)].find((i) => i >= size);
  if (beyond !== undefined)
    throw new GauntletError(
      'attack-params',
      `The spec's threat names feature ${beyond}, and inputs have ${size} (0 to ${size - 1}).`,
    );
  if (immutable.length === size)
    throw new GauntletError(
      'attack-params',
      `The spec's threat leaves none of the ${size} features to change. Take one out of "immutable".`,
    );
}
