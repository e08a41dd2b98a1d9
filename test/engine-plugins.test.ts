import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { loadSpec } from '@gauntlet/core';
import { builtIn } from '@gauntlet/cli/built-in';
import { digitsModel, gauntlet, inProcess, readReport, repository, temporary } from './support/cli.js';

const module = path.join(repository, 'test/fixtures/engines.mjs');
const example = path.join(repository, 'examples/plugins/engine');
const folder = temporary('engines');
let next = 0;

/** A spec whose engine is on its third line. */
function specOn(engine: string): string {
  const file = path.join(folder, `${next++}.robust.yaml`);
  writeFileSync(
    file,
    `victim:
  model: ${digitsModel}
  engine: ${engine}
  kind: classifier
  bounds: [0, 1]
dataset: { format: plugin, use: digits, take: 10 }
attacks: [{ use: fgsm, params: { epsilon: 0.1 } }]
`,
  );
  return file;
}

const victimOn = async (engine: string, rest: object = {}) =>
  (await loadSpec(specOn(engine), { builtIn: await builtIn(), ...rest })).victims[0];

async function run(engine: string, ...more: string[]) {
  const output = path.join(folder, `out-${next++}`);
  const result = await gauntlet('run', specOn(engine), '--output', output, '-j', '0', ...more);
  return { ...result, output, report: () => readReport(output) };
}

describe('the engine of a spec', () => {
  const url = pathToFileURL(module).href;
  const source = {
    plugin: { url, name: 'linear' },
    version: 1,
    device: 'cpu',
    graphicsCard: false,
    setsBackend: false,
    params: { scale: 4 },
  };

  it('is built in, or a plugin on its first device, or on one that is named', async () => {
    expect(await victimOn('onnx')).toMatchObject({ engine: 'onnx:cpu' });
    expect(await victimOn('{ use: tfjs, device: cpu }')).toMatchObject({ engine: 'tfjs:cpu' });
    expect(await victimOn('auto')).not.toHaveProperty('engineSource');
    const linear = { engine: 'linear:cpu', engineSource: source };
    expect(await victimOn(`${module}#linear`)).toMatchObject(linear);
    expect(await victimOn(`./${path.relative(folder, module)}#linear:cpu`)).toMatchObject(linear);
    const onCard = {
      engine: 'linear:card',
      engineSource: { ...source, device: 'card', graphicsCard: true, params: { scale: 2 } },
    };
    for (const use of [`{ use: '${module}#linear', device: card,`, `{ use: '${module}#linear:card',`])
      expect(await victimOn(`${use} params: { scale: 2 } }`)).toMatchObject(onCard);
  });

  it('gives way to that of the command line, whose paths are relative to where it is typed', async () => {
    const engineFolder = path.join(repository, 'test');
    const engine = './fixtures/engines.mjs#linear:card';
    expect(await victimOn('tfjs', { engine, engineFolder })).toMatchObject({
      engine: 'linear:card',
      engineSource: { plugin: { url } },
    });
    const output = path.join(folder, 'typed');
    const args = ['run', specOn('tfjs'), '-j', '0', '--output', output, '--engine', engine];
    expect(await inProcess(args, { cwd: engineFolder })).toMatchObject({ code: 0, stderr: '' });
    expect(readReport(output).victims[0].engine).toBe('linear:card');
  });

  it('has options on the command line, too', async () => {
    const engine = `${module}#linear:card={"scale":2}`;
    expect(await victimOn('tfjs', { engine })).toMatchObject({ engineSource: { params: { scale: 2 } } });
  });

  const refusals: Record<string, [written: string, place: string, message: RegExp]> = {
    'a name that nobody has': [
      'onxx:cpu',
      '3:11',
      /no engine "onxx:cpu"\. Did you mean "onnx:cpu"\? Known: auto, onnx:cpu.*npm install/,
    ],
    'a device that a built-in engine lacks': ['onnx:gpu', '3:11', /no engine "onnx:gpu"/],
    'a device that a plugin lacks': [
      `${module}#linear:crad`,
      '3:11',
      /Did you mean "\S+engines\.mjs#linear:card"\? Known: \S+#linear:cpu, \S+#linear:card/,
    ],
    'a device, where it stands': [
      `{ use: tfjs, device: wasn }`,
      '3:32',
      /no engine "tfjs:wasn"\. Did you mean "tfjs:wasm"/,
    ],
    'a file that is not there': ['./mine.mjs', '3:11', /There is no plugin at .*mine\.mjs/],
    'a plugin of another kind': [
      `{ use: '${repository}/test/fixtures/victims.mjs#linear' }`,
      '3:18',
      /"linear" is of kind victim; needed here is one of kind engine/,
    ],
    'an engine without devices': [`'${module}#nowhere'`, '3:11', /nowhere has no devices/],
    'one of several that has no name': [module, '3:11', /several plugins \(nowhere, linear, needy/],
    'an option that there is not': [
      `{ use: '${module}#linear', params: { sclae: 1 } }`,
      `3:${39 + module.length}`,
      /no option "sclae".*Did you mean "scale"/,
    ],
    'an option of an engine that has none': [
      '{ use: onnx, params: { threads: 2 } }',
      '3:34',
      /no option "threads"/,
    ],
    'an option that is missing': [`'${module}#needy'`, '3:11', /Needed here: "library"/],
    'an entry without a name': ['{ device: cpu }', '3:11', /needs "use"/],
  };
  for (const [what, [written, place, message]] of Object.entries(refusals))
    it(`is refused at its place: ${what}`, async () => {
      const { code, stderr } = await gauntlet('validate', specOn(written));
      expect(code).toBe(2);
      expect(stderr).toMatch(message);
      expect(stderr).toContain(`.robust.yaml:${place}:`);
    });

  it('is refused on the command line', async () => {
    const refused = async (engine: string) => (await run('auto', '--engine', engine)).stderr;
    expect(await refused('./mine.mjs')).toMatch(/There is no plugin at .*mine\.mjs/);
    expect(await refused(`${module}#linear:gpu`)).toMatch(/Known: .*linear:card/);
    expect(await refused(`${module}#needy`)).toMatch(/--engine \S+#needy: .*"library".*as JSON/);
    expect(await refused(`${module}#linear={"sclae":2}`)).toMatch(/no option "sclae".*Did you mean "scale"/);
    expect(await refused(`${module}#linear=2`)).toMatch(/what follows the = must be a JSON object/);
  });
});

describe('a run on an engine of a plugin', () => {
  it('attacks with its gradients, under its name, with a key of its options', async () => {
    const { code, stderr, report } = await run(`'${module}#linear'`);
    expect([code, stderr]).toEqual([0, '']);
    const { victims, cells } = report();
    expect(victims[0]).toMatchObject({ engine: 'linear:cpu', classes: 10, gradients: 'exact' });
    expect(cells[0].outcomes.filter(({ status }) => status !== 'skipped')).toContainEqual(
      expect.objectContaining({ gradients: 1 }),
    );
    const other = await run(`{ use: '${module}#linear', params: { scale: 3 } }`);
    expect(other.report().cells[0].key).not.toBe(cells[0].key);
  });

  it('says what is wrong with the engine', async () => {
    const said = async (name: string) => {
      const { code, stderr } = await run(`'${module}#${name}'`);
      expect(code).toBe(2);
      return stderr;
    };
    expect(await said('throws')).toMatch(/engine throws:cpu cannot start: the driver is gone .*engine-start/);
    expect(await said('idle')).toMatch(/start\(\) has to return an object with "load"/);
    expect(await said('hollow')).toMatch(/lacks differentiate, dispose, features, hash .*, inputShape/);
  });

  it('can be replayed', async () => {
    const one = path.join(folder, 'one');
    await gauntlet('run', example, '-j', '0', '--output', one);
    const again = await gauntlet('replay', one, 'logistic/pgd', '3');
    expect([again.code, again.stderr]).toEqual([0, '']);
  });

  it('is replayed on what --engine named only if that is named again', async () => {
    const engine = `${module}#linear`;
    const { output } = await run('tfjs', '--engine', engine);
    const [{ id }] = readReport(output).cells;
    const replay = (...more: string[]) => inProcess(['replay', output, id, '3', ...more], { cwd: folder });
    const { code, stderr } = await replay();
    expect(code).toBe(2);
    expect(stderr).toMatch(/was computed by linear:cpu, which the spec does not name.*--engine/);
    expect((await replay('--engine', engine)).code).toBe(0);
  });
});
