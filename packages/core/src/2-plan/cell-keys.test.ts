import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { Ball } from '@gauntlet/api';
import type { EngineSource } from '../engines/engine-source.js';
import type { ProbeResult } from '../3-worker/task.js';
import { runtimeVersions } from '../versions.js';
import { cellKeys, type KeyContext } from './cell-keys.js';
import type { Cell } from './cells.js';

const probe = {
  victim: { hash: 'weights', engine: 'onnx:cpu', inputShape: [2, 2, 1] },
  dataset: { hash: 'data', indices: [0, 1] },
} as unknown as ProbeResult;

function keyOf({
  names = ['v', 'a'],
  also,
  engineSource,
  ...context
}: Partial<KeyContext> & { names?: [string, string]; also?: Ball; engineSource?: EngineSource } = {}) {
  const plugin = { url: pathToFileURL(import.meta.filename).href, name: 'pgd' };
  const attack = {
    name: names[1],
    plugin,
    version: 1,
    params: { epsilon: 0.1 },
    threat: { norm: 'linf', epsilon: 0.1, ...(also && { also }) },
  };
  const victim = {
    name: names[0],
    bounds: [0, 1],
    engine: 'onnx:cpu',
    ...(engineSource && { engineSource }),
  };
  const cell = { id: names.join('/'), victim, attack } as unknown as Cell;
  return cellKeys([cell], new Map([[names[0], probe]]), { seed: 1, ...context }).get(cell);
}

describe('the key of a cell', () => {
  it('knows no names', () => {
    expect(keyOf()).toMatch(/^[0-9a-f]{64}$/);
    expect(keyOf({ names: ['other', 'name'] })).toBe(keyOf());
  });

  it('is another with another seed', () => expect(keyOf({ seed: 2 })).not.toBe(keyOf()));

  it('is another under another threat model of the spec', () => {
    const of = (epsilon: number) => keyOf({ also: { norm: 'l2', epsilon } });
    expect(new Set([keyOf(), of(1), of(2)]).size).toBe(3);
    expect(of(1)).toBe(of(1));
  });

  it("is another with another code, other options or another version of a plugin's engine, wherever that is", () => {
    const file = (name: string, text: string) => {
      const at = path.join(mkdtempSync(path.join(tmpdir(), 'gauntlet-keys-')), name);
      writeFileSync(at, text);
      return { url: pathToFileURL(at).href, name: 'mine' };
    };
    const traits = { device: 'cpu', graphicsCard: false, setsBackend: false };
    const source = { plugin: file('a.mjs', '1'), version: 1, params: { threads: 1 }, ...traits };
    const others = [
      { ...source, plugin: file('a.mjs', '2') },
      { ...source, params: { threads: 2 } },
      { ...source, version: 2 },
    ];
    const keys = [undefined, source, ...others].map((engineSource) => keyOf({ engineSource }));
    expect(new Set(keys).size).toBe(5);
    expect(keyOf({ engineSource: { ...source, plugin: file('b.mjs', '1') } })).toBe(keys[1]);
  });

  for (const name of ['onnxruntime', 'tfjs', 'node'] as const) {
    it(`is another with another version of ${name}`, () => {
      expect(runtimeVersions[name]).toMatch(/^\d+\.\d+/);
      expect(keyOf({ runtime: { ...runtimeVersions, [name]: '0.0' } })).not.toBe(keyOf());
    });
  }
});
