import { readFileSync } from 'node:fs';
import { onnxruntimeVersion as onnxruntime } from '@gauntlet/engine-onnx';
import { tf } from '@gauntlet/api';

export const { version: packageVersion } = JSON.parse(
  readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
) as { version: string };

const [nodeMajor, nodeMinor] = process.versions.node.split('.');

/** What computes: other versions may give other numbers. */
export const runtimeVersions = {
  onnxruntime,
  tfjs: tf.version_core,
  node: `${nodeMajor}.${nodeMinor}`,
};
