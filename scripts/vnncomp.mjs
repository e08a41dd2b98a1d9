// Networks and instances of a verification competition against the attack `standard`: what verifiers proved must hold, and
// of what they proved violated at least 95 % must be broken.
//   npm run vnncomp [-- <folder>]    the folder (default ../shared/data/vnncomp) has networks, .npz and .json files
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '..');
const folder = path.resolve(process.argv[2] ?? path.join(root, '../shared/data/vnncomp'));
const lists = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.json')) : [];
if (lists.length === 0) {
  console.error(
    `There are no instances in ${folder}. Name the folder that has them: npm run vnncomp -- <folder>.`,
  );
  process.exit(2);
}

const output = mkdtempSync(path.join(tmpdir(), 'gauntlet-vnncomp-'));
const main = path.join(root, 'packages/cli/bin/gauntlet.js');

/** Runs `standard` on the instances of one network and epsilon; the outcome of each. */
function outcomesOf(name, { network, epsilon, norm, bounds }) {
  const spec = path.join(output, `${name}.robust.json`);
  const victim = { name, model: path.join(folder, network), kind: 'classifier', bounds };
  const dataset = {
    format: 'npz',
    file: path.join(folder, `${name}.npz`),
    imagesKey: 'x',
    labelsKey: 'y',
  };
  const attacks = [{ use: 'standard', params: { norm, epsilon } }];
  writeFileSync(spec, JSON.stringify({ victim, dataset, seed: 1, attacks }));
  const run = spawnSync(process.execPath, [main, 'run', spec, '--output', path.join(output, name)], {
    encoding: 'utf8',
  });
  const report = path.join(output, name, 'report.json');
  if (!existsSync(report)) throw new Error(`${name}: ${run.stdout}${run.stderr}`);
  return JSON.parse(readFileSync(report, 'utf8')).cells[0].outcomes;
}

const rows = lists.flatMap((file) => {
  const name = file.slice(0, -'.json'.length);
  const list = JSON.parse(readFileSync(path.join(folder, file), 'utf8'));
  const outcomes = new Map(outcomesOf(name, list).map((outcome) => [outcome.index, outcome]));
  return list.instances.map(({ row, verifiers }) => ({ name, row, verifiers, outcome: outcomes.get(row) }));
});

console.log('| verifiers | instances | broken | held | other |\n|---|---:|---:|---:|---:|');
const kinds = ['violated', 'proven', 'mostly proven', 'undecided'];
const [violated, proven] = kinds.map((kind) => {
  const of = rows.filter(({ verifiers }) => verifiers === kind);
  const count = (status) => of.filter(({ outcome }) => outcome?.status === status).length;
  const [broken, held] = [count('broken'), count('held')];
  console.log(`| ${kind} | ${of.length} | ${broken} | ${held} | ${of.length - broken - held} |`);
  return { n: of.length, broken };
});
console.log('\n| instance | verifiers | outcome | stage | gradients | forward passes | seconds |');
console.log('|---|---|---|---|---:|---:|---:|');
for (const { name, row, verifiers, outcome } of rows) {
  if (verifiers !== 'violated' && outcome?.status === 'held') continue;
  const { status, stage = '', gradients, forwards, seconds } = outcome ?? {};
  console.log(
    `| ${name} ${row} | ${verifiers} | ${status} | ${stage} | ${gradients ?? ''} | ${forwards ?? ''} | ${seconds?.toFixed(1) ?? ''} |`,
  );
}
const total = rows.reduce((sum, { outcome }) => sum + (outcome?.seconds ?? 0), 0);
console.log(`\n${total.toFixed(0)} s of attack in all.`);
const wrong = [
  proven.broken > 0 && `${proven.broken} instances are broken that verifiers proved`,
  violated.broken < 0.95 * violated.n && `only ${violated.broken} of ${violated.n} violated ones are found`,
].filter(Boolean);
if (wrong.length > 0) {
  console.error(`${wrong.join('; ')}.`);
  process.exit(1);
}
