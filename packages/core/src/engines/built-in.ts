import type { EnginePlugin } from '@gauntlet/api';
import onnx from '@gauntlet/engine-onnx';
import tfjs from '@gauntlet/engine-tfjs';

/** The engines that go by short names, and that `auto` chooses among. One that is not in this list is nowhere. */
export const builtInEngines: readonly EnginePlugin[] = [onnx, tfjs];
