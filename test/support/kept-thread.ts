import { ThreadsPoolWorker, type PoolOptions, type PoolWorker, type WorkerRequest } from 'vitest/node';

type Listener = Parameters<PoolWorker['on']>;

/** The thread of all runs: most of the time of a short test goes into starting one, and into loading TensorFlow.js there. */
let kept: { thread: ThreadsPoolWorker; exited: boolean } | undefined;

/**
 * A thread that outlives the run that started it, for runs one after the other. Each run evaluates our sources anew, so that
 * nothing that they keep in variables comes from the run before; packages stay loaded.
 */
export class KeptThread implements PoolWorker {
  readonly name = 'kept-thread';
  readonly #options: PoolOptions;
  #listeners: Listener[] = [];
  #reused = false;
  #config?: unknown;

  constructor(options: PoolOptions) {
    this.#options = options;
  }

  async start(): Promise<void> {
    this.#reused = kept !== undefined && !kept.exited;
    if (this.#reused) return;
    const started = { thread: new ThreadsPoolWorker(this.#options), exited: false };
    await started.thread.start();
    started.thread.on('exit', () => (started.exited = true));
    kept = started;
  }

  /** Ends what this run hears, and not the thread. */
  async stop(): Promise<void> {
    for (const [event, listener] of this.#listeners) kept!.thread.off(event, listener);
    this.#listeners = [];
  }

  on(...listener: Listener): void {
    this.#listeners.push(listener);
    kept!.thread.on(...listener);
  }

  off(...[event, listener]: Listener): void {
    this.#listeners = this.#listeners.filter((one) => one[0] !== event || one[1] !== listener);
    kept!.thread.off(event, listener);
  }

  send(message: WorkerRequest): void {
    if (message.type === 'stop') return this.#answer('stopped');
    if (message.type === 'start') {
      this.#config = message.context.config;
      if (this.#reused) return this.#answer('started');
    }
    // The thread goes by what it was started with, and each run has names of tests of its own: those that reach its mutant.
    if (message.type === 'run')
      Object.assign(message.context, { config: this.#config, invalidates: this.#sources() });
    kept!.thread.send(message);
  }

  deserialize(data: unknown): unknown {
    return data;
  }

  #sources(): string[] {
    const graphs = Object.values(this.#options.project.vite.environments).map((one) => one.moduleGraph);
    return graphs.flatMap((graph) => [...graph.fileToModulesMap.keys()]);
  }

  #answer(type: 'started' | 'stopped'): void {
    for (const [event, listener] of this.#listeners)
      if (event === 'message') listener({ type, __vitest_worker_response__: true });
  }
}
