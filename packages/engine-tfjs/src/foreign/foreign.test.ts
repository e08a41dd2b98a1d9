import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { openEngine } from '@gauntlet/core';
import { Builder, serializeModel } from '@gauntlet/onnx-gradient';
import { foreignFiles } from './foreign-files.test-support.js';

const root = mkdtempSync(path.join(tmpdir(), 'gauntlet-foreign-'));
const file = (name: string, content: string | Uint8Array) => {
  const full = path.join(root, name);
  mkdirSync(path.dirname(full), { recursive: true });
  writeFileSync(full, typeof content === 'string' ? Buffer.from(content, 'latin1') : content);
  return full;
};
const complaint = async (engine: string, model: string) =>
  (await openEngine(engine)).load({ path: model, output: 'auto', imageShape: [28, 28, 1] }).then(
    () => 'no complaint',
    (error: Error) => `${(error as { code?: string }).code}: ${error.message}`,
  );

/** What only the name tells. */
const byName = ['m.joblib', 'm.bin'];

it.each(foreignFiles)(
  '%s is called by its name, whatever file it comes as',
  async (_, name, content, message) => {
    for (const engine of ['onnx:cpu', 'tfjs:cpu']) {
      expect(await complaint(engine, file(name, content))).toMatch(message);
      if (!byName.includes(name))
        expect(await complaint(engine, file(`as/${name.replace('/', '-')}.onnx`, content))).toMatch(
          /^model-foreign: /,
        );
    }
  },
);

it.each([
  ['saved_model.pb', /is a TensorFlow SavedModel\. Convert it: .*--saved-model saved_model\.pb-folder/],
  ['model.safetensors', /a model folder of Hugging Face.*optimum-cli/],
  ['Data/com.apple.CoreML/model.mlmodel', /is a Core ML package/],
  ['model.onnx', /holds ONNX files\. Name one of the files/],
])('a folder with %s is called by its name', async (name, message) => {
  const folder = `${path.basename(name)}-folder`;
  file(path.join(folder, name), 'x');
  for (const engine of ['onnx:cpu', 'tfjs:cpu'])
    expect(await complaint(engine, path.join(root, folder))).toMatch(message);
});

it('an ONNX file is none of them, whatever its producer and its values are called', async () => {
  for (const producer of ['tf2onnx', 'pytorch', '']) {
    const g = new Builder(['serving_default_tensorflow']);
    const output = g.op('Flatten', ['serving_default_tensorflow']);
    const bytes = serializeModel({
      opset: 18,
      producer,
      domains: new Map(),
      inputs: [{ name: 'serving_default_tensorflow', type: 'float32', dims: ['n', 1, 28, 28] }],
      outputs: [{ name: output, type: 'float32' }],
      nodes: g.nodes,
      constants: g.constants,
      stated: new Map(),
    });
    const head = Buffer.from(bytes).toString('latin1').slice(0, 2);
    const named = producer ? `${head}\x12${String.fromCharCode(producer.length)}${producer}` : head;
    const whole = Buffer.concat([Buffer.from(named, 'latin1'), bytes.subarray(2)]);
    expect(await complaint('onnx:cpu', file(`by-${producer}.onnx`, whole))).toBe('no complaint');
  }
});
