import type { Argv, ArgumentsCamelCase } from 'yargs';
import { GauntletError, loadSpec, makeCells } from '@gauntlet/core';
import { builtIn, packages } from '../built-in.js';
import { exitCode } from '../exit-codes.js';
import { findSpecs } from '../find-specs.js';

export const command = 'validate [specs..]';
export const describe = 'Check specs without running them';
export const builder = (yargs: Argv) =>
  yargs.positional('specs', {
    type: 'string',
    array: true,
    default: [] as string[],
    describe: 'Spec files, or folders to search',
  });

export async function handler({ specs }: ArgumentsCamelCase<{ specs: string[] }>): Promise<void> {
  const plugins = await builtIn();
  for (const file of findSpecs(specs)) {
    try {
      const spec = await loadSpec(file, { builtIn: plugins, packages });
      const expectations = spec.attacks.reduce((sum, attack) => sum + attack.expectations.length, 0);
      process.stdout.write(
        `${file}: valid (${makeCells(spec).length} cells, ${expectations} expectations)\n`,
      );
    } catch (error) {
      if (!(error instanceof GauntletError)) throw error;
      process.stderr.write(`${error.toString()}\n`);
      process.exitCode = exitCode.usage;
    }
  }
}
