import { editorSchema } from '@gauntlet/core';
import { builtInPlugins } from '../built-in.js';
import { exitCode } from '../exit-codes.js';
import type { Io } from '../io.js';

export const command = 'schema';
export const describe = 'Print the JSON Schema of spec files, for editors';

export async function handler(_options: object, { stdout }: Io): Promise<number> {
  stdout.write(`${JSON.stringify(editorSchema(await builtInPlugins()), null, 2)}\n`);
  return exitCode.held;
}
