import { type Attack, GauntletError, reasonOf, type ThreatModel } from '@gauntlet/api';

const lengths = ['linf', 'l2', 'l1', 'l0', 'none'];

/**
 * The threat model that an attack states for its parameters: what the referee cannot hold its images against is refused.
 * @throws GauntletError `plugin-broken`
 */
export function threatOf(attack: Pick<Attack, 'name' | 'threat'>, params: unknown, url: string): ThreatModel {
  const broken = (what: string) =>
    new GauntletError('plugin-broken', `"threat" of the attack ${attack.name} (${url}) ${what}`);
  let threat: Partial<ThreatModel> | undefined;
  try {
    threat = attack.threat(params);
  } catch (error) {
    throw broken(`failed for the parameters ${JSON.stringify(params)}: ${reasonOf(error)}`);
  }
  const { kind, norm, epsilon } = threat ?? {};
  if (!lengths.includes(norm as string))
    throw broken(`gives the norm ${JSON.stringify(norm)}; it must be one of ${lengths.join(', ')}.`);
  if (norm !== 'none' && !(typeof epsilon === 'number' && epsilon >= 0 && epsilon < Infinity))
    throw broken(`gives the epsilon ${String(epsilon)}; it must be a number of at least 0, in input units.`);
  if (kind !== undefined && kind !== 'corruption')
    throw broken(`gives the kind ${JSON.stringify(kind)}; it must be "corruption" or left out.`);
  return threat as ThreatModel;
}
