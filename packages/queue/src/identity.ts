import { createHash, createHmac } from 'node:crypto';
import { hostname } from 'node:os';
import { packageVersion, runtimeVersions } from '@gauntlet/core';

/** Begins the name of all that Gauntlet keeps in Redis. */
export const prefix = 'gauntlet';

/** What has to be the same on both ends of a queue. */
export interface Identity {
  /** Of Gauntlet and of what computes. */
  version: string;
  /** Says which key is used without giving it away; `none` without one. */
  keyId: string;
  /** Name of the BullMQ queue for this version and key: nobody else takes from it. */
  queue: string;
}

export function identityOf(key: string | undefined, version = thisVersion()): Identity {
  const keyId = key ? createHmac('sha256', key).update('gauntlet key').digest('hex').slice(0, 12) : 'none';
  const tag = createHash('sha256')
    .update(JSON.stringify([version, keyId]))
    .digest('hex')
    .slice(0, 12);
  return { version, keyId, queue: `chunks-${tag}` };
}

function thisVersion(): string {
  const { onnxruntime, tfjs } = runtimeVersions;
  return `${packageVersion} (onnxruntime ${onnxruntime}, tfjs ${tfjs})`;
}

/** Same numbers are promised on machines of one kind alone. */
export const machine = `node ${runtimeVersions.node}, ${process.platform} ${process.arch}`;

/** A process, as people recognise it. */
export const processName = () => `${hostname()}:${process.pid}`;

export const keyOf = {
  results: (run: string) => `${prefix}:results:${run}`,
  blob: (sha256: string) => `${prefix}:blob:${sha256}`,
  manifest: (sha256: string) => `${prefix}:manifest:${sha256}`,
};

/** Chunks are numbered within their run. */
export const chunkId = (run: string, n: number) => `${run}-${n}`;
export const runOf = (chunk: string) => chunk.slice(0, chunk.lastIndexOf('-'));
