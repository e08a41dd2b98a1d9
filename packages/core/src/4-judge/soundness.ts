import type { Finding, Outcome, ThreatModel } from '@gauntlet/api';

/** Above this share of attacked samples, gradients that are zero everywhere say more than the attack's success. */
const zeroGradientShare = 0.05;

/** What makes a cell's outcomes no evidence. `threat` is for the message: whose rule a sample broke is told from it. */
export function checkSoundness(
  outcomes: readonly Outcome[],
  maxUnassessed: number,
  threat?: ThreatModel,
): Finding[] {
  const findings: Finding[] = [];
  const find = (code: Finding['code'], some: readonly Outcome[], message: string) =>
    findings.push({ code, message, samples: some.map(({ index }) => index) });

  if (outcomes.length === 0) find('no-samples', [], 'There is no sample.');

  const defective = outcomes.filter(({ defect }) => defect);
  if (defective.length > 0) {
    const { index, defect } = defective.reduce((worst, one) =>
      one.defect!.amount > worst.defect!.amount ? one : worst,
    );
    find(
      'attack-defect',
      defective,
      `The attack ${brokenRule(threat)} on ${count(defective.length, 'sample')}: sample ${index} is ${defect!.kind} by ${format(defect!.amount)}.`,
    );
  }

  const open = outcomes.filter(({ status, defect }) => status === 'unassessed' && !defect);
  if (open.length > maxUnassessed * outcomes.length) {
    const reasons = [...new Set(open.map(({ reason }) => reason))].slice(0, 3).join('; ');
    find(
      'unassessed',
      open,
      `${open.length} of ${count(outcomes.length, 'sample')} unassessed (allowed: ${format(maxUnassessed * 100)} %): ${reasons}.`,
    );
  }

  const attacked = outcomes.filter(({ status }) => status === 'broken' || status === 'held');
  const blind = attacked.filter(
    ({ status, flat, gradients = 0, zeroGradients = 0 }) =>
      status === 'held' && (flat || (gradients > 0 && zeroGradients >= gradients)),
  );
  if (blind.length > zeroGradientShare * attacked.length) {
    find(
      'zero-gradients',
      blind,
      `The victim's gradient was zero everywhere on ${blind.length} of ${count(attacked.length, 'attacked sample')}, which held: that is no evidence of robustness.`,
    );
  }
  return findings;
}

function brokenRule(threat: ThreatModel | undefined): string {
  if (!threat?.also) return 'broke its own threat model';
  const { norm, epsilon, also } = threat;
  const own = norm === 'none' ? 'box only' : `${norm} ≤ ${format(epsilon)}`;
  return `left the threat model (${own}, and ${also.norm} ≤ ${format(also.epsilon)} by the spec)`;
}

const count = (n: number, what: string) => `${n} ${what}${n === 1 ? '' : 's'}`;
const format = (value: number) => String(Number(value.toPrecision(4)));
