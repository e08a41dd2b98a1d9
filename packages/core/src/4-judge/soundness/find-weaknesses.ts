import type { Expectation, Finding, Strict, WeakFinding } from '@gauntlet/api';
import { type Check, type Evidence, expectsHeld, type Found, type Weight } from './check.js';
import { checks } from './checks.js';

/** A finding with the expectations whose pass it takes away. */
export interface Weakness {
  finding: Finding;
  takes: (expectation: Expectation) => boolean;
}

/**
 * All that speaks against a cell's evidence. `standing` are the expectations that the numbers alone do not fail: a weak
 * finding that concerns none of them changes nothing, and is a warning.
 */
export function findWeaknesses(
  evidence: Evidence,
  standing: readonly Expectation[],
  strict: Strict,
  among: readonly Check[] = checks,
): Weakness[] {
  return among.flatMap((check) => {
    const found = check.find(evidence);
    return found ? [weigh(check, found, standing, strict)] : [];
  });
}

function weigh(
  { code, weight: usual }: Check,
  { message, samples = [], weight = usual, concerns = expectsHeld }: Found,
  standing: readonly Expectation[],
  strict: Strict,
): Weakness {
  const counts = matters(weight, concerns, standing);
  const accepted = counts && weight === 'weak' && accepts(strict, code as WeakFinding);
  const severity = counts && !accepted ? 'inconclusive' : 'warning';
  const taken = weight === 'void' ? () => true : concerns;
  return {
    finding: {
      code,
      severity,
      ...(accepted && { accepted }),
      message,
      samples: samples.map(({ index }) => index),
    },
    takes: severity === 'inconclusive' ? taken : () => false,
  };
}

function matters(weight: Weight, concerns: Required<Found>['concerns'], standing: readonly Expectation[]) {
  return weight === 'void' || (weight === 'weak' && standing.some(concerns));
}

const accepts = (strict: Strict, code: WeakFinding): boolean =>
  typeof strict === 'boolean' ? !strict : strict.except.includes(code);
