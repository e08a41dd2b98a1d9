import { pathToFileURL } from 'node:url';
import { sources } from './sources.mjs';

export async function resolve(specifier, context, next) {
  const source = sources.get(specifier);
  if (source) return { url: pathToFileURL(source).href, shortCircuit: true };
  const found = await next(specifier, context);
  // GitHub's parser of workflows imports JSON without saying so, as only bundlers let it.
  const isUnmarked = found.url.endsWith('.json') && context.parentURL?.includes('@actions/workflow-parser');
  return isUnmarked ? { ...found, importAttributes: { type: 'json' } } : found;
}
