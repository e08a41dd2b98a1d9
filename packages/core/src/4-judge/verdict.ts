import {
  type Expectation,
  type ExpectationResult,
  type Finding,
  type Metric,
  type Outcome,
  reasonOf,
  type Verdict,
  worst,
} from '@gauntlet/api';
import { computeMetric, type Measures } from './metrics.js';

/** Measures what is expected and judges it. */
export function judgeExpectation(
  measures: Measures,
  expectation: Expectation,
  outcomes: readonly Outcome[],
  findings: readonly Finding[],
): ExpectationResult {
  const { metric, confidence } = expectation;
  let measured: Metric;
  try {
    measured = computeMetric(measures, metric, outcomes, confidence);
  } catch (error) {
    const message = `${metric} cannot be measured: ${reasonOf(error)}`;
    return { ...expectation, verdict: 'inconclusive', measured: { n: 0 }, message };
  }
  return judgeMeasured(expectation, measured, findings);
}

/** The one place where a verdict on an expectation is made. No evidence is never a pass. */
export function judgeMeasured(
  expectation: Expectation,
  measured: Metric,
  findings: readonly Finding[],
): ExpectationResult {
  const { metric, min = -Infinity, max = Infinity, confidence } = expectation;
  const { value, n, interval } = measured;
  const result = (verdict: Verdict, message: string) => ({ ...expectation, verdict, measured, message });
  if (findings.length > 0)
    return result('inconclusive', `${metric}: ${findings.map(({ message }) => message).join(' ')}`);
  if (value === undefined || !Number.isFinite(value))
    return result('inconclusive', `${metric}: no sample says anything about it (n = 0).`);
  const says = `${metric} is ${format(value)}${interval ? ` [${interval.map(format).join(', ')}]` : ''} over ${n} sample${n === 1 ? '' : 's'}; ${limits(expectation)}`;
  if (confidence !== undefined && !interval)
    return result('inconclusive', `${says}. One sample has no interval.`);
  const [low, high] = confidence !== undefined ? interval! : [value, value];
  const holds = low >= min && high <= max;
  return result(holds ? 'pass' : 'fail', holds ? `${says}.` : `${says}, ${failure(expectation, value)}.`);
}

/** A cell passes only if it is sound and all its expectations pass. */
export function cellVerdict(results: readonly ExpectationResult[], findings: readonly Finding[]): Verdict {
  if (findings.length > 0) return 'inconclusive';
  return worst(results.map(({ verdict }) => verdict));
}

function limits({ min, max, confidence }: Expectation): string {
  const parts = [min !== undefined && `at least ${min}`, max !== undefined && `at most ${max}`].filter(
    Boolean,
  );
  return `expected ${parts.join(' and ')}${confidence === undefined ? '' : ` with ${confidence * 100} % confidence`}`;
}

function failure({ min = -Infinity, max = Infinity }: Expectation, value: number): string {
  if (value < min) return `which is ${format(min - value)} too little`;
  if (value > max) return `which is ${format(value - max)} too much`;
  return 'which the interval does not show';
}

const format = (value: number) => String(Number(value.toPrecision(4)));
