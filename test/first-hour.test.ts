import { copyFileSync, existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { inProcess, repository, temporary } from './support/cli.js';
import { type Block, blocksOf } from './support/pages.js';

const page = 'docs/guide/first-hour.md';
const cwd = temporary('first-hour');
const trained = (model: string) => () => {
  for (const [from, to] of [
    [model, 'model.onnx'],
    ['images.npy', 'images.npy'],
    ['labels.npy', 'labels.npy'],
  ])
    copyFileSync(path.join(repository, 'examples/first-hour', from), path.join(cwd, to));
};

/** What is not run here: other tests install the packages, and the folder has what the script trains. */
const others: Record<string, () => void> = {
  'npm run demo': () => {},
  'npm run tarballs': () => {},
  'mkdir ../digits': () => {},
  'cd ../digits': () => {},
  'git init': () => void mkdirSync(path.join(cwd, '.git')),
  'npm init -y': () => {},
  'ONNXRUNTIME_NODE_INSTALL=skip npm install --save-dev ../gauntlet/tarballs/*.tgz': () => {},
  'cp ../gauntlet/examples/first-hour/train.py .': () =>
    expect(existsSync(path.join(repository, 'examples/first-hour/train.py'))).toBe(true),
  'pip install torch onnx onnxscript scikit-learn': () => {},
  'python train.py': trained('plain.onnx'),
  'python train.py --adversarial': trained('adversarial.onnx'),
};

/** Ends of the commands that do not end well. */
const codes: Record<string, number> = { 'gauntlet run': 1, 'gauntlet run --baseline model.baseline.json': 1 };

/** A line without what another machine does otherwise: paths, durations, workers, widths of columns. */
const plain = (line: string) =>
  line
    .replaceAll(cwd, '/home/you/digits')
    .replaceAll(/(\d+ (h|min) )*\d+(\.\d+)? (h|min|s)\b/g, '# s')
    .replaceAll(/\b\d+ workers?/g, '# workers')
    .replaceAll(/(│ )\d+\.\d( +│ [✓✗])/g, '$1#$2')
    .replaceAll(/ +/g, ' ')
    .trimEnd();
/** Digits behind the fourth place may be those of another processor. */
const masked = (line: string) => plain(line).replaceAll(/\d+(\.\d+)?(e-\d+)?/g, '#');
const shares = (line: string) => [...plain(line).matchAll(/(\d+\.\d) %/g)].map(([, share]) => Number(share));

/** Whether `printed` has the lines of a page in their order; the first that it lacks. */
function firstMissing(printed: string, block: string): string | undefined {
  const lines = printed.split('\n');
  let from = 0;
  for (const line of block.trimEnd().split('\n')) {
    if (line === '…') continue;
    const at = lines.findIndex(
      (one, i) =>
        i >= from &&
        masked(one) === masked(line) &&
        shares(one).every((share, k) => Math.abs(share - shares(line)[k]) <= 5),
    );
    if (at < 0) return line;
    from = at + 1;
  }
  return undefined;
}

describe('the first hour', () => {
  const blocks = blocksOf(page, 'sh', '');
  const commands = blocks.flatMap((block, i) =>
    block.language === 'sh'
      ? block.text
          .trim()
          .split('\n')
          .map((line, k, all) => ({ line, shown: k === all.length - 1 ? shownBy(blocks[i + 1]) : undefined }))
      : [],
  );
  let passed = 0;

  for (const { line, shown } of commands)
    it(`${line}${shown === undefined ? '' : ' prints what the page says'}`, async () => {
      if (!line.startsWith('gauntlet ')) {
        expect(Object.keys(others)).toContain(line);
        return others[line]();
      }
      const args = line.split(' ').slice(1);
      // The same model fails without the option and passes with it.
      const expected = line === 'gauntlet run' && passed++ > 0 ? 0 : (codes[line] ?? 0);
      const inOneProcess = args[0] === 'run' ? ['-j', '0'] : [];
      const { code, stdout, stderr } = await inProcess([...args, ...inOneProcess], { cwd });
      expect([code, stderr]).toEqual([expected, '']);
      expect(firstMissing(stdout, shown ?? '…')).toBeUndefined();
    });
});

const shownBy = (next: Block | undefined) => (next?.language === '' ? next.text : undefined);
