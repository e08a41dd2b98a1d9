// Memory and CPU seconds of a whole run by its number of samples: one gradient step on the shipped digits model.
//   node bench/run-memory.mjs [samples …]        (after npm run build; 1,000, 10,000 and 100,000 by default; Linux)
// The file of images has the largest number of samples every time, so that what grows is the run. Writes bench/results/run-memory.md.
import { Buffer } from 'node:buffer';
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import path from 'node:path';
import { clearInterval, setInterval } from 'node:timers';
import plugins from '@gauntlet/zoo';

const [digits] = plugins;
const here = import.meta.dirname;
const given = process.argv.slice(2).map(Number);
const counts = given.length > 0 ? given : [1000, 10_000, 100_000];
const folder = mkdtempSync(path.join(tmpdir(), 'gauntlet-memory-'));
const most = Math.max(...counts);
const workers = availableParallelism();

/** A thousand digits over and over, as MNIST's files have them. */
function writeDigits() {
  const different = 1000;
  const source = digits.load({ count: different, seed: 1 });
  const header = (type, ...sizes) => {
    const bytes = Buffer.alloc(4 + 4 * sizes.length);
    bytes.writeUInt32BE(0x800 + type, 0);
    sizes.forEach((size, i) => bytes.writeUInt32BE(size, 4 + 4 * i));
    return bytes;
  };
  const all = Array.from({ length: most }, (_, i) => i % different);
  writeFileSync(
    path.join(folder, 'images'),
    Buffer.concat([header(3, most, 28, 28), ...all.map((i) => source.pixels(i))]),
  );
  writeFileSync(
    path.join(folder, 'labels'),
    Buffer.concat([header(1, most), Buffer.from(all.map((i) => source.labels[i]))]),
  );
}

/** Megabytes that processes hold at this moment, what they share counted once: [the run itself, its workers together]. */
function memoryOf(root) {
  const children = readdirSync('/proc').filter((name) => {
    if (!/^\d+$/.test(name)) return false;
    try {
      return Number(/\) \S (\d+)/.exec(readFileSync(`/proc/${name}/stat`, 'utf8'))[1]) === root;
    } catch {
      return false;
    }
  });
  const own = (pid) => {
    try {
      return (
        Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1] ?? 0) / 1024
      );
    } catch {
      // It has ended in between.
      return 0;
    }
  };
  return [own(root), children.reduce((sum, pid) => sum + own(pid), 0)];
}

/** A run of so many samples. */
async function measure(take) {
  const spec = path.join(folder, 'memory.robust.json');
  const content = {
    victim: {
      model: path.join(here, '../packages/zoo/models/digits-cnn/model.json'),
      kind: 'classifier',
      bounds: [0, 1],
      engine: 'onnx:cpu',
    },
    dataset: {
      format: 'idx',
      images: path.join(folder, 'images'),
      labels: path.join(folder, 'labels'),
      take,
    },
    attacks: [{ use: 'fgsm', params: { epsilon: 0.1 } }],
  };
  writeFileSync(spec, JSON.stringify(content));
  const output = path.join(folder, 'out');
  rmSync(output, { recursive: true, force: true });
  const bin = path.join(here, '../packages/cli/bin/gauntlet.js');
  const times = path.join(folder, 'times');
  const command = [
    '-o',
    times,
    '-f',
    '%U %S',
    process.execPath,
    bin,
    'run',
    spec,
    '-j',
    String(workers),
    '--output',
    output,
  ];
  const child = spawn('/usr/bin/time', command, { stdio: ['ignore', 'ignore', 'inherit'] });
  const peaks = [0, 0];
  let run;
  const looking = setInterval(() => {
    // `time` is the parent of the run.
    run ??= readdirSync('/proc').find((name) => {
      try {
        return (
          /^\d+$/.test(name) &&
          Number(/\) \S (\d+)/.exec(readFileSync(`/proc/${name}/stat`, 'utf8'))[1]) === child.pid
        );
      } catch {
        return false;
      }
    });
    if (run) memoryOf(Number(run)).forEach((megabytes, i) => (peaks[i] = Math.max(peaks[i], megabytes)));
  }, 250);
  await new Promise((resolve) => child.on('close', resolve));
  clearInterval(looking);
  const [user, system] = readFileSync(times, 'utf8').trim().split('\n').at(-1).split(' ').map(Number);
  const size = (name) => statSync(path.join(output, name)).size / 1e6;
  return {
    take,
    cpu: user + system,
    peaks,
    report: size('report.json'),
    page: size('report.html'),
    journal: size('journal.jsonl'),
  };
}

writeDigits();
const rows = [];
for (const count of counts) {
  const { take, cpu, peaks, report, page, journal } = await measure(count);
  rows.push(
    `| ${take} | ${peaks[0].toFixed(0)} | ${peaks[1].toFixed(0)} | ${cpu.toFixed(1)} | ${((1000 * cpu) / take).toFixed(2)} | ${report.toFixed(1)} | ${page.toFixed(2)} | ${journal.toFixed(1)} |`,
  );
  console.error(rows.at(-1));
}
rmSync(folder, { recursive: true, force: true });
const text = `# Memory of a run by its samples

\`node bench/run-memory.mjs ${counts.join(' ')}\`, ${new Date().toISOString().slice(0, 10)}: ${workers} × ${cpus()[0].model.trim()}, Node ${process.version}. FGSM on the shipped digits
model, ${workers} workers, all reporters that are on by default; the file has ${most} images every time. Megabytes are the largest that were held (Pss, looked
at four times a second).

| samples | run, MB | workers together, MB | CPU seconds | CPU ms a sample | report.json, MB | page, MB | journal, MB |
|---:|---:|---:|---:|---:|---:|---:|---:|
${rows.join('\n')}
`;
writeFileSync(path.join(here, 'results/run-memory.md'), text);
console.log(text);
