// Runs what make.py made as a user does, holds the clean predictions against those of its own framework, image by image, and
// writes what it saw as Markdown.
//   node bench/users/check.mjs FOLDER QUANTISED DATA [--only NAME] > bench/results/users.md
// QUANTISED is what bench/quantised/make-forms.py wrote, DATA the folder with mnist/.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { only: { type: 'string', default: '' } },
});
const [folder, quantised, data] = positionals.map((each) => path.resolve(each));
const cli = path.resolve(import.meta.dirname, '../../packages/cli/bin/gauntlet.js');
const expected = JSON.parse(readFileSync(path.join(folder, 'expected.json'), 'utf8'));
const work = path.join(folder, 'runs');
mkdirSync(work, { recursive: true });

const classifier = { kind: 'classifier', bounds: [0, 1] };
const mnist = (take) => ({
  format: 'idx',
  images: path.join(data, 'mnist/t10k-images-idx3-ubyte.gz'),
  labels: path.join(data, 'mnist/t10k-labels-idx1-ubyte.gz'),
  take,
});
const pgd = (epsilon) => ({ use: 'pgd', params: { epsilon, steps: 20, restarts: 1 } });
const scores = (queries) => ({ use: 'square', params: { epsilon: 0.3, queries } });
const labels = { use: 'hop-skip-jump', params: { epsilon: 1.5, norm: 'l2', queries: 1000 } };
const hamming = { use: 'hamming', params: { labels: 2 } };
const digits8 = { format: 'npz', file: path.join(folder, 'digits8.npz') };
const pairs = { format: 'npz', file: path.join(folder, 'pairs.npz') };
const said = (name) => expected[name].predictions;

const cases = [
  {
    name: 'photos',
    what: 'torchvision shufflenet_v2_x0_5, a folder of PNG and JPEG photos of 60 to 200 pixels, Resize(72), CenterCrop(64), Normalize',
    victim: {
      model: path.join(folder, 'shufflenet.onnx'),
      preprocess: { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] },
    },
    dataset: { format: 'folder', path: path.join(folder, 'photos'), resize: 72, centerCrop: 64 },
    attacks: [{ use: 'fgsm', params: { epsilon: 2 / 255 } }, pgd(2 / 255)],
    said: said('photos'),
  },
  {
    name: 'keras',
    what: 'Keras, model.save("digits.keras")',
    victim: { model: path.join(folder, 'digits.keras') },
    dataset: mnist(200),
    attacks: [pgd(0.1)],
    said: said('keras'),
  },
  {
    name: 'xgboost',
    what: 'XGBClassifier, onnxmltools.convert_xgboost with default options',
    victim: { model: path.join(folder, 'xgboost.onnx') },
    dataset: digits8,
    attacks: [scores(300), labels],
    said: said('xgboost'),
  },
  {
    name: 'forest',
    what: 'RandomForestClassifier, skl2onnx.to_onnx with default options',
    victim: { model: path.join(folder, 'forest.onnx') },
    dataset: digits8,
    attacks: [scores(300)],
    said: said('forest'),
  },
  ...['qdq', 'dynamic'].map((form) => ({
    name: form,
    what: `the shared MNIST classifier, int8 (${form})`,
    victim: { model: path.join(quantised, `${form}.onnx`), gradients: { straightThrough: true } },
    dataset: mnist(40),
    attacks: [pgd(0.3), { use: 'standard', params: { epsilon: 0.3 } }],
  })),
  ...['script', 'dynamo'].map((exporter) => ({
    name: `pairs-${exporter}`,
    what: `PyTorch, which of ten digits are in a picture of two: multi-label, exported with dynamo=${exporter === 'dynamo' ? 'True' : 'False'}`,
    victim: { model: path.join(folder, `pairs-${exporter}.onnx`), multiLabel: true },
    dataset: pairs,
    attacks: [pgd(0.1), { ...pgd(0.1), name: 'pgd, two labels', criterion: hamming }],
    said: said('pairs').map((row) => String(row.flatMap((is, k) => (is ? [k] : [])))),
  })),
];

const rows = [];
const otherwise = [];
for (const { name, what, victim, dataset, attacks, said: predictions } of cases) {
  if (!name.includes(values.only)) continue;
  const spec = path.join(work, `${name}.robust.json`);
  const written = { seed: 1, victim: { ...classifier, ...victim, name }, dataset, attacks };
  writeFileSync(spec, JSON.stringify(written, undefined, 2));
  const output = path.join(work, name);
  const run = spawnSync(process.execPath, [cli, 'run', spec, '--output', output, '-j', '0'], {
    encoding: 'utf8',
  });
  writeFileSync(path.join(work, `${name}.txt`), run.stdout + run.stderr);
  let report;
  try {
    report = JSON.parse(readFileSync(path.join(output, 'report.json'), 'utf8'));
  } catch {
    rows.push([what, 'refused', run.stderr.replace(/\s+/g, ' ').trim(), '', '']);
    continue;
  }
  for (const { attack, verdict, outcomes, metrics } of report.cells) {
    const ours = outcomes.map((one) =>
      one.cleanPredictions ? String(one.cleanPredictions) : one.cleanPrediction,
    );
    const other = predictions
      ? ours.flatMap((one, i) => (one === predictions[outcomes[i].index] ? [] : [i]))
      : [];
    const count = (status) => outcomes.filter((one) => one.status === status).length;
    rows.push([
      what,
      predictions ? `${ours.length - other.length} of ${ours.length}` : '',
      metrics.cleanAccuracy ? `${(100 * metrics.cleanAccuracy.value).toFixed(1)} %` : '',
      attack,
      `${count('broken')} of ${outcomes.length - count('skipped')}${count('unassessed') ? ` (${count('unassessed')} unassessed)` : ''}, ${verdict}`,
    ]);
    if (other.length > 0 && attack === attacks[0].use) {
      const { files, margins } = expected[name];
      for (const i of other)
        otherwise.push(
          files
            ? `${files[outcomes[i].index]}, whose two largest logits are ${margins[outcomes[i].index].toPrecision(2)} apart`
            : `${name} ${outcomes[i].index}`,
        );
    }
  }
  console.error(name, run.status);
}
const { versions } = expected;
console.log(`# What users bring, run by the command line

${new Date().toISOString().slice(0, 10)}; ${Object.entries(versions)
  .map(([name, version]) => `${name} ${version}`)
  .join(', ')}, Node.js ${process.version}. Made by \`bench/users/make.py\`, run by \`bench/users/check.mjs\`.

| what | predicted as its own framework | clean accuracy | attack | broken |
|---|---:|---:|---|---:|
${rows.map((row) => `| ${row.join(' | ')} |`).join('\n')}
${otherwise.length > 0 ? `\nPredicted otherwise: ${otherwise.join('; ')}.` : ''}`);
