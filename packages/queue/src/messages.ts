import type { ChunkResult, ChunkTask } from '@gauntlet/core';

/** A chunk for a worker. Paths in it are references to content (see `content/`), never places on a machine. */
export interface TaskMessage {
  run: string;
  id: string;
  /** Seconds that the worker may take, from when it begins. */
  timeout: number;
  task: ChunkTask;
  /** Where models, data and code lie: `s3://bucket/prefix`, or Redis. What opens it the worker has to have. */
  store?: string;
  /** All images of the chunk are to be sent back, so that any of them can be judged once more. */
  allImages: boolean;
}

/** A file of images as the worker wrote it, in base64. */
export interface ImageFile {
  name: string;
  data: string;
}

export interface ResultMessage {
  id: string;
  /** Name of the worker's process. */
  worker: string;
  /** What kind of machine it is on. */
  machine: string;
  answer:
    | { result: ChunkResult; images: ImageFile[] }
    /** `lost` is the sha256 of what the planner has to put into the store again. */
    | { error: { name: string; code?: string; message: string; lost?: string } };
}

export const aboutTask = (id: string) => `task ${id}`;
export const aboutResult = (run: string) => `result ${run}`;

/** Why a worker leaves a task aside whose signature is wrong: the planner sends it once more. */
export const brokenSeal = 'the signature of the task is wrong';
