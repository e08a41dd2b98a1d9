import type { Argv, ArgumentsCamelCase } from 'yargs';
import { editorSchema, reportSchema } from '@gauntlet/core';
import { builtInPlugins } from '../built-in.js';
import { exitCode } from '../exit-codes.js';
import type { Io } from '../io.js';

export const command = 'schema [of]';
export const describe = 'Print the JSON Schema of spec files, for editors, or of report.json';
export const builder = (yargs: Argv) =>
  yargs.positional('of', {
    choices: ['spec', 'report'] as const,
    default: 'spec' as const,
    describe: 'What it describes',
  });

type Options = ArgumentsCamelCase<{ of: string }>;

export async function handler({ of }: Options, { stdout }: Io): Promise<number> {
  const schema = of === 'report' ? reportSchema : editorSchema(await builtInPlugins());
  stdout.write(`${JSON.stringify(schema, null, 2)}\n`);
  return exitCode.held;
}
