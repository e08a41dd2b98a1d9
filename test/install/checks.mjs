// What has to work in a project where Gauntlet is installed. Each check rejects with what went wrong.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { copyFileSync, cpSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { XmlDocument, XsdValidator } from 'libxml2-wasm';

const execute = promisify(execFile);
const repository = path.resolve(import.meta.dirname, '../..');
const read = (...parts) => readFileSync(path.join(...parts), 'utf8');

/** Runs a file of the project's node_modules on the project's Node. */
async function node({ folder, env, node = process.execPath }, file, ...args) {
  try {
    return await execute(node, [path.join(folder, 'node_modules', file), ...args], {
      cwd: folder,
      env,
      maxBuffer: 2 ** 26,
    });
  } catch (error) {
    throw new Error(`${file} ${args.join(' ')}\n${error.stdout}${error.stderr}`, { cause: error });
  }
}

/** Strict TypeScript, as it is written from the documentation. */
async function compile(
  project,
  { skipLibCheck, types = ['node'], include = ['core.robust.ts', 'cli.robust.ts', 'matchers.ts'] },
) {
  cpSync(path.join(import.meta.dirname, 'project'), project.folder, { recursive: true });
  const compilerOptions = {
    strict: true,
    noEmit: true,
    module: 'NodeNext',
    target: 'ES2023',
    types,
    skipLibCheck,
  };
  writeFileSync(path.join(project.folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, include }));
  await node(project, 'typescript/bin/tsc');
}

/** Throws what the schema refuses. */
function checkJunit(folder) {
  const schema = XmlDocument.fromBuffer(readFileSync(path.join(repository, 'test/support/junit.xsd')));
  XsdValidator.fromDoc(schema).validate(XmlDocument.fromBuffer(readFileSync(path.join(folder, 'junit.xml'))));
}

const bin = '@gauntlet/cli/bin/gauntlet.js';

export const checks = {
  'gauntlet --version is its own': async (project) => {
    const { version } = JSON.parse(read(repository, 'packages/cli/package.json'));
    assert.equal((await node(project, bin, '--version')).stdout, `${version}\n`);
  },
  'strict tsc, skipLibCheck on': (project) => compile(project, { skipLibCheck: true }),
  'strict tsc, skipLibCheck off': (project) => compile(project, { skipLibCheck: false }),
  // Who does not have @types/node; Vitest's own types need it.
  'strict tsc, skipLibCheck off, no types of Node': (project) =>
    compile(project, { skipLibCheck: false, types: [], include: ['core.robust.ts', 'cli.robust.ts'] }),
  'the digits example runs on ONNX Runtime, its JUnit is valid': async (project) => {
    copyFileSync(
      path.join(repository, 'examples/digits/digits.robust.yaml'),
      path.join(project.folder, 'digits.robust.yaml'),
    );
    await node(project, bin, 'run', 'digits.robust.yaml', '-j', '2', '-g', '/(noise|fgsm|pgd)$');
    const output = path.join(project.folder, 'gauntlet-report/digits');
    const { verdict, victims, cells } = JSON.parse(read(output, 'report.json'));
    assert.deepEqual([verdict, victims[0].engine, cells.length], ['pass', 'onnx:cpu', 3]);
    checkJunit(output);
  },
  'a plugin in a file beside the spec gets all it needs from the contract': async (project) => {
    const from = path.join(repository, 'examples/plugins/attack');
    for (const file of ['halfway.mjs', 'halfway.robust.yaml'])
      copyFileSync(path.join(from, file), path.join(project.folder, file));
    await node(project, bin, 'run', 'halfway.robust.yaml', '-j', '2');
  },
  'matchers of vitest': async (project) => {
    copyFileSync(
      path.join(import.meta.dirname, 'project/matchers.ts'),
      path.join(project.folder, 'matchers.test.ts'),
    );
    await node(project, 'vitest/vitest.mjs', 'run', 'matchers.test.ts');
  },
};
