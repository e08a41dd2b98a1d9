import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { reasonOf } from '@gauntlet/api';
import { type ChunkResult, type ChunkTask, withTimeout, type WorkerHost } from '@gauntlet/core';
import { ContentLost } from './content/blob-store.js';
import type { Content } from './content/content.js';
import { mapPaths } from './content/map-paths.js';
import { machine, processName } from './identity.js';
import type { ImageFile, ResultMessage, TaskMessage } from './messages.js';

interface Tools {
  host: WorkerHost;
  content: Content;
  /** Instead of the engine that the planner chose. */
  engine?: string;
}

/**
 * Does a chunk as on the planner's machine, by the same code: content at hand, worker process, images. What goes wrong
 * is an answer too, except an end that `signal` asks for.
 */
export async function perform(
  { id, task, timeout, allImages, store }: TaskMessage,
  { host, content, engine }: Tools,
  signal: AbortSignal,
): Promise<ResultMessage> {
  const about = { id, worker: processName(), machine };
  const folder = mkdtempSync(path.join(tmpdir(), 'gauntlet-work-'));
  try {
    const references = new Map<string, string>();
    const places = content.from(store);
    const plugin = async (reference: string) => {
      const url = await places.plugin(reference);
      references.set(url, reference);
      return url;
    };
    const here = await mapPaths(task, { file: places.file, plugin });
    const saveImages = allImages ? { folder } : task.saveImages && { ...task.saveImages, folder };
    const ready = { ...withEngine(here, engine), kind: 'chunk', saveImages, keepImages: undefined } as const;
    const { images: _, ...result } = await withTimeout(host, ready, { timeout, signal });
    return { ...about, answer: { result: withReferences(result, references), images: readAll(folder) } };
  } catch (error) {
    if (signal.aborted) throw error;
    const { name = 'Error', code } = error as { name?: string; code?: unknown };
    const lost = error instanceof ContentLost ? { lost: error.sha256 } : {};
    const said = { name, message: reasonOf(error), ...(typeof code === 'string' && { code }), ...lost };
    return { ...about, answer: { error: said } };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function withEngine(task: ChunkTask, engine: string | undefined): ChunkTask {
  if (engine === undefined) return task;
  const { engineSource: _, ...victim } = task.victim;
  return { ...task, victim: { ...victim, engine } };
}

/** The planner knows code by what it has sent, not by where it is here. */
function withReferences(result: ChunkResult, references: ReadonlyMap<string, string>): ChunkResult {
  const { inputs } = result;
  if (!inputs) return result;
  const code = Object.fromEntries(
    Object.entries(inputs.code).map(([url, hash]) => [references.get(url) ?? url, hash]),
  );
  return { ...result, inputs: { ...inputs, code } };
}

const readAll = (folder: string): ImageFile[] =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.npz'))
    .map((name) => ({ name, data: readFileSync(path.join(folder, name), 'base64') }));
