import type { Budget } from '@gauntlet/api';
import type { Spec } from '../1-spec/spec.js';
import { loadPlugin } from '../plugins/load-plugin.js';

/**
 * The spec with attacks that spend no more than a budget on each sample: an attack that can be told takes the parameters
 * with which it uses all of it, any other is stopped when it asks for more.
 */
export async function withinBudget(spec: Spec, budget: Budget): Promise<Spec> {
  const attacks = spec.attacks.map(async (attack) => {
    const plugin = await loadPlugin('attack', attack.plugin);
    const params = plugin.within?.(attack.params, budget) ?? attack.params;
    const { also } = attack.threat;
    const threat = { ...plugin.threat(params), ...(also && { also }) };
    return { ...attack, params, threat, budget };
  });
  return { ...spec, attacks: await Promise.all(attacks) };
}
