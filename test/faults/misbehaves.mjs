// An attack that does nothing, except for once, where FAULT_ONCE says so: it hangs, ends its process or takes all memory.
import { existsSync, writeFileSync } from 'node:fs';
import { clone } from '@tensorflow/tfjs-core';
import { defineAttack } from '@gauntlet/api';

const ways = {
  hang: () => {
    for (;;);
  },
  exit: () => process.exit(0),
  memory: () => {
    const hoard = [];
    for (;;) hoard.push(new Array(1e6).fill(Math.random()));
  },
};

export default defineAttack({
  name: 'misbehaves',
  version: 1,
  victim: 'classifier',
  reference: 'none: a test',
  description: 'Does nothing',
  params: { type: 'object', additionalProperties: false, properties: {} },
  usesGradients: false,
  threat: () => ({ norm: 'linf', epsilon: 0.1 }),
  perturb: async ({ x }) => {
    const { FAULT_ONCE: way, FAULT_MARKER: marker } = process.env;
    if (way && !existsSync(marker)) {
      writeFileSync(marker, '');
      ways[way]();
    }
    return { perturbed: clone(x) };
  },
});
