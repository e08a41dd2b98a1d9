// Input gradients of networks exported from PyTorch, compiled by onnx-gradient, against PyTorch's own.
//   node bench/pytorch-gradients.mjs [--python /usr/bin/python3]
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { readModel, serializeModel, withGradients } from '@gauntlet/onnx-gradient';
import * as ort from 'onnxruntime-node';

const { values } = parseArgs({ options: { python: { type: 'string', default: '/usr/bin/python3' } } });
const folder = mkdtempSync(path.join(tmpdir(), 'gauntlet-torch-'));
const made = spawnSync(values.python, [path.join(import.meta.dirname, 'pytorch-gradients.py'), folder], {
  encoding: 'utf8',
});
if (made.status !== 0) {
  console.error(made.stderr);
  process.exit(1);
}
const apart = (found, expected) => {
  const size = expected.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
  return expected.reduce((max, value, i) => Math.max(max, Math.abs(value - found[i])), 0) / size;
};
console.log('| network | output | gradient |\n|---|---:|---:|');
for (const { name, file, shape, dims, x, y, cotangent, gradient } of JSON.parse(
  readFileSync(path.join(folder, 'index.json'), 'utf8'),
)) {
  try {
    const model = withGradients(readModel(path.join(folder, file)));
    const session = await ort.InferenceSession.create(serializeModel(model), { logSeverityLevel: 4 });
    const tensor = (data, size) => new ort.Tensor('float32', Float32Array.from(data), size);
    const found = await session.run({ x: tensor(x, shape), 'cotangent:y': tensor(cotangent, dims) });
    console.log(
      `| ${name} | ${apart(found.y.data, y).toExponential(1)} | ${apart(found['gradient:x'].data, gradient).toExponential(1)} |`,
    );
  } catch (error) {
    console.log(`| ${name} | ${error.message} | |`);
    process.exitCode = 1;
  }
}
