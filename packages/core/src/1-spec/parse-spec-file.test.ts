import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { GauntletError } from '@gauntlet/api';
import { parseSpecFile } from './parse-spec-file.js';

const folder = mkdtempSync(path.join(tmpdir(), 'gauntlet-yaml-'));
const file = path.join(folder, 'a.robust.yaml');

async function parse(text: string): Promise<unknown> {
  writeFileSync(file, text);
  return parseSpecFile(file).then(
    ({ value }) => value,
    (error: Error) => (error instanceof GauntletError ? error.toString() : `${error.name}: ${error.message}`),
  );
}

describe('a YAML spec', () => {
  it('may use anchors and aliases', async () => {
    expect(await parse('a: &x [1]\nb: *x')).toEqual({ a: [1], b: [1] });
  });

  it('is refused with the place where an alias leads nowhere or in a circle', async () => {
    expect(await parse('seed: 1\na: *there')).toBe(
      `${file}:2:4: The alias *there has no anchor: write &there before it. [spec-syntax]`,
    );
    expect(await parse('a: &x\n  - [*x]')).toBe(
      `${file}:2:6: The alias *x is part of what it stands for. [spec-syntax]`,
    );
  });

  it('is refused where its aliases grow without end', async () => {
    const levels = ['a0: &a0 [1, 1, 1]'];
    for (let i = 1; i < 12; i++) levels.push(`a${i}: &a${i} [*a${i - 1}, *a${i - 1}, *a${i - 1}]`);
    expect(await parse(levels.join('\n'))).toMatch(/aliases cannot be written out: Excessive alias count/);
    expect(await parse('%YAML 1.1\n---\na: { <<: 3 }')).toMatch(/spec-syntax/);
  });

  it('is refused where it is nested too deep, before the parser runs out of stack', async () => {
    expect(await parse(`a:\n  ${'['.repeat(5000)}${']'.repeat(5000)}`)).toBe(
      `${file}:2:1: The spec is nested more than 100 levels deep. [spec-syntax]`,
    );
    expect(await parse(`a:\n  ${'- '.repeat(5000)}`)).toMatch(/nested more than 100 levels/);
    expect(await parse(`'${'['.repeat(500)}': 1`)).toEqual({ ['['.repeat(500)]: 1 });
  });
});
