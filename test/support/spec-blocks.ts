import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { reasonOf } from '@gauntlet/api';
import { builtIn, packages } from '@gauntlet/cli/built-in';
import { loadSpec, type SpecInput, specSchema } from '@gauntlet/core';
import { repository } from './cli.js';
import { type Block, blocksOf } from './pages.js';
import { parse } from 'yaml';

type Written = Record<string, unknown>;

/** What a block shows a part of: a spec of the shipped models. */
const base = (kind: 'classifier' | 'autoencoder'): Written => ({
  victim: {
    model: `@gauntlet/zoo/models/${kind === 'classifier' ? 'digits-cnn' : 'digits-conv-ae'}/model.json`,
    kind,
    bounds: [0, 1],
  },
  dataset: { format: 'plugin', use: 'digits', take: 10 },
  attacks: [
    {
      use: kind === 'classifier' ? 'noise' : 'mine-uae',
      params: kind === 'classifier' ? { epsilon: 0.1 } : {},
    },
  ],
});

/** A spec, part of one (its keys are some of a spec's), or something else. */
export function specOf({ text }: Block): SpecInput | undefined {
  const value = parse(text) as Written | null;
  const keys = Object.keys(value ?? {});
  if (keys.length === 0 || !keys.every((key) => key in specSchema.properties)) return undefined;
  const kind = /\bkind: autoencoder|\bretrain:|\b(mine|l2)-uae\b/.test(text) ? 'autoencoder' : 'classifier';
  const { victim, ...rest } = base(kind);
  return { ...(value!.victims ? rest : { ...rest, victim }), ...value } as unknown as SpecInput;
}

/** Loads the spec of a block as the command line would, beside files that are there by name alone; gives what is wrong. */
export async function specErrors(block: Block, spec: SpecInput): Promise<string[]> {
  // In the repository, so that plugins of the page find the packages they import, and where git ignores it.
  mkdirSync(path.join(repository, 'gauntlet-report'), { recursive: true });
  const folder = mkdtempSync(path.join(repository, 'gauntlet-report/pages-'));
  try {
    for (const file of namedFiles(spec)) {
      const target = path.join(folder, file);
      mkdirSync(path.dirname(target), { recursive: true });
      writeFileSync(target, pluginText(block.page, path.basename(file)) ?? '');
    }
    const file = path.join(folder, 'block.robust.json');
    writeFileSync(file, JSON.stringify(spec));
    await loadSpec(file, { builtIn: await builtIn(), packages });
    return [];
  } catch (error) {
    return [
      `${block.page}:${block.line}: ${String(error instanceof Error ? error.toString() : reasonOf(error))}`,
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Every `./path` of a spec. */
function namedFiles(value: unknown): string[] {
  if (typeof value === 'string') return value.startsWith('./') ? [value] : [];
  return value !== null && typeof value === 'object' ? Object.values(value).flatMap(namedFiles) : [];
}

/** The plugin that a page shows, by the name in the first line of its block. */
const pluginText = (page: string, name: string): string | undefined =>
  blocksOf(page, 'js', 'ts').find(({ text }) => text.startsWith(`// ${name}`))?.text;
