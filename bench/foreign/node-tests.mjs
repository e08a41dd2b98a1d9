// ONNX's own operator tests as a test of gradients: each case that node-tests.py wrote is differentiated with respect to
// its real inputs and compared with central differences along random directions, on ONNX Runtime.
//   node bench/foreign/node-tests.mjs FOLDER [--only PART] [--details] [--out FILE]
// right: agrees. refused: an OnnxGradientError that names the operator. not run: ONNX Runtime itself refuses the case, or
// the case has no real input or output. crash: any other error. wrong: disagrees.
import { Buffer } from 'node:buffer';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import {
  cotangentOf,
  gradientOf,
  OnnxGradientError,
  readModel,
  serializeModel,
  withGradients,
} from '@gauntlet/onnx-gradient';
import * as ort from 'onnxruntime-node';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { only: { type: 'string' }, out: { type: 'string' }, details: { type: 'boolean' } },
});
ort.env.logLevel = 'fatal';
const [folder] = positionals;
const cases = JSON.parse(readFileSync(path.join(folder, 'index.json'), 'utf8'));
const results = [];
for (const test of cases) {
  if (values.only && !test.name.includes(values.only)) continue;
  if (process.env.TRACE) console.error(test.name);
  const result = { name: test.name, op: test.op, ...(await checked(test)) };
  results.push(result);
  if (values.details || ['wrong', 'crash'].includes(result.verdict))
    console.error(`${result.verdict}  ${test.name}  ${result.why ?? ''}`);
}
const verdicts = ['right', 'refused', 'wrong', 'crash', 'not run'];
console.log(
  `${results.length} cases: ${verdicts.map((verdict) => `${results.filter((each) => each.verdict === verdict).length} ${verdict}`).join(', ')}`,
);
if (values.out) writeFileSync(values.out, JSON.stringify(results, undefined, 1));

async function checked(test) {
  if (test.skipped) return { verdict: 'not run', why: test.skipped };
  const file = path.join(folder, `${test.name}.onnx`);
  const floating = test.inputs.filter(({ type }) => type === 'float' || type === 'double');
  if (floating.length === 0 || floating.length < test.inputs.length)
    return { verdict: 'not run', why: 'no input of type float32 or float64' };
  const open = (model) => ort.InferenceSession.create(model, { logSeverityLevel: 4, intraOpNumThreads: 1 });
  let plain;
  let outputs;
  const next = random(test.name.length);
  const at = Object.fromEntries(
    test.inputs.map(({ name, values: base64, dims, type }) => {
      const bytes = Buffer.from(base64, 'base64');
      const numbers = new Float64Array(new Uint8Array(bytes).buffer);
      // A little off ties and kinks, and away from zero.
      const off = (value) =>
        Number.isFinite(value)
          ? value +
            0.003 * (0.5 + 0.5 * Math.abs(next())) * Math.max(1, Math.abs(value)) * Math.sign(value || 1)
          : value;
      return [name, { dims, type, numbers: numbers.map(off) }];
    }),
  );
  const feeds = (step = 0, along = {}) =>
    Object.fromEntries(
      Object.entries(at).map(([name, { dims, type, numbers }]) => {
        const moved = along[name] ? numbers.map((value, i) => value + step * along[name][i]) : numbers;
        return type === 'float'
          ? [name, new ort.Tensor('float32', Float32Array.from(moved), dims)]
          : [name, new ort.Tensor('float64', moved, dims)];
      }),
    );
  try {
    plain = await open(file);
    outputs = await plain.run(feeds());
  } catch (error) {
    return { verdict: 'not run', why: error.message.slice(0, 120) };
  }
  const real = Object.keys(outputs).filter((name) => /^float(32|64)$/.test(outputs[name].type));
  if (real.length === 0) return { verdict: 'not run', why: 'no real output' };
  const cotangents = Object.fromEntries(
    real.map((name) => [
      name,
      Float64Array.from(outputs[name].data, (value) => (Number.isFinite(value) ? next() : 0)),
    ]),
  );
  // An output that is not finite near the input tells nothing.
  const everywhere = Object.fromEntries(
    Object.entries(at).map(([name, { numbers }]) => [
      name,
      numbers.map((value) => (Number.isFinite(value) ? 1 : 0)),
    ]),
  );
  for (const step of [0.02, -0.02]) {
    const near = await plain.run(feeds(step, everywhere)).catch(() => undefined);
    if (!near) continue;
    for (const name of real)
      near[name].data.forEach((value, i) => Number.isFinite(value) || (cotangents[name][i] = 0));
  }
  const objective = async (step, along) => {
    const found = await plain.run(feeds(step, along));
    return real.reduce((sum, name) => {
      const { data } = found[name];
      return data.reduce(
        (all, value, i) => (cotangents[name][i] === 0 ? all : all + value * cotangents[name][i]),
        sum,
      );
    }, 0);
  };
  const refusals = [];
  const errors = [];
  for (const input of floating) {
    let gradient;
    try {
      const graph = withGradients(readModel(file), { inputs: [input.name], outputs: real });
      const both = await open(serializeModel(graph));
      const typed = Object.fromEntries(
        real.map((name) => {
          const { type, dims } = outputs[name];
          const Typed = type === 'float32' ? Float32Array : Float64Array;
          return [cotangentOf(name), new ort.Tensor(type, Typed.from(cotangents[name]), dims)];
        }),
      );
      const given = Object.entries({ ...feeds(), ...typed }).filter(([name]) =>
        both.inputNames.includes(name),
      );
      gradient = (await both.run(Object.fromEntries(given)))[gradientOf(input.name)].data;
    } catch (error) {
      if (!(error instanceof OnnxGradientError))
        return { verdict: 'crash', why: `${input.name}: ${error.message.slice(0, 300)}` };
      refusals.push(`${input.name}: ${error.message}`);
      continue;
    }
    const wrong = await disagreement(gradient, input.name, at, objective, next);
    if (wrong > 0.02) errors.push(`${input.name}: off by ${wrong.toExponential(1)}`);
  }
  if (errors.length > 0) return { verdict: 'wrong', why: errors.join('; ') };
  if (refusals.length === floating.length) return { verdict: 'refused', why: refusals[0] };
  return { verdict: 'right', why: refusals.join('; ') };
}

/** The largest relative difference over three directions, each at the best of several steps. */
async function disagreement(gradient, name, at, objective, next) {
  let worst = 0;
  const largest = at[name].numbers.reduce(
    (max, value) => (Number.isFinite(value) ? Math.max(max, Math.abs(value)) : max),
    0,
  );
  for (let k = 0; k < 3; k++) {
    const along = {
      [name]: at[name].numbers.map((value) =>
        Number.isFinite(value) ? next() * Math.min(Math.max(0.1, Math.abs(value)), 1) : 0,
      ),
    };
    const size = Math.sqrt(along[name].reduce((sum, value) => sum + value * value, 0));
    const length = Math.sqrt(gradient.reduce((sum, value) => sum + value * value, 0));
    const slope = gradient.reduce((sum, value, i) => sum + value * along[name][i], 0);
    let best = Infinity;
    for (const step of [1e-2, 3e-3, 1e-3, 3e-4]) {
      const [near, far] = [await odd(objective, step, along), await odd(objective, 2 * step, along)];
      const measured = (8 * near - far) / (12 * step);
      const scale = Math.max(Math.abs(measured), 0.1 * length * size, 1e-6);
      // What rounding to float32, of the input and of the sum, makes of the difference: ONNX Runtime's own mean over 6,480
      // numbers is off by 2e-6.
      const rounding =
        (6e-8 * largest * Math.sqrt(gradient.length) * length + 3e-6 * Math.abs(await objective(0, {}))) /
        step;
      const apart = Math.max(0, Math.abs(measured - slope) - rounding) / scale;
      best = Math.min(best, Number.isNaN(apart) ? Infinity : apart);
    }
    worst = Math.max(worst, best);
  }
  return worst;
}

async function odd(objective, step, along) {
  return (await objective(step, along)) - (await objective(-step, along));
}

function random(seed) {
  let state = seed * 2654435761 + 1;
  return () => {
    state = (Math.imul(state ^ (state >>> 15), 2246822519) + 374761393) | 0;
    return ((state >>> 0) / 2 ** 32) * 2 - 1;
  };
}
