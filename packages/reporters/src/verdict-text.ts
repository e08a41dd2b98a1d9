import type { Paint } from './paint.js';
import { marks, type Standing } from './standing.js';

const styleOf = {
  pass: 'green',
  fail: 'red',
  inconclusive: 'yellow',
  measured: 'dim',
  worked: 'cyan',
  weak: 'red',
} as const satisfies Record<Standing, string>;

export const verdictText = (verdict: Standing, paint: Paint) => paint(styleOf[verdict], marks[verdict]);
