import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { version_core as tfjs } from '@tensorflow/tfjs-core';

const versionIn = (manifest: string | URL) =>
  (JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version;

export const packageVersion = versionIn(new URL('../../package.json', import.meta.url));

const [nodeMajor, nodeMinor] = process.versions.node.split('.');

/** What computes: other versions may give other numbers. */
export const runtimeVersions = {
  onnxruntime: versionIn(createRequire(import.meta.url).resolve('onnxruntime-node/package.json')),
  tfjs,
  node: `${nodeMajor}.${nodeMinor}`,
};
