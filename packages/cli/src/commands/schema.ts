import { editorSchema } from '@gauntlet/core';
import { builtInPlugins } from '../built-in.js';

export const command = 'schema';
export const describe = 'Print the JSON Schema of spec files, for editors';

export async function handler(): Promise<void> {
  process.stdout.write(`${JSON.stringify(editorSchema(await builtInPlugins()), null, 2)}\n`);
}
