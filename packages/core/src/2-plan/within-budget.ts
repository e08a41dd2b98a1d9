import type { Budget } from '@gauntlet/api';
import type { Spec } from '../1-spec/spec.js';
import { loadPlugin } from '../plugins/load-plugin.js';
import { threatOf } from '../plugins/threat-of.js';

/**
 * The spec with attacks that spend no more than a budget on each sample: an attack that can be told takes the parameters
 * with which it uses all of it, any other is stopped when it asks for more.
 */
export async function withinBudget(spec: Spec, budget: Budget): Promise<Spec> {
  const asked = answersWithin(spec, budget);
  const attacks = spec.attacks.map(async (attack) => {
    const plugin = await loadPlugin('attack', attack.plugin);
    const params = plugin.within?.(attack.params, asked) ?? attack.params;
    const { also, features } = attack.threat;
    const threat = {
      ...threatOf(plugin, params, attack.plugin.url),
      ...(also && { also }),
      ...(features && { features }),
    };
    return { ...attack, params, threat, budget };
  });
  return { ...spec, attacks: await Promise.all(attacks) };
}

/** How often an attack may ask, where an answer is the mean of several passes: by the victim that takes most. */
function answersWithin({ victims }: Spec, { forwards, gradients }: Budget): Budget {
  const passes = Math.max(1, ...victims.map(({ eot = 1 }) => eot));
  const share = (of: number) => Math.max(1, Math.floor(of / passes));
  return {
    ...(forwards !== undefined && { forwards: share(forwards) }),
    ...(gradients !== undefined && { gradients: share(gradients) }),
  };
}
