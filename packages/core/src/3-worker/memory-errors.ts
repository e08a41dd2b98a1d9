import { reasonOf } from '@gauntlet/api';

/** What V8, wasm, emscripten, TensorFlow, ONNX Runtime and CUDA say when there is no memory left. */
export function isMemoryError(error: unknown): boolean {
  return /out of (device )?memory|failed to allocate memory|bad_alloc|resource.?exhausted|\boom\b|allocation failed|array buffer allocation|invalid (typed )?array length|memory access out of bounds|cannot enlarge memory|^aborted\(/i.test(
    reasonOf(error),
  );
}

/** A wasm heap that has aborted stays aborted: its worker has to end. Others can go on with less. */
export const isFatalMemoryError = (error: unknown): boolean =>
  isMemoryError(error) &&
  /aborted\(|memory access out of bounds|cannot enlarge memory/i.test(reasonOf(error));
