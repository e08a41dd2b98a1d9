import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import path from 'node:path';
import { packageVersion, runtimeVersions, writeWhole } from '@gauntlet/core';
import { compact } from './records.mjs';

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
  #committed;

  /**
   * @param {string} folder for everything that is made on the way
   * @param {Map<string, object>} committed records of steps that were done elsewhere
   */
  constructor(folder, committed = new Map()) {
    this.#folder = folder;
    this.#committed = committed;
  }

  /** Folder for what a step makes beside its result: models, perturbed images, the journal of a run. */
  work(id) {
    const folder = path.join(this.#folder, 'work', id);
    mkdirSync(folder, { recursive: true });
    return folder;
  }

  /** The record of a step that was done with the same settings, here or elsewhere; undefined if there is none. */
  read({ id, about }) {
    const same = (record) => JSON.stringify(record?.about) === JSON.stringify(about);
    return [this.#own(id), this.#committed.get(id)].find(same);
  }

  #own(id) {
    const file = this.#file(id);
    return existsSync(file) ? compact(JSON.parse(readFileSync(file, 'utf8'))) : undefined;
  }

  /** Whether what a step makes for others is here; its record may come from elsewhere. */
  has({ makes, id }) {
    return existsSync(path.join(this.#folder, 'work', id, makes));
  }

  write({ id, about, cost }, command, { seconds, cpuSeconds }, result) {
    const date = new Date().toISOString();
    const record = { id, about, cost, command, date, machine: machine(), seconds, cpuSeconds, result };
    const file = this.#file(id);
    mkdirSync(path.dirname(file), { recursive: true });
    writeWhole(file, [`${JSON.stringify(record)}\n`]);
  }

  #file(id) {
    return path.join(this.#folder, 'steps', `${id}.json`);
  }
}
