import path from 'node:path';
import type { Argv, ArgumentsCamelCase } from 'yargs';
import { GauntletError } from '@gauntlet/api';
import { loadSpec, makeCells } from '@gauntlet/core';
import { plainLines } from '@gauntlet/reporters';
import { builtIn, packages } from '../built-in.js';
import { count } from '../count.js';
import { exitCode } from '../exit-codes.js';
import { findSpecs } from '../find-specs.js';
import type { Io } from '../io.js';

export const command = 'validate [specs..]';
export const describe = 'Check specs without running them';
export const builder = (yargs: Argv) =>
  yargs.positional('specs', {
    type: 'string',
    array: true,
    default: [] as string[],
    describe: 'Spec files, or folders to search',
  });

type Options = ArgumentsCamelCase<{ specs: string[] }>;

export async function handler({ specs }: Options, io: Io): Promise<number> {
  let code: number = exitCode.held;
  const plugins = await builtIn();
  for (const file of findSpecs(specs, io.cwd)) {
    try {
      const spec = await loadSpec(path.resolve(io.cwd, file), { builtIn: plugins, packages });
      const expectations = spec.attacks.reduce((sum, attack) => sum + attack.expectations.length, 0);
      io.stdout.write(
        `${plainLines(`${file}: valid (${count(makeCells(spec).length, 'cell')}, ${count(expectations, 'expectation')})`)}\n`,
      );
    } catch (error) {
      if (!(error instanceof GauntletError)) throw error;
      io.stderr.write(`${plainLines(error.toString())}\n`);
      code = exitCode.usage;
    }
  }
  return code;
}
