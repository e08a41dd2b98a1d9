import type { CellReport, Report } from '@gauntlet/api';

/** Words of a user's that do harm where they are not escaped. */
export const hostile = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  ']]>',
  '\u001b[31mred\u001b[0m',
  'a\u0000b',
  '"&\'',
  '\ud800 lone',
  'x'.repeat(10_000),
  'line\nbreak',
  '\u202egnp.exe',
  '::stop-commands::x',
  '\u2028##[add-mask]x',
];

/** A report with every kind of verdict, and `text` wherever a user's words may stand. */
export function reportWith(text: string): Report {
  const outcome = {
    index: 4,
    status: 'broken',
    label: 1,
    prediction: 2,
    cleanPrediction: 1,
    l2: 0.5,
    mi: 3,
    seconds: 0.6388198209999987,
  } as const;
  const measured = { value: 0.5, n: 2, interval: [0.1, 0.9] as [number, number] };
  const cell = (attack: string, rest: Partial<CellReport>): CellReport => ({
    id: `${text}/${attack}`,
    key: '0'.repeat(64),
    victim: text,
    attack: `${attack} ${text}`,
    use: attack,
    version: 1,
    params: { note: text },
    threat: { norm: 'linf', epsilon: 0.1 },
    usesGradients: true,
    estimator: text,
    verdict: 'pass',
    findings: [],
    expectations: [],
    metrics: { asr: measured },
    outcomes: [outcome],
    ...rest,
  });
  const expectation = (verdict: 'pass' | 'fail' | 'inconclusive') => ({
    metric: 'asr' as const,
    max: 0.2,
    verdict,
    measured,
    message: `asr is 0.5 ${text}`,
  });
  const finding = {
    code: 'unassessed' as const,
    severity: 'inconclusive' as const,
    message: text,
    samples: [4],
  };
  return {
    format: 'gauntlet-report',
    version: 1,
    gauntlet: '0.1.0',
    spec: text,
    seed: 1,
    verdict: 'fail',
    interrupted: true,
    maxUnassessed: 0,
    strict: true,
    yardstick: text,
    dataset: { name: text, n: 1, imageShape: [2, 2, 1], hash: 'h' },
    victims: [
      {
        name: text,
        kind: 'classifier',
        model: text,
        engine: 'tfjs:wasm',
        inputShape: [2, 2, 1],
        bounds: [0, 1],
        classes: 2,
        outputScale: 'logits',
        featureSource: { kind: 'patches' },
        hash: 'h',
        gradients: 'exact',
        notes: [text],
      },
    ],
    cells: [
      cell('pass', {
        expectations: [expectation('pass')],
        findings: [{ ...finding, code: 'straddles-limit', severity: 'warning' }],
      }),
      cell('fail', {
        verdict: 'fail',
        expectations: [expectation('fail'), { ...expectation('pass'), metric: 'linf' }],
      }),
      cell('inconclusive', {
        verdict: 'inconclusive',
        findings: [finding],
        expectations: [expectation('inconclusive')],
      }),
      cell('none', { verdict: 'inconclusive', findings: [finding] }),
      cell('measured', { verdict: 'measured' }),
    ],
    execution: {
      startedAt: '2026-01-02T03:04:05.678Z',
      seconds: 1,
      workers: 2,
      node: 'v20',
      retries: [],
      reused: 0,
      reusedCells: [],
    },
  };
}
