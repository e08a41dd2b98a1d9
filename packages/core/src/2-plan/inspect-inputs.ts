import type { Probes } from '../3-worker/probes.js';
import type { InputHashes } from '../3-worker/task.js';
import type { Cell } from './cells.js';

/** Says what a chunk was done with that is not what the run was planned with; nothing if all is the same. */
export type Inspect = (cell: Cell, indices: readonly number[], inputs: InputHashes) => string | undefined;

/**
 * Model, data and code may be replaced while a run is under way, and a new worker opens what is there then: its outcomes
 * are none of this run.
 */
export function inspector(probes: Probes, codes: ReadonlyMap<string, string>): Inspect {
  const samples = new Map(
    [...probes].map(([name, { dataset }]) => [
      name,
      new Map(dataset.indices.map((index, i) => [index, dataset.sampleHashes[i]])),
    ]),
  );
  return ({ victim: { name } }, indices, inputs) => {
    if (inputs.victim !== probes.get(name)!.victim.hash) return changed(`the model of ${name}`);
    const other = indices.findIndex((index, i) => samples.get(name)!.get(index) !== inputs.samples[i]);
    if (other >= 0) return changed(`sample ${indices[other]} of the data`);
    const code = Object.entries(inputs.code).find(([url, hash]) => codes.get(url) !== hash);
    return code && changed(`the code of ${code[0]}`);
  };
}

const changed = (what: string) =>
  `${what} was replaced while the run was under way; run again when nobody writes to it`;
