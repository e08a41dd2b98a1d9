// node --require: the first FAULT_EARLY workers of a run die before they are ready.
const { appendFileSync, existsSync, readFileSync } = require('node:fs');
const process = require('node:process');

const { FAULT_EARLY: most, FAULT_MARKER: log, GAUNTLET_WORKER: worker } = process.env;
const deaths = () => (existsSync(log) ? readFileSync(log).length : 0);
if (worker && deaths() < Number(most)) {
  appendFileSync(log, 'x');
  process.kill(process.pid, 'SIGKILL');
}
