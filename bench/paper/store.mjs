import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import path from 'node:path';
import { packageVersion, runtimeVersions, writeWhole } from '@gauntlet/core';

/** Where and with what a step is done. */
export const machine = () => ({
  cpu: cpus()[0].model.trim(),
  cores: cpus().length,
  node: process.version,
  gauntlet: packageVersion,
  onnxruntime: runtimeVersions.onnxruntime,
  tfjs: runtimeVersions.tfjs,
});

/** Results of steps, a file for each, so that a later call goes on where this one is stopped. */
export class Store {
  #folder;

  /** @param {string} folder for everything that is made on the way */
  constructor(folder) {
    this.#folder = folder;
  }

  /** Folder for what a step makes beside its result: models, perturbed images, the journal of a run. */
  work(id) {
    const folder = path.join(this.#folder, 'work', id);
    mkdirSync(folder, { recursive: true });
    return folder;
  }

  /** The record of a step that was done with the same settings; undefined if there is none. */
  read({ id, about }) {
    const file = this.#file(id);
    if (!existsSync(file)) return undefined;
    const record = JSON.parse(readFileSync(file, 'utf8'));
    return JSON.stringify(record.about) === JSON.stringify(about) ? record : undefined;
  }

  write({ id, about, cost }, command, { seconds, cpuSeconds }, result) {
    const date = new Date().toISOString();
    const record = { id, about, cost, command, date, machine: machine(), seconds, cpuSeconds, result };
    const file = this.#file(id);
    mkdirSync(path.dirname(file), { recursive: true });
    writeWhole(file, [`${JSON.stringify(record)}\n`]);
    return record;
  }

  #file(id) {
    return path.join(this.#folder, 'steps', `${id}.json`);
  }
}
