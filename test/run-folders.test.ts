import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { gauntlet, plugins, readReport, repository, temporary, writeSpec } from './support/cli.js';

const passes = { use: 'noise', params: { epsilon: 0.05 }, expect: { asr: { max: 0.99 } } };
const fails = { use: 'noise', params: { epsilon: 0.05 }, expect: { asr: { min: 1 } } };

describe('specs of one name', () => {
  it('have a folder each, so that none overwrites the report of another', async () => {
    const home = temporary('names');
    const specs = [fails, passes].map((attack, i) => writeSpec(path.join(home, `model-${i}`), [attack]));
    const output = path.join(home, 'out');
    const { code } = await gauntlet('run', ...specs, '-j', '0', '--output', output);
    expect(code).toBe(1);
    const folders = ['model-0', 'model-1'].map((name) =>
      path.join(
        output,
        path.relative(process.cwd(), path.join(home, name, 'test.robust.json')).replaceAll('..', '-'),
      ),
    );
    expect(folders.map((folder) => readReport(folder).verdict)).toEqual(['fail', 'pass']);
  });

  it('in one folder, of two formats, too', async () => {
    const home = temporary('names');
    const specs = ['test.robust.json', 'test.robust.yaml'].map((name, i) =>
      writeSpec(home, [i === 0 ? fails : passes], {}, name),
    );
    expect((await gauntlet('run', ...specs, '-j', '0')).code).toBe(1);
    const verdictOf = (name: string) => readReport(path.join(home, 'gauntlet-report', name)).verdict;
    expect(['test.robust.json', 'test.robust.yaml'].map(verdictOf)).toEqual(['fail', 'pass']);
  });
});

describe('the reports of an earlier run', () => {
  it('are gone when a run has begun, whatever becomes of it', async () => {
    const home = temporary('earlier');
    const output = path.join(home, 'out');
    expect((await gauntlet('run', writeSpec(home, [passes]), '-j', '0', '--output', output)).code).toBe(0);
    expect(existsSync(path.join(output, 'junit.xml'))).toBe(true);
    // The victim cannot be opened: nothing is reported.
    const wrong = path.join(home, 'wrong.mjs');
    writeFileSync(wrong, 'nothing');
    const dataset = { format: 'npz', file: wrong };
    const broken = writeSpec(home, [passes], { dataset });
    expect((await gauntlet('run', broken, '-j', '0', '--output', output)).code).toBe(2);
    for (const file of ['junit.xml', 'report.json', 'report.html'])
      expect(existsSync(path.join(output, file)), file).toBe(false);
  });

  it('are gone, too, where a run makes fewer: nothing can be blessed that it did not find', async () => {
    const home = temporary('fewer');
    const output = path.join(home, 'out');
    const run = (...more: string[]) =>
      gauntlet('run', writeSpec(home, [passes]), '-j', '0', '--output', output, ...more);
    const html = ['--reporter', 'html={"file":"mine.html"}'];
    const mine = path.join(output, 'mine.txt');
    expect((await run('--reporter', 'json,junit', ...html)).code).toBe(0);
    writeFileSync(mine, 'not by a reporter');
    expect((await run('--reporter', 'junit')).code).toBe(0);
    const left = ['report.json', 'mine.html', 'junit.xml', 'mine.txt'];
    expect(left.map((file) => existsSync(path.join(output, file)))).toEqual([false, false, true, true]);
    const blessed = await gauntlet('bless', output, path.join(home, 'baseline.json'));
    expect([blessed.code, blessed.stderr]).toEqual([
      2,
      expect.stringMatching(
        /report\.json is no report of a run: there is none in that folder\. The reporter "json" writes it/,
      ),
    ]);
    // What the list names outside of the folder is not Gauntlet's to remove.
    const outside = path.join(home, 'outside.txt');
    writeFileSync(outside, 'stays');
    writeFileSync(
      path.join(output, 'reports.json'),
      JSON.stringify(['../outside.txt', 'x/../../outside.txt', outside, 7]),
    );
    expect((await run('--reporter', 'junit')).code).toBe(0);
    expect(existsSync(outside)).toBe(true);
  });

  it('are still known to --last-failed', async () => {
    const home = temporary('last-failed');
    const output = path.join(home, 'out');
    const spec = writeSpec(home, [passes, { ...fails, name: 'fails' }]);
    await gauntlet('run', spec, '-j', '0', '--output', output);
    await gauntlet('run', spec, '-j', '0', '--output', output, '--last-failed');
    expect(readReport(output).cells.map(({ attack }) => attack)).toEqual(['fails']);
  });
});

describe('images that were damaged', () => {
  it('are left out with a note, and the reports are there', async () => {
    const home = temporary('damaged');
    const output = path.join(home, 'out');
    const spec = writeSpec(home, [
      { use: `${plugins}#leaves-box` },
      { use: 'noise', params: { epsilon: 0.9 }, expect: { cleanAccuracy: { min: 0.5 } } },
    ]);
    await gauntlet('run', spec, '-j', '0', '--output', output);
    const cells = path.join(output, 'cells');
    const files = readdirSync(cells, { recursive: true, encoding: 'utf8' }).filter((file) =>
      file.endsWith('.npz'),
    );
    expect(files.length).toBeGreaterThan(0);
    for (const file of files) {
      const bytes = readFileSync(path.join(cells, file));
      bytes[Math.floor(bytes.length / 2)] ^= 8;
      writeFileSync(path.join(cells, file), bytes.subarray(0, -40));
    }
    const { stdout } = await gauntlet('run', spec, '-j', '0', '--output', output);
    expect(stdout).toMatch(/The images in .*\.npz cannot be shown: /);
    for (const file of ['junit.xml', 'report.json', 'report.html'])
      expect(existsSync(path.join(output, file)), file).toBe(true);
  });
});

describe('a folder that a run writes to', () => {
  it('is refused to a second run, which leaves it alone', async () => {
    const home = temporary('locked');
    const output = path.join(home, 'out');
    const [lock, seen] = [path.join(output, 'run.lock'), path.join(home, 'seen')];
    // Looks at the lock while it runs.
    const attack = path.join(home, 'attack.mjs');
    writeFileSync(
      attack,
      `import { copyFileSync } from 'node:fs';
       import plugins from ${JSON.stringify(plugins)};
       const { perturb, ...rest } = plugins.find(({ name }) => name === 'leaves-ball');
       const looking = (context) => {
         copyFileSync(${JSON.stringify(lock)}, ${JSON.stringify(seen)});
         return perturb(context);
       };
       export default { ...rest, perturb: looking };`,
    );
    const args = ['run', writeSpec(home, [{ use: attack }]), '-j', '0', '--output', output];
    await gauntlet(...args);
    const mine = JSON.parse(readFileSync(seen, 'utf8')) as { pid: number; began: string };
    expect(mine.pid).toBe(process.pid);
    expect(existsSync(lock)).toBe(false);

    // As if the process that has started this one were in the middle of a run.
    const other = process.ppid;
    const stat = readFileSync(`/proc/${other}/stat`, 'utf8');
    const began = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
    writeFileSync(lock, JSON.stringify({ ...mine, pid: other, began }));
    const journal = readFileSync(path.join(output, 'journal.jsonl'), 'utf8');
    for (const more of [[], ['--resume']]) {
      const second = await gauntlet(...args, ...more);
      expect(second.code).toBe(2);
      expect(second.stderr).toContain(`Another run writes to ${output} (process ${other} on `);
    }
    expect(readFileSync(path.join(output, 'journal.jsonl'), 'utf8')).toBe(journal);

    // And as if it had been killed, and its number been given to another.
    writeFileSync(lock, JSON.stringify({ ...mine, pid: other, began: 'long ago' }));
    writeFileSync(path.join(output, 'report.json.part'), '{');
    expect((await gauntlet('run', writeSpec(home, [passes]), '-j', '0', '--output', output)).code).toBe(0);
    expect(readdirSync(output).filter((file) => /part$|lock$/.test(file))).toEqual([]);
  });

  it('holds no unfinished file of a worker that died in a run which went on without it', async () => {
    const home = temporary('parts');
    const output = path.join(home, 'out');
    const attack = path.join(home, 'attack.mjs');
    const part = path.join(output, 'cells', '20-4.npz.part');
    writeFileSync(
      attack,
      `import { mkdirSync, writeFileSync } from 'node:fs';
       import attack from ${JSON.stringify(path.join(repository, 'test/faults/misbehaves.mjs'))};
       const perturb = (context) => {
         mkdirSync(${JSON.stringify(path.dirname(part))}, { recursive: true });
         writeFileSync(${JSON.stringify(part)}, '');
         return attack.perturb(context);
       };
       export default { ...attack, perturb };`,
    );
    const spec = writeSpec(home, [{ use: attack, expect: { cleanAccuracy: { min: 0.5 } } }]);
    expect((await gauntlet('run', spec, '-j', '0', '--output', output)).code).toBe(0);
    expect(readdirSync(path.dirname(part)).filter((file) => file.endsWith('.part'))).toEqual([]);
  });
});
