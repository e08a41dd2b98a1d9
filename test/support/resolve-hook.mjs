import { pathToFileURL } from 'node:url';
import { sources } from './sources.mjs';

export async function resolve(specifier, context, next) {
  const source = sources.get(specifier);
  return source ? { url: pathToFileURL(source).href, shortCircuit: true } : next(specifier, context);
}
