import { GauntletError, reasonOf } from '../errors/gauntlet-error.js';

/** What V8, wasm, emscripten, TensorFlow, ONNX Runtime and CUDA say when there is no memory left. */
export function isMemoryError(error: unknown): boolean {
  return /out of (device )?memory|failed to allocate memory|bad_alloc|resource.?exhausted|\boom\b|allocation failed|array buffer allocation|invalid (typed )?array length|memory access out of bounds|cannot enlarge memory|^aborted\(/i.test(
    reasonOf(error),
  );
}

/** A chunk took longer than --timeout. */
export class ChunkTimeout extends GauntletError {
  constructor(seconds: number) {
    super('chunk-timeout', `the worker did not finish within ${seconds} s (--timeout)`);
  }
}

/** The worker's process ended without an answer: a crash, a kill, or the system taking its memory back. */
export class WorkerDied extends GauntletError {
  constructor() {
    super('worker-died', 'the worker process died (a crash, a kill, or no memory left)');
  }
}

/** What a pool says when a worker ends during a task, or has ended just before it is sent one. */
export const isWorkerDeath = (error: unknown): boolean =>
  /exited unexpectedly|Terminating worker|ERR_WORKER|write EPIPE|ECONNRESET|channel closed/i.test(
    reasonOf(error),
  );

/** A wasm heap that has aborted stays aborted: its worker has to end. Others can go on with less. */
export const isFatalMemoryError = (error: unknown): boolean =>
  isMemoryError(error) &&
  /aborted\(|memory access out of bounds|cannot enlarge memory/i.test(reasonOf(error));
