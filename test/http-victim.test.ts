import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Outcome } from '@gauntlet/api';
import { digitsModel, gauntlet, readReport, temporary, writeSpec } from './support/cli.js';
import { startModelServer } from './support/model-server.js';

const folder = temporary('http');
let server: Awaited<ReturnType<typeof startModelServer>>;
let address: string;
let next = 0;

beforeAll(async () => {
  server = await startModelServer(digitsModel);
  ({ address } = server);
}, 30_000);
beforeEach(() => fetch(`${address}/reset`));
afterEach(() => void delete process.env.GAUNTLET_TEST_TOKEN);
afterAll(() => server.close());

const stats = async () =>
  (await (await fetch(`${address}/stats`)).json()) as { requests: number; images: number };

const square = { use: 'square', params: { epsilon: 0.2, queries: 40 } };
const boundary = { use: 'hop-skip-jump', params: { norm: 'l2', queries: 40 } };

async function run(victim: object, attacks: object[] = [square], take = 4) {
  const output = path.join(folder, String(next++));
  const spec = writeSpec(folder, attacks, {
    victim: { name: 'v', kind: 'classifier', bounds: [0, 1], ...victim },
    dataset: { format: 'plugin', use: 'digits', take },
  });
  const result = await gauntlet('run', spec, '--output', output, '-j', '0', '--engine', 'tfjs:wasm');
  return { ...result, output };
}
/** What was found out about each sample, without seconds, and without MI, whose features stay behind the address. */
const found = (output: string) =>
  readReport(output).cells.map(({ outcomes }) =>
    outcomes.map(({ seconds: _, mi: __, miSelf: ___, ...rest }: Outcome) => rest),
  );
const http = (route: string, rest: object = {}) => ({ http: { url: `${address}${route}`, ...rest } });

describe('a model over HTTP', () => {
  it('has the same outcomes as in process, of scores and of labels', async () => {
    const local = await run({ model: digitsModel }, [square, boundary]);
    const remote = await run(http('/scores', { batchSize: 7 }), [square, boundary]);
    expect([local.code, local.stderr], remote.stderr).toEqual([remote.code, '']);
    expect(found(remote.output)).toEqual(found(local.output));
    const [scores] = found(remote.output);
    expect(scores.some(({ status }) => status === 'broken')).toBe(true);
    expect(scores.some(({ status }) => status === 'held')).toBe(true);
    const route = http('/labels', { answer: 'labels', classes: 10, output: 'data.classes' });
    const labels = await run(route, [boundary]);
    const [decided] = found(labels.output);
    const [, expected] = found(local.output);
    expect(decided.map(({ status, l2 }) => [status, l2])).toEqual(
      expected.map(({ status, l2 }) => [status, l2]),
    );
  }, 240_000);

  it('is asked again where it fails for a moment, and the outcomes are the same', async () => {
    const plain = await run(http('/scores'));
    const flaky = await run(http('/flaky/25/429'));
    expect(found(flaky.output)).toEqual(found(plain.output));
    const { images } = await stats();
    const cached = await run(http('/scores', { cache: 5000 }));
    expect(found(cached.output)).toEqual(found(plain.output));
    expect(readReport(cached.output).victims[0].notes.join()).toMatch(/Answers are kept/);
    // The passes of the examination and the clean predictions are answered from what is kept.
    expect((await stats()).images - images).toBeLessThan(images / 2 - 25);
  }, 240_000);

  /** Seconds; a busy machine is slow before any fault. */
  const patience = (fault: string) => (fault === 'slow' ? 2 : 30);

  const faults: [string, RegExp][] = [
    ['429', /answered 429 Too Many Requests, 2 times/],
    ['busy', /answered 503 Service Unavailable and asks to wait 4000 s/],
    ['500', /answered 500 Internal Server Error, 2 times/],
    ['gone', /cannot be reached/],
    ['slow', /gave no answer within 2 s, 2 times/],
    ['html', /answered no JSON \("<html>"\)/],
    ['nan', /answered no JSON/],
    ['null', /answered null among the numbers of row 0/],
    ['infinite', /answered Infinity among the numbers of row 0/],
    ['large', /answered 1e\+300 among the numbers/],
    ['text', /answered a value of type string among the numbers of row 0/],
    ['fewer', /answered \d+ rows for \d+ images/],
    ['more', /answered \d+ rows for \d+ images/],
    ['narrow', /answered 9 numbers for an image, and 10 for another/],
    ['empty', /answered nothing among the numbers/],
    ['field', /answered without a list "predictions" \(it has outputs; "output" names the field\)/],
  ];

  it.each(faults)(
    'that fails in the middle of an attack never counts as held: %s',
    async (fault, message) => {
      const { code, output, stderr } = await run(
        http(`/after/40/${fault}`, { retries: 1, timeout: patience(fault) }),
        [{ ...square, expect: { asr: { max: 0.9 } } }],
      );
      expect(stderr).toBe('');
      expect(code).toBe(3);
      const { cells } = readReport(output);
      expect(cells[0].verdict).toBe('inconclusive');
      const open = cells[0].outcomes.filter(({ status }) => status !== 'skipped');
      expect(open.map(({ status }) => status)).toEqual(open.map(() => 'unassessed'));
      expect(open[0].reason).toMatch(message);
    },
    120_000,
  );

  it.each(faults.filter(([fault]) => fault !== 'narrow'))(
    'that fails from the beginning ends the run with a sentence: %s',
    async (fault, message) => {
      const { code, stderr } = await run(http(`/after/0/${fault}`, { retries: 1, timeout: patience(fault) }));
      expect(code).not.toBe(0);
      expect(stderr).toMatch(/The victim http failed in predict: http:\/\/127\.0\.0\.1/);
      expect(stderr).toMatch(message);
      expect(stderr).not.toMatch(/\n +at /);
    },
    120_000,
  );

  it('is asked no more than its budget, and what is left is unassessed', async () => {
    const { code, output } = await run(http('/scores', { queries: 100 }));
    expect(code).toBe(3);
    expect((await stats()).images).toBeLessThanOrEqual(100);
    const { outcomes } = readReport(output).cells[0];
    expect(outcomes.filter(({ status }) => status === 'held')).toEqual([]);
    expect(outcomes.find(({ status }) => status === 'unassessed')!.reason).toMatch(
      /the budget of 100 queries is spent/,
    );
  }, 120_000);

  it('is not asked for what it cannot give', async () => {
    const refused = await run(http('/scores'), [{ use: 'pgd', params: { epsilon: 0.1 } }, square]);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toMatch(
      /pgd: a model over HTTP has no gradients\. Attack it with square or hop-skip-jump, or write gradients: estimated/,
    );
    const byName = { use: 'http', params: { url: `${address}/scores` } };
    expect((await run(byName, [{ use: 'fgsm', params: { epsilon: 0.1 } }])).stderr).toMatch(
      /has no gradients/,
    );
    expect((await stats()).requests).toBe(0);
    expect((await run({ ...http('/scores'), model: digitsModel })).stderr).toMatch(
      /or "http" \(an address\)/,
    );
    expect((await run(http('/labels', { answer: 'labels' }))).stderr).toMatch(/"classes" says how many/);
    expect((await run({ http: { url: 'ftp://x' } })).stderr).toMatch(/url/);
  }, 120_000);

  it('gets secrets of the environment, which are in no file and in no message', async () => {
    const headers = { Authorization: 'Bearer ${GAUNTLET_TEST_TOKEN}' };
    expect((await run(http('/secret', { headers }))).stderr).toMatch(
      /names \$\{GAUNTLET_TEST_TOKEN\}, and the environment has no variable GAUNTLET_TEST_TOKEN/,
    );
    process.env.GAUNTLET_TEST_TOKEN = 'correct horse';
    const { code, output, stderr } = await run(http('/secret', { headers }));
    expect([code, stderr]).toEqual([0, '']);
    for (const name of readdirSync(output, { recursive: true }) as string[]) {
      const file = path.join(output, name);
      if (statSync(file).isFile()) expect(readFileSync(file).includes('correct horse'), file).toBe(false);
    }
    const echoed = await run(http('/echo', { headers, retries: 0 }));
    expect(echoed.stderr).toMatch(/answered no JSON \("Bearer \$\{GAUNTLET_TEST_TOKEN\}"\)/);
    expect(echoed.stdout + echoed.stderr).not.toMatch(/correct horse/);
  }, 240_000);
});
