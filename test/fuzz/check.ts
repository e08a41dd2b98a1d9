import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, it } from 'vitest';
import { GauntletError } from '@gauntlet/api';
import { damage, type Mutation, mutations } from './mutations.js';

/** A reader and a valid input of its. */
export interface Subject {
  name: string;
  /** Files by name; they lie in one folder, and one of them is damaged. */
  files: Record<string, Uint8Array>;
  damaged: string;
  /** The format has a checksum: what is read is what was written, or nothing is. */
  checksum: boolean;
  /** What was read, as text that shows every difference. */
  read: (folder: string) => Promise<string> | string;
  /** Puts checksums right again after the damage, so that it is seen by what comes after them. */
  repair?: (bytes: Uint8Array) => Uint8Array;
  /** What an input may take at most, where that is more than usual: it is read in a thread that is ended then. */
  limits?: { seconds: number; kilobytes: number };
  /** Damage that once went wrong. */
  found?: readonly (readonly Mutation[])[];
}

/** Inputs in all, spread over the subjects. */
const total = Number(process.env.GAUNTLET_FUZZ_RUNS ?? 3000);
const seed = Number(process.env.GAUNTLET_FUZZ_SEED ?? 1);
/** No file here is larger than a few KiB: nothing may take a second of processor time, or 256 MiB. */
const usual = { seconds: 1, kilobytes: 256 * 1024 };

/**
 * Damages each subject's file at random. A reader may refuse it with a GauntletError, or read it; where the format
 * has a checksum, only what was written.
 * @param share the part of all inputs that these subjects get
 */
export function fuzz(subjects: readonly Subject[], share: number): void {
  const folder = mkdtempSync(path.join(tmpdir(), 'gauntlet-fuzz-'));
  const runs = Math.max(1, Math.ceil((total * share) / subjects.length));
  const counts: Record<string, { refused: number; read: number }> = {};
  afterAll(() => {
    if (process.env.GAUNTLET_FUZZ_RUNS) console.table(counts);
  });
  describe('damaged input', () => {
    it.each(subjects)(
      '$name',
      async ({ name, files, damaged, checksum, read, repair = (bytes) => bytes, limits, found }) => {
        const own = mkdtempSync(path.join(folder, 'subject-'));
        for (const [file, bytes] of Object.entries(files)) writeFileSync(path.join(own, file), bytes);
        const original = await read(own);
        const count = (counts[name] = { refused: 0, read: 0 });
        const property = fc.asyncProperty(mutations, async (list) => {
          writeFileSync(path.join(own, damaged), repair(damage(files[damaged], list)));
          const result = await watched(() => read(own), limits);
          if (result === undefined) count.refused++;
          else count.read++;
          if (checksum && result !== undefined && result !== original)
            throw new Error('Other content than was written, in spite of a checksum.');
        });
        const examples = (found ?? []).map((list): [Mutation[]] => [[...list]]);
        await fc.assert(property, { numRuns: runs, seed, examples });
      },
      24 * 60 * 60 * 1000,
    );
  });
}

/** What was read, or nothing if it was refused in the right way. Any other error, and excess, is thrown. */
async function watched(read: () => Promise<string> | string, most = usual): Promise<string | undefined> {
  const before = process.resourceUsage();
  let result: string | undefined;
  try {
    result = await read();
  } catch (error) {
    if (!(error instanceof GauntletError)) throw error;
    if (
      /Cannot read properties|is not a function|Invalid typed array|DataView|call stack/.test(error.message)
    )
      throw new Error(`An error that tells a user nothing: ${error.message}`, { cause: error });
  }
  const after = process.resourceUsage();
  const seconds = (after.userCPUTime + after.systemCPUTime - before.userCPUTime - before.systemCPUTime) / 1e6;
  if (seconds > most.seconds) throw new Error(`It took ${seconds} s of processor time.`);
  const kilobytes = after.maxRSS - before.maxRSS;
  if (kilobytes > most.kilobytes) throw new Error(`It took ${kilobytes} KiB of memory.`);
  return result;
}
