// Attacks the forms that make-forms.py wrote as `gauntlet run` does, and prints what broke beside the float model.
//   node bench/quantised/check.mjs FOLDER IMAGES-idx3-ubyte.gz LABELS-idx1-ubyte.gz [--take 40] [--only PART] [--way PART]
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    take: { type: 'string', default: '40' },
    only: { type: 'string', default: '' },
    way: { type: 'string', default: '' },
  },
});
const [folder, images, labels] = positionals.map((each) => path.resolve(each));
const cli = path.resolve(import.meta.dirname, '../../packages/cli/bin/gauntlet.js');
const work = mkdtempSync(path.join(tmpdir(), 'gauntlet-quantised-'));

const epsilon = 0.3;
const withGradients = [
  { use: 'fgsm', params: { epsilon } },
  { use: 'pgd', params: { epsilon, steps: 20, stepSize: 0.03 } },
];
const byScores = [{ use: 'square', params: { epsilon, queries: 2000 } }];
const ways = [
  { way: 'exact', gradients: 'exact', attacks: withGradients },
  { way: 'straight through', gradients: { straightThrough: true }, attacks: withGradients },
  { way: 'estimated', gradients: 'estimated', attacks: [withGradients[1]] },
  { way: 'by scores', gradients: 'exact', attacks: byScores },
];

for (const model of readdirSync(folder).filter(
  (name) => name.endsWith('.onnx') && name.includes(values.only),
))
  for (const [i, { way, gradients, attacks }] of ways.entries()) {
    if (!way.includes(values.way)) continue;
    const name = `${model}-${i}`;
    const spec = path.join(work, `${name}.robust.json`);
    const victim = { name, kind: 'classifier', model: path.join(folder, model), bounds: [0, 1] };
    writeFileSync(
      spec,
      JSON.stringify({
        seed: 1,
        victim: { ...victim, gradients },
        dataset: { format: 'idx', images, labels, take: Number(values.take) },
        attacks,
      }),
    );
    const output = path.join(work, name);
    const { stderr } = spawnSync(process.execPath, [cli, 'run', spec, '--output', output, '-j', '0'], {
      encoding: 'utf8',
    });
    let cells;
    try {
      ({ cells } = JSON.parse(readFileSync(path.join(output, 'report.json'), 'utf8')));
    } catch {
      console.log(`${model} | ${way} | refused: ${stderr.replace(/\s+/g, ' ').trim()}`);
      continue;
    }
    for (const { attack, outcomes, verdict } of cells) {
      const count = (status) => outcomes.filter((each) => each.status === status).length;
      console.log(
        `${model} | ${way} | ${attack} | ${count('broken')} of ${outcomes.length - count('skipped')} | ${verdict}`,
      );
    }
  }
