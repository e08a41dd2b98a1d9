import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const manifest = createRequire(import.meta.url).resolve('onnxruntime-node/package.json');

/** Of ONNX Runtime: another one may give other numbers. */
export const { version: onnxruntimeVersion } = JSON.parse(readFileSync(manifest, 'utf8')) as {
  version: string;
};
