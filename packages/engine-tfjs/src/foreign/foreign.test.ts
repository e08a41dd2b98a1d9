import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { zipSync } from 'fflate';
import { expect, it } from 'vitest';
import { openEngine } from '@gauntlet/core';
import { Builder, serializeModel } from '@gauntlet/onnx-gradient';

const root = mkdtempSync(path.join(tmpdir(), 'gauntlet-foreign-'));
const file = (name: string, content: string | Uint8Array) => {
  const full = path.join(root, name);
  mkdirSync(path.dirname(full), { recursive: true });
  writeFileSync(full, typeof content === 'string' ? Buffer.from(content, 'latin1') : content);
  return full;
};
const zip = (...names: string[]) =>
  zipSync(Object.fromEntries(names.map((name) => [name, Uint8Array.of(1)])));
const pickle = (module: string) => `\x80\x04\x95\x00\x00\x00\x00\x00\x00\x00\x00\x8c\x10${module}\x94`;
/** A message of Protocol Buffers: field 1 a version, field 2 the text. */
const versioned = (version: number, second: string) =>
  `\x08${String.fromCharCode(version)}\x12${String.fromCharCode(second.length)}${second}`;

const complaint = async (engine: string, model: string) =>
  (await openEngine(engine)).load({ path: model, output: 'auto', imageShape: [28, 28, 1] }).then(
    () => 'no complaint',
    (error: Error) => `${(error as { code?: string }).code}: ${error.message}`,
  );

const forms: [what: string, name: string, content: string | Uint8Array, message: RegExp][] = [
  [
    'TorchScript',
    'script.pt',
    zip('m/data.pkl', 'm/code/__torch__/net.py', 'm/constants.pkl'),
    /is a TorchScript model.*torch\.jit\.load\('script\.pt'\)/,
  ],
  [
    'torch.save',
    'state.pth',
    zip('m/data.pkl', 'm/data/0'),
    /is a PyTorch file.*torch\.load\('state\.pth'\)/,
  ],
  [
    'torch.save before 1.6',
    'legacy.pth',
    '\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.\x80\x02M\xe9\x03.',
    /is a PyTorch file \(torch\.save of its old format\).*torch\.onnx\.export/,
  ],
  [
    'torch.export',
    'e.pt2',
    zip('e/models/model.json', 'e/data/weights/weight_0'),
    /is a program of torch\.export.*torch\.export\.load\('e\.pt2'\)/,
  ],
  [
    'Keras 3',
    'm.keras',
    zip('metadata.json', 'config.json', 'model.weights.h5'),
    /is a Keras 3 model.*load_model\('m\.keras'\).*m\.export\('model\.onnx', format='onnx'\)/,
  ],
  ['HDF5', 'm.h5', '\x89HDF\r\n\x1a\n', /is a Keras model in HDF5.*load_model\('m\.h5'\)/],
  ['safetensors', 'm.safetensors', '\x40\0\0\0\0\0\0\0{"w":{"dtype":"F32"', /weights \(safetensors\)/],
  ['TensorFlow Lite', 'm.tflite', '\x1c\0\0\0TFL3', /TensorFlow Lite.*tf2onnx\.convert --tflite m\.tflite/],
  ['ORT format', 'm.ort', '\x1c\0\0\0ORTM', /the ORT format of ONNX Runtime/],
  ['GGUF', 'm.gguf', 'GGUF\x03\0\0\0', /is a GGUF file/],
  ['Core ML', 'm.mlmodel', versioned(5, '\n\x05image'), /is a Core ML model/],
  ['scikit-learn', 'm.pkl', pickle('sklearn.linear_model'), /scikit-learn model.*joblib\.load\('m\.pkl'\)/],
  ['pickled XGBoost', 'x.pkl', pickle('xgboost.sklearn'), /XGBoost model.*onnxmltools\.convert_xgboost/],
  ['pickled LightGBM', 'l.pkl', pickle('lightgbm.sklearn'), /LightGBM.*onnxmltools\.convert_lightgbm/],
  ['a pickle', 'any.bin', pickle('mine'), /is a Python pickle/],
  ['compressed joblib', 'm.joblib', '\x78\x5e\x01', /is a Python pickle.*skl2onnx/],
  ['XGBoost JSON', 'x.json', '{"learner":{"attributes"', /is an XGBoost model/],
  ['XGBoost UBJSON', 'x.ubj', '{L\0\0\0\0\0\0\0\x07learner{', /is an XGBoost model.*model_file='x\.ubj'/],
  ['LightGBM text', 'l.txt', 'tree\nversion=v4\n', /is a LightGBM model/],
  ['SavedModel, its graph', 's/saved_model.pb', versioned(1, '\n\x05serve'), /TensorFlow SavedModel/],
  ['frozen graph', 'frozen.pb', '\x0a\x1a\x0a\x05input\x12\x0bPlaceholder', /a frozen TensorFlow graph/],
  ['OpenVINO', 'm.xml', '<?xml version="1.0"?>\n<net name="m">', /is an OpenVINO model/],
  ['Keras JSON', 'a.json', '{"class_name": "Sequential", "config": {}}', /architecture without weights/],
  ['Git LFS', 'lfs.onnx', 'version https://git-lfs.github.com/spec/v1\n', /a Git LFS pointer.*git lfs pull/],
  ['a web page', 'page.onnx', '<!DOCTYPE html><html>', /is a web page/],
  ['NumPy', 'w.npz', zip('w.npy'), /an archive of NumPy arrays/],
  ['a zip', 'm.zip', zip('readme.txt'), /is a zip archive.*Unzip it/],
  ['ONNX by another name', 'm.bin', versioned(9, 'pytorch'), /is an ONNX model by its content/],
];

/** What only the name tells. */
const byName = ['m.joblib', 'm.bin'];

it.each(forms)('%s is called by its name, whatever file it comes as', async (_, name, content, message) => {
  for (const engine of ['onnx:cpu', 'tfjs:cpu']) {
    expect(await complaint(engine, file(name, content))).toMatch(message);
    if (!byName.includes(name))
      expect(await complaint(engine, file(`as/${name.replace('/', '-')}.onnx`, content))).toMatch(
        /^model-foreign: /,
      );
  }
});

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
