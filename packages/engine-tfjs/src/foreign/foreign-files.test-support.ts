// Beginnings of files that other programs write, enough to tell what they are.
import { zipSync } from 'fflate';

const zip = (...names: string[]) =>
  zipSync(Object.fromEntries(names.map((name) => [name, Uint8Array.of(1)])));
const pickle = (module: string) => `\x80\x04\x95\x00\x00\x00\x00\x00\x00\x00\x00\x8c\x10${module}\x94`;
/** A message of Protocol Buffers: field 1 a version, field 2 the text. */
const versioned = (version: number, second: string) =>
  `\x08${String.fromCharCode(version)}\x12${String.fromCharCode(second.length)}${second}`;

/** What it is, its name, what is in it, and what is said of it. */
export const foreignFiles: [what: string, name: string, content: string | Uint8Array, message: RegExp][] = [
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
    'Keras, damaged',
    'm.keras',
    zip('metadata.json', 'config.json', 'model.weights.h5'),
    /is a Keras model.*load_model\('m\.keras'\).*m\.export\('model\.onnx', format='onnx'\)/,
  ],
  ['Keras in HDF5, damaged', 'm.h5', '\x89HDF\r\n\x1a\n', /is a Keras model in HDF5.*load_model\('m\.h5'\)/],
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
