import type { Ends } from './read-ends.js';

/** A format of models that no engine here reads, but for those of Keras. */
export interface ForeignFormat {
  /** As a sentence goes on after "… is". */
  is: string;
  /** What to do, a sentence; the line that exports ONNX where there is one. `file` is the name of the file. */
  way: (file: string) => string;
}

/** A whole model of Keras: read as layers of TensorFlow.js where these have the same functions. */
export interface KerasFormat extends ForeignFormat {
  keras: 'zip' | 'hdf5';
}

interface FileFormat extends ForeignFormat {
  keras?: KerasFormat['keras'];
  test: (ends: Ends, extension: string) => boolean;
}

const exported = (line: string) => `Export it, in Python: ${line}`;
/** An example input, to be filled in. */
const example = 'torch.zeros(1, CHANNELS, HEIGHT, WIDTH)';
const dynamic = `'model.onnx', input_names=['input'], dynamic_axes={'input': {0: 'batch'}}`;
const weightsOf = (load: string) => `model.load_state_dict(${load})`;
const fromTorch = (load: string) =>
  exported(`${load}; torch.onnx.export(model.eval(), ${example}, ${dynamic})`);
/** Keras exports a model only after it has been called. */
const fromKeras = (file: string) =>
  exported(
    `m = keras.saving.load_model('${file}'); m.predict(numpy.zeros((1, *m.input_shape[1:]))); m.export('model.onnx', format='onnx')`,
  );
const ifWhole = (file: string) =>
  `. Where the whole model was saved: model = torch.load('${file}', weights_only=False)`;
const withOnnxmltools = (library: string, model: string) =>
  exported(
    `onnxmltools.save_model(onnxmltools.convert_${library}(${model}, initial_types=[('input', FloatTensorType([None, FEATURES]))]), 'model.onnx')`,
  );

const has = ({ names }: Ends, name: RegExp) => names.some((each) => name.test(each));
/** Protocols 2 to 5. */
const pickled = ({ head }: Ends) => head[0] === '\x80' && head[1] >= '\x02' && head[1] <= '\x05';

/** Of Protocol Buffers whose field 1 is a version and whose field 2 has bytes: these and what follows. */
function second(head: string): string | undefined {
  if (!head.startsWith('\b') || head[1] > '\x1f' || head[2] !== '\x12') return undefined;
  let at = 3;
  while (head[at] >= '\x80') at++;
  return head.slice(at + 1);
}

/** The first that fits is the one. */
export const fileFormats: readonly FileFormat[] = [
  {
    test: ({ head }) => head.startsWith('version https://git-lfs.github.com/spec/'),
    is: 'a Git LFS pointer, not the model itself',
    way: () => 'Fetch the file: git lfs pull',
  },
  {
    test: ({ head }) => /^\s*<(!doctype html|html)/i.test(head),
    is: 'a web page, not a model',
    way: () => 'Download the file itself; the link may lead to a page about it.',
  },
  {
    test: (ends) => has(ends, /(^|\/)(code\/__torch__|constants\.pkl)/),
    is: 'a TorchScript model (torch.jit.save)',
    way: (file) =>
      exported(`torch.onnx.export(torch.jit.load('${file}'), ${example}, ${dynamic}, dynamo=False)`),
  },
  {
    test: (ends) => has(ends, /(^|\/)(models\/model\.json|serialized_exported_program\.json)$/),
    is: 'a program of torch.export',
    way: (file) => exported(`torch.onnx.export(torch.export.load('${file}'), f='model.onnx')`),
  },
  {
    test: (ends) => has(ends, /(^|\/)data\.pkl$/),
    is: 'a PyTorch file (torch.save)',
    way: (file) => fromTorch(weightsOf(`torch.load('${file}')`)) + ifWhole(file),
  },
  {
    // torch.save before version 1.6 begins with the pickled number 0x1950a86a20f9469cfc6c.
    test: ({ head }) => head.startsWith('\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19.'),
    is: 'a PyTorch file (torch.save of its old format)',
    way: (file) => fromTorch(weightsOf(`torch.load('${file}')`)) + ifWhole(file),
  },
  {
    test: (ends) => has(ends, /^model\.weights\.h5$/),
    keras: 'zip',
    is: 'a Keras model (.keras)',
    way: fromKeras,
  },
  {
    test: (ends) => has(ends, /(^|\/)saved_model\.pb$/),
    is: 'a zip archive of a TensorFlow SavedModel',
    way: () =>
      'Unzip it, then convert the folder: python -m tf2onnx.convert --saved-model FOLDER --output model.onnx',
  },
  {
    test: (ends) => has(ends, /\.npy$/),
    is: 'an archive of NumPy arrays: data, or weights without a model',
    way: () => 'Load the weights into the model that they are of, and export that to ONNX.',
  },
  {
    test: ({ head }) => head.startsWith('PK\x03\x04'),
    is: 'a zip archive',
    way: () => 'Unzip it, and name the model in it.',
  },
  {
    test: ({ head }) => head.startsWith('\x89HDF\r\n\x1a\n'),
    keras: 'hdf5',
    is: 'a Keras model in HDF5 (.h5)',
    way: fromKeras,
  },
  {
    test: ({ head }) => /^[^]{4}\0{4}\{\s*"/.test(head),
    is: 'a file of weights (safetensors), without the model',
    way: (file) => fromTorch(weightsOf(`safetensors.torch.load_file('${file}')`)),
  },
  {
    test: ({ head }) => /^[^]{4}TFL3/.test(head),
    is: 'a TensorFlow Lite model',
    way: (file) => `Convert it: python -m tf2onnx.convert --tflite ${file} --output model.onnx`,
  },
  {
    test: ({ head }) => /^[^]{4}ORTM/.test(head),
    is: 'a model in the ORT format of ONNX Runtime',
    way: () => 'Name the .onnx file that it was made from.',
  },
  {
    test: ({ head }) => head.startsWith('GGUF'),
    is: 'a GGUF file, the weights of a language model',
    way: () => 'A victim takes images: export one that does to ONNX.',
  },
  {
    test: (ends) => pickled(ends) && /xgboost/.test(ends.head),
    is: 'a pickled XGBoost model',
    way: (file) => withOnnxmltools('xgboost', `joblib.load('${file}')`),
  },
  {
    test: (ends) => pickled(ends) && /lightgbm/.test(ends.head),
    is: 'a pickled LightGBM model',
    way: (file) => withOnnxmltools('lightgbm', `joblib.load('${file}')`),
  },
  {
    test: (ends) => pickled(ends) && /sklearn/.test(ends.head),
    is: 'a pickled scikit-learn model',
    way: (file) =>
      exported(
        `open('model.onnx', 'wb').write(skl2onnx.to_onnx(joblib.load('${file}'), X[:1].astype('float32')).SerializeToString())`,
      ),
  },
  {
    test: (ends, extension) => pickled(ends) || /^\.(pkl|pickle|joblib)$/.test(extension),
    is: 'a Python pickle, which runs code when it is loaded',
    way: (file) =>
      `Load it where it was made and export it to ONNX; of scikit-learn: skl2onnx.to_onnx(joblib.load('${file}'), X[:1].astype('float32'))`,
  },
  {
    test: ({ head }) => /^\s*\{\s*"learner"/.test(head) || /^\{L[^]{0,64}learner/.test(head),
    is: 'an XGBoost model',
    way: (file) => withOnnxmltools('xgboost', `xgboost.Booster(model_file='${file}')`),
  },
  {
    test: ({ head }) => /^tree\r?\nversion=/.test(head),
    is: 'a LightGBM model',
    way: (file) => withOnnxmltools('lightgbm', `lightgbm.Booster(model_file='${file}')`),
  },
  {
    test: ({ head }, extension) =>
      second(head)?.startsWith('\n') === true && (extension === '.pb' || /serve|tensorflow/.test(head)),
    is: 'the graph of a TensorFlow SavedModel',
    way: () =>
      'Convert the folder that it is in: python -m tf2onnx.convert --saved-model FOLDER --output model.onnx',
  },
  {
    // ONNX has the name of its producer where Core ML describes its first input.
    test: ({ head }, extension) => extension === '.mlmodel' || second(head)?.startsWith('\n') === true,
    is: 'a Core ML model',
    way: () => 'Core ML cannot be converted back: export the model that it was made from to ONNX.',
  },
  {
    test: ({ head }, extension) => extension === '.pb' || /^\n[^]{1,200}\vPlaceholder/.test(head),
    is: 'a frozen TensorFlow graph',
    way: (file) =>
      `Convert it: python -m tf2onnx.convert --graphdef ${file} --inputs INPUT:0 --outputs OUTPUT:0 --output model.onnx`,
  },
  {
    test: ({ head }, extension) =>
      extension !== '.onnx' && (second(head) !== undefined || /^[\b][^][:B]/.test(head)),
    is: 'an ONNX model by its content',
    way: () => 'Give it a name that ends in .onnx.',
  },
  {
    test: ({ head }) => /^\s*(<\?xml[^]*?)?<net\s/.test(head),
    is: 'an OpenVINO model',
    way: () => 'OpenVINO cannot be converted back: export the model that it was made from to ONNX.',
  },
  {
    test: ({ head }) =>
      /^\s*\{[^]*"class_name":\s*"(Sequential|Functional|Model)"/.test(head) &&
      !/"(modelTopology|weightsManifest|format)"/.test(head),
    is: 'a Keras architecture without weights',
    way: () => 'Save the whole model (model.save("model.keras")) and name that.',
  },
];
