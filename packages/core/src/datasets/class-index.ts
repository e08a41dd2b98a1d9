import { readFileSync } from 'node:fs';
import path from 'node:path';
import { reasonOf } from '@gauntlet/api';
import { assertFile, wrongFile } from './read-bytes.js';

/**
 * Which class a sub-folder is, by a file in one of the forms that are about: torchvision's `class_to_idx` as JSON
 * ({"cat": 0}), Keras' ImageNet index as JSON ({"0": ["n01440764", "tench"]}), or names line by line, class 0 first.
 * @throws GauntletError `dataset-format`
 */
export function readClassIndex(file: string): Map<string, number> {
  assertFile(file);
  const text = readFileSync(file, 'utf8');
  const forms = 'class indices: {"name": 0}, {"0": ["name"]} or a name on each line';
  const add = (index: Map<string, number>, name: unknown, label: number) => {
    if (typeof name !== 'string' || !Number.isInteger(label) || label < 0)
      throw wrongFile(file, forms, JSON.stringify([name, label]));
    if ((index.get(name) ?? label) !== label) throw wrongFile(file, 'each name once', `"${name}" twice`);
    index.set(name, label);
  };
  const index = new Map<string, number>();
  if (path.extname(file).toLowerCase() !== '.json') {
    const lines = text.trimEnd().split(/\r?\n/);
    lines.forEach((line, label) => add(index, line.trim(), label));
    return index;
  }
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (error) {
    throw wrongFile(file, forms, `no JSON (${reasonOf(error)})`);
  }
  if (typeof content !== 'object' || content === null || Array.isArray(content))
    throw wrongFile(file, forms, 'something else');
  for (const [key, value] of Object.entries(content)) {
    if (Array.isArray(value)) for (const name of value) add(index, name, Number(key));
    else if (typeof value === 'string') add(index, value, Number(key));
    else add(index, key, value as number);
  }
  return index;
}
