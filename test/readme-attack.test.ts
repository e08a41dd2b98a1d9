import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { gauntlet, readReport, repository, temporary } from './support/cli.js';

describe('the attack of docs/plugins/attack.md', () => {
  it('is the file in examples/plugins/attack', () => {
    const read = (file: string) => readFileSync(path.join(repository, file), 'utf8');
    expect(read('docs/plugins/attack.md')).toContain(read('examples/plugins/attack/halfway.mjs'));
  });

  it('runs beside built-in ones', async () => {
    const out = temporary('plugin');
    const { code, stderr } = await gauntlet(
      'run',
      path.join(repository, 'examples/plugins/attack'),
      '-j',
      '0',
      '--output',
      out,
    );
    expect(stderr).toBe('');
    expect(code).toBe(0);
    const asr = readReport(out).cells.map(({ metrics }) => metrics.asr!.value!);
    expect(asr[0]).toBeGreaterThan(0.1);
    expect(asr[2]).toBeGreaterThanOrEqual(asr[1]);
  });
});
