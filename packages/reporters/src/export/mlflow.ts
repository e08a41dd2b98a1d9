import path from 'node:path';
import { defineReporter, type RunEvent, type WrittenFile } from '@gauntlet/api';
import { mlflowRuns } from './mlflow-runs.js';
import { MlflowServer, type ServerRun } from './mlflow-server.js';
import { copyReports, writeRun } from './mlflow-store.js';

/** A run of MLflow for each victim, with parameters, metrics, and the reports as its artifacts: in mlruns/, or on a server. */
export const mlflowReporter = defineReporter({
  name: 'mlflow',
  version: 1,
  description: "mlruns/: a run for each victim, for MLflow's file store; or on a tracking server",
  params: {
    type: 'object',
    additionalProperties: false,
    properties: {
      store: {
        type: 'string',
        minLength: 1,
        default: 'mlruns',
        description: 'The store, absolute or relative to the run folder; runs are added to what is there',
      },
      server: {
        type: ['string', 'null'],
        pattern: '^https?://[^@]+$',
        default: null,
        description:
          'A tracking server instead of the store. MLFLOW_TRACKING_TOKEN, or MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, are read from the environment',
      },
    },
  },
  files: ({ store, server }) =>
    server === null
      ? [{ path: store, note: 'MLFLOW_ALLOW_FILE_STORE=true mlflow ui --backend-store-uri shows it' }]
      : [],
  open: ({ folder, params: { store, server } }) =>
    server === null ? toStore(path.resolve(folder, store)) : toServer(new MlflowServer(server, process.env)),
});

function toStore(store: string) {
  const artifacts: string[] = [];
  return {
    onEvent(event: RunEvent) {
      if (event.type !== 'run-done') return;
      for (const run of mlflowRuns(event.report)) artifacts.push(writeRun(store, run));
    },
    onEnd(written: readonly WrittenFile[]) {
      for (const into of artifacts) copyReports(written, store, into);
    },
  };
}

function toServer(server: MlflowServer) {
  const runs: ServerRun[] = [];
  return {
    async onEvent(event: RunEvent) {
      if (event.type !== 'run-done') return;
      for (const run of mlflowRuns(event.report)) runs.push(await server.log(run));
    },
    async onEnd(written: readonly WrittenFile[]) {
      for (const run of runs) {
        for (const { path: file } of written) await server.upload(run, file);
        await server.finish(run);
      }
    },
  };
}
