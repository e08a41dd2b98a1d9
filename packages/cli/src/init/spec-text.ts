import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Document, isCollection, isScalar, visit } from 'yaml';

const schema = 'schema/robust-spec.schema.json';

/** A spec as a file: with the schema for editors, short lists in one line each. */
export function specText(spec: object, file: string): string {
  const document = new Document(spec);
  const short = new Set(['bounds', 'preprocess', 'dataset', 'params', 'expect']);
  visit(document, {
    Pair(_, { key, value }) {
      if (isScalar(key) && short.has(String(key.value)) && isCollection(value)) value.flow = true;
    },
  });
  return [
    `# yaml-language-server: $schema=${schemaFor(path.dirname(file))}`,
    `# A robustness spec: gauntlet run ${path.basename(file)}`,
    '# The limits are a starting point; set them to what your model has to withstand.',
    document.toString({ lineWidth: 100, singleQuote: true }),
  ].join('\n');
}

/** The schema of the installed package as seen from a folder; where it is in no node_modules, that of this one. */
function schemaFor(folder: string): string {
  const relative = (file: string) => path.relative(folder, file).split(path.sep).join('/');
  for (let at = folder; ; at = path.dirname(at)) {
    const installed = path.join(at, 'node_modules/@gauntlet/cli', schema);
    if (existsSync(installed)) return relative(installed);
    if (at === path.dirname(at)) return relative(fileURLToPath(new URL(`../../${schema}`, import.meta.url)));
  }
}
