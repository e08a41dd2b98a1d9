// Models, specs and reports, valid ones that have been damaged.
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { CellReport, Report } from '@gauntlet/api';
import { builtIn } from '@gauntlet/cli/built-in';
import { loadSpec, readReport } from '@gauntlet/core';
import { readModelFiles } from '@gauntlet/engine-tfjs/runtime';
import { Builder, type Graph, writeModel } from '@gauntlet/onnx-gradient';
import { reportWith } from '@gauntlet/testing';
import { diffReports } from '../../packages/core/src/compare/diff-reports.js';
import { readOnnxVictim } from '../../packages/engine-onnx/src/onnx-file.js';
import { kerasFixture } from '../support/keras.js';
import { fuzz, type Subject } from './check.js';

const json = (value: unknown) => Buffer.from(JSON.stringify(value, null, 1));

const model = {
  format: 'layers-model',
  modelTopology: { class_name: 'Sequential', config: { layers: [] } },
  weightsManifest: [
    {
      paths: ['w.bin'],
      weights: [
        { name: 'a/kernel', shape: [3, 3, 1, 4], dtype: 'float32' },
        { name: 'a/bias', shape: [4], dtype: 'uint8', quantization: { dtype: 'uint8', scale: 0.1, min: 0 } },
      ],
    },
  ],
};

/** A small convolutional network. */
function onnx(): Uint8Array {
  const g = new Builder(['input']);
  const weights = (...dims: number[]) =>
    g.filled('float32', dims, new Float32Array(dims.reduce((a, b) => a * b, 1)).fill(0.5));
  const features = g.op('Relu', [g.op('Conv', ['input', weights(4, 3, 3, 3), weights(4)])]);
  const output = g.op('Gemm', [g.op('Reshape', [features, g.ints([-1, 48])]), weights(48, 4), weights(4)]);
  const graph: Graph = {
    opset: 18,
    domains: new Map(),
    inputs: [{ name: 'input', type: 'float32', dims: ['n', 3, 6, 5] }],
    outputs: [{ name: g.op('Softmax', [output]), type: 'float32' }],
    nodes: g.nodes,
    constants: g.constants,
    stated: new Map(),
  };
  const file = path.join(mkdtempSync(path.join(tmpdir(), 'gauntlet-fuzz-')), 'm.onnx');
  writeModel(graph, file);
  return readFileSync(file);
}

const spec = `# A spec with most of what a spec can have.
seed: 7
dataset: { format: idx, images: x.idx, labels: y.idx, take: 5, classes: [0, 1] }
victims:
  - name: first
    kind: classifier
    model: w.bin
    bounds: &bounds [0, 1]
  - { name: second, kind: classifier, model: w.bin, bounds: *bounds, preprocess: { mean: [0.5], std: [0.2] } }
attacks:
  - use: pgd
    name: strong
    params: { norm: linf, steps: 10 }
    sweep: { epsilon: [0.05, 0.1] }
    expect:
      asr: { max: 0.2, confidence: 0.9 }
  - use: fgsm
    params: { epsilon: 0.1 }
`;

const plugins = await builtIn();

/** A report whose verdicts follow from its outcomes, as those of runs do. */
function soundReport(): Report {
  const report = reportWith('words');
  const [cell] = report.cells;
  const id = `${cell.victim}/${cell.attack}`;
  const bare: CellReport = { ...cell, id, verdict: 'measured', expectations: [], findings: [], metrics: {} };
  return { ...report, verdict: 'measured', cells: [bare] };
}

fuzz(
  [
    {
      name: 'model.json',
      files: { 'model.json': json(model), 'w.bin': new Uint8Array(148) },
      damaged: 'model.json',
      checksum: false,
      read: async (folder) => JSON.stringify((await readModelFiles(folder)).artifacts.weightSpecs),
    },
    {
      name: 'onnx',
      files: { 'm.onnx': onnx() },
      damaged: 'm.onnx',
      checksum: false,
      read: (folder) =>
        readOnnxVictim({ path: path.join(folder, 'm.onnx'), output: 'auto', imageShape: [6, 5, 3] }).hash,
    },
    {
      name: 'spec',
      files: {
        'a.robust.yaml': Buffer.from(spec),
        'w.bin': new Uint8Array(),
        'x.idx': new Uint8Array(),
        'y.idx': new Uint8Array(),
      },
      damaged: 'a.robust.yaml',
      checksum: false,
      read: async (folder) =>
        JSON.stringify(await loadSpec(path.join(folder, 'a.robust.yaml'), { builtIn: plugins })),
    },
    {
      name: 'report',
      files: { 'report.json': json(soundReport()) },
      damaged: 'report.json',
      checksum: false,
      read(folder) {
        const report = readReport(path.join(folder, 'report.json'));
        return JSON.stringify(diffReports(report, report, 'before', { tolerance: 0 }));
      },
    },
  ],
  0.25,
);

/** A file of Keras is opened in a thread of its own, with the HDF5 library loaded anew. */
const keras = (name: string, checksum: boolean): Subject => ({
  name,
  files: { [name]: readFileSync(kerasFixture(name)) },
  damaged: name,
  checksum,
  read: async (folder) => {
    const { topology, artifacts } = await readModelFiles(path.join(folder, name));
    const weights = Buffer.from(artifacts.weightData as ArrayBuffer).toString('base64');
    return JSON.stringify([topology, artifacts.weightSpecs, weights]);
  },
  limits: { seconds: 20, kilobytes: 3 * 2 ** 20 },
});

fuzz(
  [keras('keras3-thirds.keras', true), keras('keras3-thirds.h5', false), keras('keras2-thirds.h5', false)],
  0.006,
);
