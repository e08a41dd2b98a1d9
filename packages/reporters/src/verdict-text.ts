import type { Verdict } from '@gauntlet/api';
import type { Paint } from './paint.js';

const styleOf = {
  pass: 'green',
  fail: 'red',
  inconclusive: 'yellow',
  measured: 'dim',
} as const satisfies Record<Verdict, string>;
const mark: Record<Verdict, string> = {
  pass: '✓ pass',
  fail: '✗ fail',
  inconclusive: '? inconclusive',
  measured: '· measured',
};

export const verdictText = (verdict: Verdict, paint: Paint) => paint(styleOf[verdict], mark[verdict]);
