import {
  type Expectation,
  type ExpectationResult,
  type Finding,
  type Outcome,
  reasonOf,
  voidFindings,
} from '@gauntlet/api';
import { computeMetric, type Measures } from './metrics.js';
import { anytime } from './statistics/confidence-sequence.js';
import type { MeasuredExpectation } from './soundness/check.js';

/** An expectation and what was measured of it, or why nothing could be. */
export interface Measured extends MeasuredExpectation {
  failure?: string;
}

/** Measures what is expected. */
export function measureExpectation(
  measures: Measures,
  expectation: Expectation,
  outcomes: readonly Outcome[],
): Measured {
  const { metric, confidence, early } = expectation;
  try {
    const measured = computeMetric(measures, metric, outcomes, confidence, early && anytime);
    return { ...expectation, measured };
  } catch (error) {
    const failure = `${metric} cannot be measured: ${reasonOf(error)}`;
    return { ...expectation, measured: { n: 0 }, failure };
  }
}

/**
 * The one place where a verdict on an expectation is made. No evidence is never a pass: `against` are the findings that take
 * one away. A limit that is broken stays broken, unless nothing was measured.
 */
export function judgeMeasured(
  { failure, ...expectation }: Measured,
  against: readonly Finding[],
): ExpectationResult {
  const { metric, min = -Infinity, max = Infinity, confidence, measured } = expectation;
  const { value, n, interval } = measured;
  const result = (verdict: ExpectationResult['verdict'], message: string) => ({
    ...expectation,
    verdict,
    message,
  });
  const reasons = against.map(({ message }) => message).join(' ');
  if (against.some(({ code }) => isVoid(code))) return result('inconclusive', `${metric}: ${reasons}`);
  if (failure !== undefined) return result('inconclusive', failure);
  if (value === undefined || !Number.isFinite(value))
    return result('inconclusive', `${metric}: no sample says anything about it (n = 0).`);
  const says = `${metric} is ${format(value)}${interval ? ` [${interval.map(format).join(', ')}]` : ''} over ${n} sample${n === 1 ? '' : 's'}; ${limits(expectation)}`;
  if (confidence !== undefined && !interval)
    return result('inconclusive', `${says}. One sample has no interval.`);
  const [low, high] = confidence !== undefined ? interval! : [value, value];
  const holds = low >= min && high <= max;
  if (!holds) return result('fail', `${says}, ${shortfall(expectation, value)}.`);
  return against.length === 0
    ? result('pass', `${says}.`)
    : result('inconclusive', `${says}, which is no evidence. ${reasons}`);
}

const isVoid = (code: Finding['code']) => (voidFindings as readonly string[]).includes(code);

function limits({ min, max, confidence, early }: Expectation): string {
  const parts = [min !== undefined && `at least ${min}`, max !== undefined && `at most ${max}`].filter(
    Boolean,
  );
  return `expected ${parts.join(' and ')}${confidence === undefined ? '' : ` with ${confidence * 100} % confidence${early ? ' at any time' : ''}`}`;
}

function shortfall({ min = -Infinity, max = Infinity }: Expectation, value: number): string {
  if (value < min) return `which is ${format(min - value)} too little`;
  if (value > max) return `which is ${format(value - max)} too much`;
  return 'which the interval does not show';
}

const format = (value: number) => String(Number(value.toPrecision(4)));
