import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { beforeEach, expect, it } from 'vitest';
import { input, onnxGraph } from '../../../test/support/onnx-file.js';
import { GauntletError } from '@gauntlet/api';
import { normalize, writeModel } from '@gauntlet/onnx-gradient';
import { readOnnxVictim } from './onnx-file.js';

let folder: string;
let model: string;
let data: string;

/** A linear model whose weights are in a file of their own. */
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'gauntlet-hostile-'));
  model = path.join(folder, 'm.onnx');
  data = `${model}.data`;
  const graph = onnxGraph(input('n', 400), (g) =>
    g.op('Gemm', ['input', g.filled('float32', [400, 4], new Float32Array(1600))]),
  );
  writeModel(graph, model, { inline: 0 });
});

const complaint = (file = model) => {
  try {
    readOnnxVictim({ path: file, output: 'auto', imageShape: [20, 20, 1] });
    return 'no complaint';
  } catch (error) {
    const { name, message } = error as Error;
    return error instanceof GauntletError ? message : `${name}: ${message}`;
  }
};

it('external data beside the model is read', () => {
  expect(complaint()).toBe('no complaint');
});

it('external data that is a folder, a pipe or not there is refused before it is read', () => {
  rmSync(data);
  expect(complaint()).toMatch(/m\.onnx: The tensor ".*" names external data in a file that is not there/);
  mkdirSync(data);
  expect(complaint()).toMatch(/m\.onnx: The tensor ".*" is in "m\.onnx\.data", which is a folder, a pipe or/);
  rmSync(data, { recursive: true });
  execFileSync('mkfifo', [data]);
  expect(complaint()).toMatch(/which is a folder, a pipe or a device, not a file/);
}, 10_000);

it('external data of a Hugging Face cache is read through its links, and through no others', () => {
  const hub = path.join(folder, 'models--org--net');
  const snapshot = path.join(hub, 'snapshots/abc/onnx');
  mkdirSync(path.join(hub, 'blobs'), { recursive: true });
  mkdirSync(snapshot, { recursive: true });
  renameSync(model, path.join(hub, 'blobs/1'));
  renameSync(data, path.join(hub, 'blobs/2'));
  symlinkSync('../../../blobs/1', path.join(snapshot, 'm.onnx'));
  symlinkSync('../../../blobs/2', path.join(snapshot, 'm.onnx.data'));
  expect(complaint(path.join(snapshot, 'm.onnx'))).toBe('no complaint');
  rmSync(path.join(snapshot, 'm.onnx.data'));
  renameSync(path.join(hub, 'blobs/2'), path.join(hub, 'refs'));
  symlinkSync('../../../refs', path.join(snapshot, 'm.onnx.data'));
  expect(complaint(path.join(snapshot, 'm.onnx'))).toMatch(/that leads outside the model's folder/);
});

it('a model that is no file is refused before it is read', () => {
  expect(complaint(folder)).toMatch(/is a folder, a pipe or a device, not a file/);
  const pipe = path.join(folder, 'pipe.onnx');
  execFileSync('mkfifo', [pipe]);
  expect(complaint(pipe)).toMatch(/is a folder, a pipe or a device, not a file/);
}, 10_000);

it('a model that ends within a number is refused in words', () => {
  // graph, node, attribute, and two of the four bytes of its float.
  writeFileSync(model, Uint8Array.of(0x3a, 9, 0x0a, 7, 0x2a, 5, 0x15, 0, 0));
  expect(complaint()).toMatch(
    /m\.onnx: This is no ONNX model, or only the beginning of one \(a number is cut off\)/,
  );
});

it('constants that broadcast to more than memory are left to the runtime', () => {
  const large = onnxGraph(input('n', 400), (g) => {
    const [row, column] = [
      [1, 2 ** 13],
      [2 ** 13, 1],
    ].map((dims) => g.filled('float32', dims, new Float32Array(2 ** 13)));
    return g.op('MatMul', ['input', g.op('Add', [row, column])]);
  });
  const { graph } = normalize(large);
  expect(graph.nodes.map(({ op }) => op)).toEqual(['Add', 'MatMul']);
});
