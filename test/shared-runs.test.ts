import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { digitsModel, inProcess, readReport, temporary, writeSpec } from './support/cli.js';

const home = temporary('shared');
const project = path.join(home, 'project');
const at = (...parts: string[]) => path.join(project, ...parts);
const here = (...args: string[]) => inProcess(args, { cwd: project });

beforeAll(async () => {
  const model = at('models', 'digits', 'model.json');
  cpSync(path.dirname(digitsModel), path.dirname(model), { recursive: true });
  const victim = { name: 'digits', model, kind: 'classifier', bounds: [0, 1] };
  const attacks = [
    { use: 'pgd', params: { epsilon: 0.2, steps: 5, restarts: 1 }, expect: { asr: { max: 0 } } },
  ];
  writeSpec(at('specs'), attacks, { victim });
  await here('run', 'specs/test.robust.json', '-j', '0', '--output', 'out');
  await here('bless', 'out', 'specs/baseline.json', '--failed');
  const reporters = ['json', 'junit', 'html', 'markdown', 'github'].flatMap((name) => ['--reporter', name]);
  const args = ['--baseline', 'specs/baseline.json', '-j', '0', '--output', 'out', ...reporters];
  const { stdout } = await here('run', 'specs/test.robust.json', ...args);
  writeFileSync(at('stdout.txt'), stdout);
});

describe('a report that is shown to others', () => {
  it('says no absolute path in any format', () => {
    for (const file of [
      'out/report.json',
      'out/junit.xml',
      'out/report.html',
      'out/report.md',
      'out/run.json',
    ])
      expect([file, readFileSync(at(file), 'utf8').includes(home)]).toEqual([file, false]);
    const { spec, victims, difference } = readReport(at('out'));
    expect([spec, victims[0].model, difference!.baseline]).toEqual([
      'test.robust.json',
      '../models/digits/model.json',
      'baseline.json',
    ]);
  });

  it('names the file that GitHub marks, and a command that works where the run was started', async () => {
    expect(readFileSync(at('stdout.txt'), 'utf8')).toContain('::error file=specs/test.robust.json,title=');
    const [, command] = /replay: gauntlet (replay out digits\/pgd \d+)/.exec(
      readFileSync(at('out/junit.xml'), 'utf8'),
    )!;
    expect(readFileSync(at('out/report.md'), 'utf8')).toContain(`\`gauntlet ${command}\``);
    const { code, stdout, stderr } = await here(...command.split(' '));
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^spec: specs\/test\.robust\.json\n/);
  });
});

describe('replay of a run folder that somebody else has made', () => {
  /** A copy of the run that names a spec which leaves a trace if it is loaded. */
  const trace = path.join(home, 'loaded');
  const foreign = (folder: string, spec: string) => {
    cpSync(at('out'), folder, { recursive: true });
    writeFileSync(
      path.join(home, 'test.robust.ts'),
      `import { writeFileSync } from 'node:fs'; writeFileSync(${JSON.stringify(trace)}, ''); export default {};`,
    );
    writeFileSync(path.join(folder, 'run.json'), JSON.stringify({ spec }));
    const report = { ...readReport(at('out')), spec: path.basename(spec) };
    writeFileSync(path.join(folder, 'report.json'), JSON.stringify(report));
  };

  it('loads no spec from outside of the current folder', async () => {
    foreign(at('theirs'), path.join(home, 'test.robust.ts'));
    const { code, stderr } = await here('replay', 'theirs', 'digits/pgd', '3');
    expect([code, existsSync(trace)]).toEqual([2, false]);
    expect(stderr).toMatch(
      /names the spec .*test\.robust\.ts, which lies outside of the current folder.*--spec .*test\.robust\.ts/,
    );
    foreign(at('theirs'), '../../test.robust.ts');
    expect((await here('replay', 'theirs', 'digits/pgd', '3')).code).toBe(2);
    expect(existsSync(trace)).toBe(false);
  });

  it('takes the one that the user names', async () => {
    const args = ['replay', 'theirs', 'digits/pgd', '3', '--spec', 'specs/test.robust.json'];
    const { code, stdout } = await here(...args);
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^spec: specs\/test\.robust\.json\n/)]);
  });

  it('says what to do where the folder does not say where the spec is', async () => {
    mkdirSync(at('bare'));
    cpSync(at('out/report.json'), at('bare/report.json'));
    expect((await here('replay', 'bare', 'digits/pgd', '3')).stderr).toMatch(
      /does not say where its spec test\.robust\.json lies\. Name it with --spec <file>/,
    );
  });
});
