// PGD and MinMax on the MNIST classifier, engine by engine beside plain PyTorch loops, in turns in one run.
//   node bench/engines.mjs [model] [--rounds 3] [--python /usr/bin/python3] [--device cuda] [--engines onnx:cpu,…]
// Each contender runs alone on the machine; engines run in processes of one thread each, PyTorch with threads.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '3' },
    python: { type: 'string', default: '/usr/bin/python3' },
    device: { type: 'string', default: 'cpu' },
    engines: { type: 'string', default: 'onnx:cpu,tfjs:tensorflow,tfjs:wasm' },
    measure: { type: 'string' },
    batch: { type: 'string', default: '100' },
    // Of MinMax: `paper` takes a minute a run where a processor plays the GPU.
    similarities: { type: 'string', default: 'paper,fast,gaussian' },
    // More ways of PyTorch, each in as many processes as there are workers: channels_last, compiled (needs a C++ compiler).
    ways: { type: 'string', default: '' },
  },
});
const beside = path.join(import.meta.dirname, '../../shared/data/models/mnist-classifier');
const shipped = path.join(import.meta.dirname, '../packages/zoo/models/digits-cnn');
const model = positionals[0] ?? (existsSync(beside) ? beside : shipped);
const here = fileURLToPath(import.meta.url);

if (values.measure) await measure(values.measure, Number(values.batch));
else await compare();

async function compare() {
  const run = async (command, args) => {
    const { stdout } = await promisify(execFile)(command, args);
    return JSON.parse(stdout.trim().split('\n').pop());
  };
  const engine = (name, task, batch) =>
    run(process.execPath, [here, model, '--measure', `${name}/${task}`, '--batch', String(batch)]);
  const python = (task, threads, way = 'plain') =>
    run(values.python, [
      path.join(import.meta.dirname, 'pytorch-loop.py'),
      task,
      String(threads),
      values.device,
      path.basename(model),
      way,
    ]);
  const atOnce = async (count, one) => {
    const results = await Promise.all(Array.from({ length: count }, one));
    return { rate: results.reduce((sum, { rate }) => sum + rate, 0) };
  };
  const together = (count, name, task, batch) => atOnce(count, () => engine(name, task, batch));
  const cores = Math.min(2, availableParallelism());
  const batch = Number(values.batch);
  const names = values.engines.split(',');
  const similarities = values.similarities.split(',').filter(Boolean);
  const contenders = [
    ['PyTorch, plain PGD loop, 1 thread', () => python('pgd', 1), 'pgd'],
    [`PyTorch, plain PGD loop, ${cores} threads`, () => python('pgd', cores), 'pgd'],
    ...(values.ways ? values.ways.split(',') : []).map((way) => [
      `PyTorch, PGD, ${way.replace('_', ' ')}, ${cores} processes of 1 thread`,
      () => atOnce(cores, () => python('pgd', 1, way)),
      'pgd',
    ]),
    ...names.flatMap((name) => [
      [`${name}, PGD, 1 worker`, () => together(1, name, 'pgd', batch), 'pgd'],
      [`${name}, PGD, ${cores} workers`, () => together(cores, name, 'pgd', batch), 'pgd'],
    ]),
    ...similarities
      .slice(0, 1)
      .map(() => [
        'PyTorch, MinMax of the reference, one image, 1 thread',
        async () => ({ rate: 1 / (await python('minmax', 1)).seconds }),
        'minmax',
      ]),
    ...names.flatMap((name) =>
      similarities.map((similarity) =>
        similarity === 'paper'
          ? [`${name}, MinMax paper, one image at a time`, () => engine(name, 'paper', 1), 'minmax']
          : [
              `${name}, MinMax ${similarity}, batch ${batch}`,
              () => engine(name, similarity, batch),
              'minmax',
            ],
      ),
    ),
  ];
  const rates = contenders.map(() => []);
  for (let round = 0; round < Number(values.rounds); round++) {
    for (const [i, [label, go]] of contenders.entries()) {
      try {
        rates[i].push((await go()).rate);
      } catch (error) {
        if (round === 0)
          console.error(
            `${label}: ${String(error.stderr ?? error.message)
              .trim()
              .split('\n')
              .pop()}`,
          );
      }
    }
  }
  const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];
  const reference = { pgd: median(rates[1]), minmax: undefined };
  console.log(
    `${path.basename(model)}, ${new Date().toISOString().slice(0, 10)}, Node ${process.version}, ${cpus()[0].model.trim()}, ${values.device}; median of ${values.rounds}\n`,
  );
  console.log('| | image-gradients or image-iterations a second | ratio |\n|---|---:|---:|');
  contenders.forEach(([label, , kind], i) => {
    const rate = median(rates[i]);
    if (rate === undefined) return;
    if (kind === 'minmax') reference.minmax ??= rate;
    const base = reference[kind];
    console.log(
      `| ${label} | ${rate < 100 ? rate.toFixed(2) : Math.round(rate).toLocaleString('en')} | ${base ? (rate / base).toFixed(2) : '–'} |`,
    );
  });
}

/** One contender in a process of its own; prints its rate. */
async function measure(what, batch) {
  const { rateOf } = await import('./engine-rate.mjs');
  const at = what.lastIndexOf('/');
  const rate = await rateOf(model, what.slice(0, at), what.slice(at + 1), batch);
  process.stdout.write(`${JSON.stringify({ rate })}\n`, () => process.exit(0));
}
