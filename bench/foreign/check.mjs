// Opens every file that export.py wrote as `gauntlet run` does, and compares output and input gradient with PyTorch's
// in float64: right, refused (with the message) or wrong.
//   node bench/foreign/check.mjs FOLDER [--only PART] [--details]
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { openEngine, openVictim } from '@gauntlet/core';
import * as tf from '@tensorflow/tfjs-core';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { only: { type: 'string' }, out: { type: 'string' }, details: { type: 'boolean' } },
});
const [folder] = positionals;
/** Of the whole vector's length; float32 forward and backward through a deep network. */
const tolerance = 1e-3;

await openEngine('onnx:cpu');
const results = [];
for (const file of readdirSync(folder).filter((name) => name.endsWith('.json'))) {
  const entry = JSON.parse(readFileSync(path.join(folder, file), 'utf8'));
  if (values.only && !entry.name.includes(values.only)) continue;
  const stem = file.slice(0, -'.json'.length);
  for (const [form, model] of Object.entries(entry.files)) {
    const result = { name: entry.name, form, kind: entry.kind, ...(await checked(entry, stem, model)) };
    results.push(result);
    if (values.details || result.verdict !== 'right')
      console.error(`${result.verdict}  ${entry.name} ${form}  ${result.why ?? ''}`);
  }
}
const count = (verdict) => results.filter((each) => each.verdict === verdict).length;
console.log(
  `${results.length} files: ${count('right')} right, ${count('refused')} refused, ${count('wrong')} wrong`,
);
if (values.out) writeFileSync(values.out, JSON.stringify(results, undefined, 1));

async function checked(entry, stem, model) {
  const numbers = (part) => {
    const bytes = readFileSync(path.join(folder, `${stem}.${part}.f64`));
    return Float64Array.from(new Float64Array(new Uint8Array(bytes).buffer));
  };
  const { size } = entry;
  const kind = entry.kind === 'autoencoder' ? 'autoencoder' : 'classifier';
  let opened;
  try {
    opened = await openVictim(
      {
        name: 'victim',
        model: path.join(folder, model),
        kind,
        bounds: [0, 1],
        output: 'auto',
        preprocess: {},
        engine: 'onnx:cpu',
      },
      [size, size, 3],
    );
    const last = (values, dims) =>
      tf.tidy(() => tf.transpose(tf.tensor(Float32Array.from(values), dims), [0, 2, 3, 1]));
    const x = last(numbers('x'), [2, 3, size, size]);
    const weights = numbers('cotangent');
    const cotangent =
      kind === 'autoencoder'
        ? last(weights, entry.shape)
        : tf.tensor(Float32Array.from(weights), entry.shape);
    const { gradient, outputs } = await opened.victim.differentiate(x, ({ logits, reconstruction }) =>
      tf.sum(tf.reshape(tf.mul(logits ?? reconstruction, cotangent), [2, -1]), 1),
    );
    const first = (tensor) => tf.transpose(tensor, [0, 3, 1, 2]).data();
    const y = await (outputs.logits ? outputs.logits.data() : first(outputs.reconstruction));
    const apart = {
      output: error(y, numbers('y')),
      gradient: error(await first(gradient), numbers('gradient')),
    };
    tf.dispose([x, cotangent, gradient, Object.values(outputs)]);
    const shown = `output ${apart.output.toExponential(1)}, gradient ${apart.gradient.toExponential(1)}, PyTorch's own jump ${entry.jump.toExponential(1)}`;
    const notes = opened.info.notes.filter((note) => note.includes('loop')).join(' ');
    const good = apart.output < tolerance && apart.gradient < Math.max(tolerance, 2 * entry.jump);
    return { verdict: good ? 'right' : 'wrong', why: `${shown} ${notes}`.trim() };
  } catch (error) {
    if (process.env.STACK) console.error(error);
    const named = error.name === 'GauntletError' ? '' : 'not a named error: ';
    return { verdict: 'refused', why: named + error.message.replaceAll(`${folder}/`, '') };
  } finally {
    opened?.victim.dispose();
  }
}

function error(found, expected) {
  if (found.length !== expected.length) return Infinity;
  let [difference, size] = [0, 0];
  for (let i = 0; i < expected.length; i++) {
    difference += (found[i] - expected[i]) ** 2;
    size += expected[i] ** 2;
  }
  const relative = Math.sqrt(difference / Math.max(size, 1e-30));
  return Number.isNaN(relative) ? Infinity : relative;
}
