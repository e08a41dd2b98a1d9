// How each package manager installs a project, and what the project has to say to it.
import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const shell = process.platform === 'win32';
const { packageManager } = JSON.parse(
  readFileSync(path.resolve(import.meta.dirname, '../../package.json'), 'utf8'),
);

/**
 * `overrides`: the key of package.json under which tarballs stand in for what the registry does not have yet. npm alone
 * runs install scripts that nobody has allowed: the one of onnxruntime-node fetches from a server of its own.
 */
export const managers = {
  npm: {
    install: ['npm', 'install', '--no-audit', '--no-fund', '--loglevel=error'],
    env: { ONNXRUNTIME_NODE_INSTALL: 'skip' },
  },
  pnpm: {
    install: ['npx', '--yes', packageManager, 'install', '--no-frozen-lockfile', '--reporter=append-only'],
    overrides: 'resolutions',
  },
  yarn1: {
    install: ['npx', '--yes', 'yarn@1.22.22', 'install', '--non-interactive'],
    overrides: 'resolutions',
  },
  yarn4: {
    install: ['npx', '--yes', '@yarnpkg/cli-dist@4.18.1', 'install'],
    overrides: 'resolutions',
    files: { '.yarnrc.yml': 'nodeLinker: node-modules\n', 'yarn.lock': '' },
    env: { YARN_ENABLE_IMMUTABLE_INSTALLS: 'false' },
  },
};

/** Packs every package of the repository into a folder; gives where each is (`file:…`), by the names of the packages. */
export async function pack(folder) {
  mkdirSync(folder, { recursive: true });
  await run(process.execPath, [path.resolve(import.meta.dirname, '../../scripts/tarballs.mjs'), folder]);
  const { resolutions } = JSON.parse(readFileSync(path.join(folder, 'resolutions.json'), 'utf8'));
  return new Map(Object.entries(resolutions));
}

/** A version of Node from npm's `node` package; the folder to put in front of the PATH. */
export async function fetchNode(version, folder) {
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, 'package.json'), '{ "private": true }');
  const args = ['install', '--no-audit', '--no-fund', '--loglevel=error', `node@${version}`];
  await run('npm', args, { cwd: folder, shell });
  return path.join(folder, 'node_modules/node/bin');
}

/** The environment of a user who has only said what `manager` needs to be told. */
export function environment(manager, nodeFolder) {
  const env = { ...process.env };
  for (const name of Object.keys(env))
    if (/^(npm_|VITEST|ONNXRUNTIME_NODE_INSTALL)/i.test(name)) delete env[name];
  const places = nodeFolder ? { PATH: `${nodeFolder}${path.delimiter}${env.PATH}` } : {};
  return { ...env, ...places, ...managers[manager].env, CI: 'true', NO_COLOR: '1' };
}

/** What has one version only is meant for everybody. */
const pinned = (versions) =>
  Object.fromEntries(Object.entries(versions).filter(([, version]) => /^\d+\.\d+\.\d+$/.test(version)));

/**
 * Writes a project that has the tarballs and some packages of the registry, and installs it.
 * @param more Other dependencies, by name; one exact version is used by all packages.
 */
export async function install(folder, manager, { tarballs, more = {}, nodeFolder }) {
  const { install: command, overrides, files = {} } = managers[manager];
  const ours = Object.fromEntries(tarballs);
  const manifest = {
    name: 'robust-project',
    version: '9.9.9',
    private: true,
    type: 'module',
    devDependencies: { ...ours, ...more },
    ...(overrides && { [overrides]: { ...ours, ...pinned(more) } }),
  };
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, 'package.json'), JSON.stringify(manifest, null, 2));
  for (const [name, text] of Object.entries(files)) writeFileSync(path.join(folder, name), text);
  const [program, ...args] = command;
  // Yarn 1 takes a tarball that it has seen for any later one of the same name and version.
  const env = {
    ...environment(manager, nodeFolder),
    YARN_CACHE_FOLDER: path.join(path.dirname(folder), 'yarn-cache'),
  };
  const surroundings = { cwd: folder, shell, env, maxBuffer: 2 ** 26 };
  await run(program, args, surroundings).catch((error) => {
    throw new Error(`${command.join(' ')}\n${error.stdout}${error.stderr}`, { cause: error });
  });
}
