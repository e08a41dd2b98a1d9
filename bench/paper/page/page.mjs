// docs/paper.md, written from the committed results: nothing here computes anything but intervals and verdicts.
import { mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { writeWhole } from '@gauntlet/core';
import { format, resolveConfig } from 'prettier';
import { datasetNames } from '../datasets.mjs';
import { inHours } from '../estimate.mjs';
import { readResults } from '../results.mjs';
import { causesPart } from './causes.mjs';
import { curveBesideLevels, dots } from './figures.mjs';
import { table } from './format.mjs';
import { mutualInformationFigures, mutualInformationPart } from './mutual-information.mjs';
import { reconstructionPart } from './reconstruction.mjs';

const titles = { mnist: 'MNIST', cifar10: 'CIFAR-10', svhn: 'SVHN' };
/** What a person wrote about the results: read beside them, never computed. */
const notes = (name) => readFileSync(path.join(import.meta.dirname, 'notes', `${name}.txt`), 'utf8').trim();

const sections = {
  mi: {
    title: 'success rate and mutual information',
    of: ['mnist', 'cifar10'],
    write: mutualInformationPart,
  },
  reconstruction: { title: 'reconstruction error', of: datasetNames, write: reconstructionPart },
  causes: { title: 'which setting makes the success rate', of: ['mnist', 'svhn'], write: causesPart },
};

/** Of a part that was not run. */
const nothing = { models: [], rows: [], pairs: [], attacks: [], retrained: [] };

/** Writes the page and its figures. */
export async function writePage({ results, page, quick }) {
  const all = readResults(results);
  const folder = path.dirname(page);
  mkdirSync(path.join(folder, 'paper'), { recursive: true });
  // A person's notes are about the full results.
  const notesOfFull = (name) => (quick ? [] : [notes(name)]);
  const lines = [notes('introduction'), ...notesOfFull('short')];
  for (const [part, { title, of, write }] of Object.entries(sections))
    for (const dataset of of) {
      const result = all.get(`${dataset}-${part}`) ?? { ...nothing, dataset, part };
      const figures = part === 'mi' ? drawn(result, folder) : [];
      const body = write(result, figures).join('\n');
      lines.push(`## ${titles[dataset]}: ${title}`, madeBy(result), body);
    }
  const made = [...all.values()];
  lines.push(
    ...notesOfFull('findings'),
    '## How each number was made',
    howMade(made).join('\n'),
    inAll(made),
  );
  const text = await format(lines.join('\n\n'), {
    ...(await resolveConfig(import.meta.filename)),
    parser: 'markdown',
  });
  writeWhole(page, [text]);
}

/** Writes the figures of a result beside the page. */
function drawn(result, folder) {
  return mutualInformationFigures(result, { dots, curveBesideLevels }).map(({ file, title, svg }) => {
    writeWhole(path.join(folder, 'paper', file), [svg(title)]);
    return { file: `paper/${file}`, title };
  });
}

function madeBy({ dataset, part, done, cpuSeconds, from, to, quick, left }) {
  if (done === undefined) return `Not run: \`npm run paper -- ${dataset} --part ${part}\` does it.`;
  return [
    ...(quick ? ['A quick run on synthetic digits, which says nothing about the paper.'] : []),
    `${done} ${done === 1 ? 'step' : 'steps'} done, ${inHours(cpuSeconds)} of processor time, ${from === to ? from : `${from} to ${to}`}.`,
    ...(left ? [whatIsLeft(left)] : []),
  ].join(' ');
}

function whatIsLeft({ steps, open, seconds, unknown }) {
  if (open === 0) return 'Nothing is left at the paper’s size.';
  const apart = unknown > 0 ? `, without the ${unknown} whose rate nobody has measured yet` : '';
  return `At the paper’s size ${open} of ${steps} steps are open: about ${inHours(seconds)} on one core${apart}.`;
}

function inAll(results) {
  const seconds = results.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0);
  return `In all ${inHours(seconds)} of processor time, one thread at a time: parts can be run side by side on two cores. Models that two parts share are counted in both.`;
}

/** What is said of each, without repetition: two machines may have the same versions. */
const eachOnce = (values, say) => [...new Set(values.map(say))].join('; ');

function howMade(results) {
  return table(
    ['what', 'command', 'machine', 'versions', 'seeds', 'processor time'],
    [0, 0, 0, 0, 0, 1],
    results.map(({ dataset, part, commands, machines, seeds, cpuSeconds }) => [
      `${titles[dataset]}, ${part}`,
      commands.map((command) => `\`${command}\``).join(', '),
      eachOnce(machines, ({ cpu, cores }) => `${cpu}, ${cores} cores`),
      eachOnce(
        machines,
        ({ gauntlet, node, onnxruntime, tfjs }) =>
          `Gauntlet ${gauntlet}, Node ${node}, ONNX Runtime ${onnxruntime}, TensorFlow.js ${tfjs}`,
      ),
      seeds.join(', '),
      inHours(cpuSeconds),
    ]),
  );
}
