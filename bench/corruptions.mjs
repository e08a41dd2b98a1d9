// Our corruptions against those of PyPI's imagecorruptions: pixel for pixel where nothing is random, by moments where something is.
//   node bench/corruptions.mjs --python <a Python with imagecorruptions: see corruptions.py> [--draws 20]
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { Stream } from '@gauntlet/api';
import { createJiti } from 'jiti';

const sources = createJiti(import.meta.url);
const { kinds } = await sources.import('../packages/attacks-corruptions/src/kinds.ts');
const { motionBlur } = await sources.import('../packages/attacks-corruptions/src/motion.ts');

const { values: options } = parseArgs({
  options: { python: { type: 'string', default: 'python3' }, draws: { type: 'string', default: '20' } },
});
const folder = mkdtempSync(path.join(tmpdir(), 'gauntlet-corruptions-'));
const script = path.join(import.meta.dirname, 'corruptions.py');
const made = spawnSync(options.python, [script, folder, options.draws], { encoding: 'utf8' });
if (made.status !== 0) {
  console.error(made.stderr);
  process.exit(1);
}
const bytesOf = (file) => readFileSync(path.join(folder, file));
const corrupt = async ({ kind, scale, severity, side, which, ...row }, draw) => {
  const values = Float64Array.from(bytesOf(`clean-${side}-${which}.bin`), (byte) => byte / 255);
  const picture = { height: side, width: side, channels: 3, values };
  const stream = new Stream('bench', kind, severity, which, draw);
  const result =
    kind === 'motion'
      ? motionBlur(picture, row.radius, row.sigma, row.angle)
      : await kinds[kind].severities[scale][severity - 1](picture, stream);
  return { clean: values, bytes: result.values.map((value) => 255 * Math.min(1, Math.max(0, value))) };
};

/** Difference of the means of two samples, and how many standard errors that is. */
function compare(ours, theirs) {
  const mean = (all) => all.reduce((sum, one) => sum + one, 0) / all.length;
  const variance = (all) =>
    all.reduce((sum, one) => sum + (one - mean(all)) ** 2, 0) / (all.length - 1) / all.length;
  const difference = mean(ours) - mean(theirs);
  return { difference, errors: difference / Math.sqrt(variance(ours) + variance(theirs)) };
}

const worst = new Map();
const note = (row, found) => {
  const key = `${row.kind === 'motion' ? 'motion-blur at six angles' : `${row.kind}, ${row.scale}`}, ${row.side} px`;
  worst.set(key, [...(worst.get(key) ?? []), found]);
};
for (const row of JSON.parse(readFileSync(path.join(folder, 'index.json'), 'utf8'))) {
  if (row.file) {
    const { bytes } = await corrupt(row, 0);
    const theirs = bytesOf(row.file);
    // They cut decimals off where we keep them.
    note(row, {
      apart: bytes.reduce((most, value, i) => Math.max(most, Math.abs(Math.round(value) - theirs[i])), 0),
    });
    continue;
  }
  const [means, changes] = [[], []];
  for (const draw of row.means.keys()) {
    const { clean, bytes } = await corrupt(row, draw);
    let [sum, squares] = [0, 0];
    bytes.forEach((value, i) => {
      const byte = Math.floor(value + 1e-9);
      sum += byte;
      squares += (byte - 255 * clean[i]) ** 2;
    });
    means.push(sum / bytes.length);
    changes.push(Math.sqrt(squares / bytes.length));
  }
  note(row, { mean: compare(means, row.means), change: compare(changes, row.changes) });
}
rmSync(folder, { recursive: true });

const largest = (found, of) =>
  found.reduce((most, one) => (Math.abs(of(one)) > Math.abs(most) ? of(one) : most), 0);
console.log(
  'Nothing random: the largest difference of a value, in levels of 255, over three pictures and five severities.\n',
);
console.log('| corruption | apart |\n|---|---:|');
for (const [key, found] of worst)
  if (found[0].apart !== undefined) console.log(`| ${key} | ${largest(found, (one) => one.apart)} |`);
console.log(
  '\nRandom: the mean and the root mean square of the change over draws, in levels of 255: the largest difference of 15 (three pictures, five severities), and the largest in standard errors.\n',
);
console.log('| corruption | mean | errors | change | errors |\n|---|---:|---:|---:|---:|');
for (const [key, found] of worst)
  if (found[0].apart === undefined) {
    const cells = ['mean', 'change'].flatMap((what) => [
      largest(found, (one) => one[what].difference).toFixed(2),
      largest(found, (one) => one[what].errors).toFixed(1),
    ]);
    console.log(`| ${key} | ${cells.join(' | ')} |`);
  }
