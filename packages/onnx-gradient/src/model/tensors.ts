import { closeSync, fstatSync, openSync, readSync, realpathSync, statSync } from 'node:fs';
import path from 'node:path';
import { create } from '@bufbuild/protobuf';
import { OnnxGradientError } from '../errors.js';
import { bytesOf, type Constant, constantFrom, constantOf, sizeOf } from './constant.js';
import { elementNumber, elementSize, elementType, type ElementType } from './element-types.js';
import { TensorProto_DataLocation as Location, type TensorProto, TensorProtoSchema } from './onnx_pb.js';

const complain = (message: string): never => {
  throw new OnnxGradientError('model-format', message);
};

/** A tensor of the file, checked: its dimensions and its bytes agree. `folder` holds external data. */
export function decodeTensor(tensor: TensorProto, folder?: string): Constant {
  const name = `The tensor "${tensor.name}"`;
  const type = elementType(tensor.dataType);
  if (!type) return complain(`${name} has the element type ${tensor.dataType}, which is not supported.`);
  const dims = tensor.dims.map((size) => {
    if (size < 0n || size > 2n ** 40n) complain(`${name} has the dimension ${size}.`);
    return Number(size);
  });
  const expected = sizeOf(dims) * elementSize(type);
  if (tensor.dataLocation === Location.EXTERNAL) {
    const entries = Object.fromEntries(tensor.externalData.map(({ key, value }) => [key, value]));
    return external(name, type, dims, expected, entries, folder);
  }
  if (tensor.rawData.length > 0 || expected === 0) {
    if (tensor.rawData.length !== expected) {
      complain(
        `${name} of shape [${dims.join(', ')}] needs ${expected} bytes and has ${tensor.rawData.length}.`,
      );
    }
    return constantOf(type, dims, tensor.rawData);
  }
  const typed = typedValues(tensor, type);
  if (typed.length !== sizeOf(dims)) {
    complain(`${name} of shape [${dims.join(', ')}] needs ${sizeOf(dims)} values and has ${typed.length}.`);
  }
  if (type === 'float16' || type === 'bfloat16') {
    return constantOf(type, dims, bytesOf(Uint16Array.from(typed)));
  }
  return constantFrom(type, dims, typed);
}

function typedValues(tensor: TensorProto, type: ElementType): ArrayLike<number> {
  if (type === 'float32') return tensor.floatData;
  if (type === 'float64') return tensor.doubleData;
  if (type === 'int64') return tensor.int64Data.map(Number);
  if (type === 'uint32' || type === 'uint64') return tensor.uint64Data.map(Number);
  return tensor.int32Data;
}

/** Bytes in a file beside the model: inside its folder, as long as they say, read when asked for. */
function external(
  name: string,
  type: ElementType,
  dims: number[],
  expected: number,
  { location = '', offset = '0', length }: Record<string, string>,
  folder: string | undefined,
): Constant {
  if (folder === undefined) {
    return complain(
      `${name} is in the external file "${location}"; read the model from its file, not from bytes.`,
    );
  }
  const file = insideFolder(name, folder, location);
  // A pipe or a device would never end; opening it can wait for ever.
  if (!statSync(file).isFile()) {
    complain(`${name} is in "${location}", which is a folder, a pipe or a device, not a file.`);
  }
  const start = Number(offset);
  const size = length === undefined ? expected : Number(length);
  if (!Number.isSafeInteger(start) || start < 0 || size !== expected) {
    complain(
      `${name} of shape [${dims.join(', ')}] needs ${expected} bytes; its entry says offset ${offset}, length ${length}.`,
    );
  }
  const read = <T>(use: (descriptor: number) => T): T => {
    let descriptor: number;
    try {
      descriptor = openSync(file, 'r');
    } catch (error) {
      return complain(`${name}: "${location}" cannot be read (${(error as Error).message}).`);
    }
    try {
      return use(descriptor);
    } finally {
      closeSync(descriptor);
    }
  };
  const available = read((descriptor) => fstatSync(descriptor).size);
  if (start + size > available) {
    complain(`${name} needs bytes ${start} to ${start + size} of "${location}", which has ${available}.`);
  }
  const bytes = () =>
    read((descriptor) => {
      const buffer = new Uint8Array(size);
      for (let done = 0; done < size;) {
        const got = readSync(descriptor, buffer, done, Math.min(size - done, 2 ** 30), start + done);
        if (got === 0) complain(`${name}: "${location}" became shorter while it was read.`);
        done += got;
      }
      return buffer;
    });
  return { type, dims, bytes };
}

/** Models come from other people: their data may not be a file elsewhere on the machine, nor a link to one. */
function insideFolder(name: string, folder: string, location: string): string {
  const refuse = (why: string): never => {
    throw new OnnxGradientError('model-path', `${name} names external data ${why}: "${location}".`);
  };
  if (location === '') refuse('without a file');
  if (path.isAbsolute(location) || location.includes('\0') || /^[a-z]:/i.test(location)) {
    refuse('by an absolute path');
  }
  const root = realpathSync(folder);
  const within = (parent: string, file: string) =>
    !path.relative(parent, file).split(path.sep).includes('..');
  if (!within(root, path.resolve(root, location))) refuse("outside the model's folder");
  let real: string;
  try {
    real = realpathSync(path.resolve(root, location));
  } catch {
    return refuse('in a file that is not there');
  }
  const blobs = blobsOf(root);
  if (within(root, real) || (blobs !== undefined && within(blobs, real))) return real;
  return refuse("that leads outside the model's folder");
}

/** In a cache of Hugging Face's hub a model's files are links to `blobs` beside its `snapshots`. */
function blobsOf(folder: string): string | undefined {
  const [, model] = /^(.*[\\/]models--[^\\/]+)[\\/]snapshots[\\/]/.exec(folder + path.sep) ?? [];
  return model === undefined ? undefined : path.join(model, 'blobs');
}

export function encodeTensor(name: string, constant: Constant): TensorProto {
  return create(TensorProtoSchema, {
    name,
    dataType: elementNumber(constant.type),
    dims: constant.dims.map(BigInt),
    rawData: constant.bytes(),
  });
}
