import type { Budget } from '../attacks/budget.js';
import type { Attack } from '../attacks/define-attack.js';
import { loadPlugin } from '../attacks/load-plugin.js';
import type { Spec } from '../spec/spec.js';

/**
 * The spec with attacks that spend no more than a budget on each sample: an attack that can be told takes the parameters
 * with which it uses all of it, any other is stopped when it asks for more.
 */
export async function withinBudget(spec: Spec, budget: Budget): Promise<Spec> {
  const attacks = spec.attacks.map(async (attack) => {
    const plugin = (await loadPlugin(attack.plugin)) as Attack;
    const params = plugin.within?.(attack.params, budget) ?? attack.params;
    return { ...attack, params, threat: plugin.threat(params), budget };
  });
  return { ...spec, attacks: await Promise.all(attacks) };
}
