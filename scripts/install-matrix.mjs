// Packs every package, installs the tarballs with each package manager on each Node, and checks that all works there:
//   npm run install-matrix [-- --manager npm --node 22 --node current]
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { checks } from '../test/install/checks.mjs';
import { environment, fetchNode, install, managers, pack } from '../test/install/managers.mjs';

const { values } = parseArgs({
  options: {
    manager: { type: 'string', multiple: true, default: Object.keys(managers) },
    /** Versions of npm's `node` package, or `current`. */
    node: { type: 'string', multiple: true, default: ['20.19.0', '22', '24'] },
    vitest: { type: 'string', multiple: true, default: ['4', '5'] },
  },
});
const unknown = values.manager.filter((name) => !(name in managers));
if (unknown.length > 0) {
  console.error(
    `No package manager here is called ${unknown.join(', ')}: ${Object.keys(managers).join(', ')}.`,
  );
  process.exit(2);
}

/** Vite as the repository has it, below vitest: another than the newest is no finding about Gauntlet. */
const beside = createRequire(realpathSync(createRequire(import.meta.url).resolve('vitest/package.json')));
const { version: vite } = beside('vite/package.json');
const home = mkdtempSync(path.join(tmpdir(), 'gauntlet-install-'));
const tarballs = await pack(path.join(home, 'tarballs'));
let failed = 0;

/** One line for each check, and what went wrong below it. */
async function attempt(name, work) {
  const since = performance.now();
  try {
    await work();
    console.log(`  ✓ ${name} (${((performance.now() - since) / 1000).toFixed(1)} s)`);
    return true;
  } catch (error) {
    failed++;
    console.log(`  ✗ ${name}\n${String(error.message).replaceAll(/^/gm, '    ')}`);
    return false;
  }
}

try {
  for (const version of values.node) {
    const nodeFolder =
      version === 'current' ? undefined : await fetchNode(version, path.join(home, `node-${version}`));
    const node = nodeFolder ? path.join(nodeFolder, 'node') : process.execPath;
    // vitest 5 has left Node 20 behind.
    const old = (version === 'current' ? process.versions.node : version).startsWith('20.');
    for (const vitest of values.vitest.filter((major) => !(old && major === '5')))
      for (const manager of values.manager) {
        console.log(`Node ${version}, ${manager}, vitest ${vitest}`);
        const folder = path.join(home, `${manager}-${version}-${vitest}`);
        const more = { typescript: '~5.9.0', '@types/node': old ? '^20' : '^22', vitest: `^${vitest}`, vite };
        const there = await attempt('install', () =>
          install(folder, manager, { tarballs, more, nodeFolder }),
        );
        if (!there) continue;
        const project = { folder, node, env: environment(manager, nodeFolder) };
        for (const [name, check] of Object.entries(checks)) await attempt(name, () => check(project));
        rmSync(folder, { recursive: true, force: true });
      }
  }
} finally {
  rmSync(home, { recursive: true, force: true });
}
console.log(failed === 0 ? 'All of it works.' : `${failed} failed.`);
process.exit(failed === 0 ? 0 : 1);
