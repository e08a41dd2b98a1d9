import { lstatSync, openAsBlob, readdirSync } from 'node:fs';
import path from 'node:path';
import { reasonOf } from '@gauntlet/api';
import type { MlflowRun } from './mlflow-runs.js';

/** A run on the server, of which everything but its artifacts and its end is there. */
export interface ServerRun {
  id: string;
  run: MlflowRun;
  /** Where the server takes artifacts; nothing if it takes none itself, because they go to a store of their own. */
  artifacts?: string;
}

interface RunInfo {
  run_id: string;
  artifact_uri: string;
}

/** Milliseconds that an answer may take. */
const patience = 60_000;
/** How many of a kind one request may bring, by MLflow's REST API. */
const most = { metrics: 1000, params: 100, tags: 100 } as const;
/** Artifacts behind the tracking server itself, which are the only ones that it takes over HTTP. */
const proxied = 'mlflow-artifacts:/';

/** A tracking server of MLflow, by its REST API (2.0). */
export class MlflowServer {
  readonly #url: string;
  readonly #headers: Record<string, string>;

  /** @param env credentials, by the names that MLflow's own clients read */
  constructor(url: string, env: Readonly<Record<string, string | undefined>>) {
    this.#url = url.replace(/\/+$/, '');
    const { MLFLOW_TRACKING_TOKEN: token, MLFLOW_TRACKING_USERNAME: user } = env;
    const basic = user && Buffer.from(`${user}:${env.MLFLOW_TRACKING_PASSWORD ?? ''}`).toString('base64');
    this.#headers = token
      ? { authorization: `Bearer ${token}` }
      : basic
        ? { authorization: `Basic ${basic}` }
        : {};
  }

  /** A new run with all of its numbers. */
  async log(run: MlflowRun): Promise<ServerRun> {
    const experiment = await this.#experiment(run.experiment);
    const { run_id: id, artifact_uri: uri } = await this.#create(experiment, run);
    const metrics = [...run.metrics].map(([key, value]) => ({ key, value, timestamp: run.end, step: 0 }));
    const pairs = (of: ReadonlyMap<string, string>) => [...of].map(([key, value]) => ({ key, value }));
    const all = { metrics, params: pairs(run.params), tags: pairs(run.tags) };
    for (const kind of ['params', 'tags', 'metrics'] as const)
      for (let from = 0; from < all[kind].length; from += most[kind])
        await this.#post('runs/log-batch', { run_id: id, [kind]: all[kind].slice(from, from + most[kind]) });
    return { id, run, ...(uri.startsWith(proxied) && { artifacts: uri.slice(proxied.length) }) };
  }

  /** A report's file, or its folder without links. */
  async upload({ artifacts, ...rest }: ServerRun, file: string): Promise<void> {
    const stat = lstatSync(file, { throwIfNoEntry: false });
    if (artifacts === undefined || !stat) return;
    const into = `${artifacts}/${encodeURIComponent(path.basename(file))}`;
    if (stat.isDirectory())
      for (const name of readdirSync(file))
        await this.upload({ ...rest, artifacts: into }, path.join(file, name));
    else if (stat.isFile())
      await this.#ask(`mlflow-artifacts/artifacts/${into}`, { method: 'PUT', body: await openAsBlob(file) });
  }

  async finish({ id, run }: ServerRun): Promise<void> {
    const status = run.interrupted ? 'KILLED' : 'FINISHED';
    await this.#post('runs/update', { run_id: id, status, end_time: run.end });
  }

  async #experiment(name: string): Promise<string> {
    try {
      const { experiment_id: id } = await this.#post<{ experiment_id: string }>('experiments/create', {
        name,
      });
      return id;
    } catch (error) {
      if (!(error instanceof Refusal) || error.code !== 'RESOURCE_ALREADY_EXISTS') throw error;
      const query = new URLSearchParams({ experiment_name: name });
      const found = await this.#ask<{ experiment: { experiment_id: string } }>(
        `mlflow/experiments/get-by-name?${query}`,
        { method: 'GET' },
      );
      return found.experiment.experiment_id;
    }
  }

  async #create(experiment: string, { name, start }: MlflowRun): Promise<RunInfo> {
    const { run } = await this.#post<{ run: { info: RunInfo } }>('runs/create', {
      experiment_id: experiment,
      run_name: name,
      start_time: start,
    });
    return run.info;
  }

  #post<T>(call: string, body: object): Promise<T> {
    const headers = { 'content-type': 'application/json' };
    return this.#ask(`mlflow/${call}`, { method: 'POST', headers, body: JSON.stringify(body) });
  }

  async #ask<T>(call: string, { headers, ...init }: RequestInit): Promise<T> {
    const answer = await fetch(`${this.#url}/api/2.0/${call}`, {
      ...init,
      headers: { ...this.#headers, ...(headers as Record<string, string>) },
      // A redirection could take the credentials elsewhere.
      redirect: 'error',
      signal: AbortSignal.timeout(patience),
    }).catch((error: unknown) => {
      // What fetch throws says only that it failed, and its cause says why.
      const { cause } = error as Error;
      throw new Error(`${this.#url} cannot be reached: ${reasonOf(cause ?? error)}`, { cause: error });
    });
    const text = await answer.text();
    if (!answer.ok) throw new Refusal(call, answer.status, text);
    return (text === '' ? {} : JSON.parse(text)) as T;
  }
}

/** What the server says no to. */
class Refusal extends Error {
  /** MLflow's name of the reason, if it gives one. */
  readonly code: string | undefined;

  constructor(call: string, status: number, text: string) {
    super(`The server answers ${status} to ${call.split('?', 1)[0]}: ${text.slice(0, 300)}`);
    try {
      this.code = (JSON.parse(text) as { error_code?: string }).error_code;
    } catch {
      this.code = undefined;
    }
  }
}
