import { describe, expect, it } from 'vitest';
import { gpuCandidates, softwareOnly } from './choose-engine.js';
import { cardOfWorker, defaultWorkers, visibleCards } from './devices.js';
import { checkEngineName } from './engine-names.js';

describe('devices', () => {
  it('cards are those that CUDA_VISIBLE_DEVICES shows, and workers take turns', () => {
    const environment = (worker: number) => ({
      CUDA_VISIBLE_DEVICES: '2,3',
      GAUNTLET_WORKER: String(worker),
    });
    expect(visibleCards(environment(1))).toEqual(['2', '3']);
    expect([1, 2, 3, 4].map((worker) => cardOfWorker(environment(worker)))).toEqual([0, 1, 0, 1]);
    expect(visibleCards({ CUDA_VISIBLE_DEVICES: '' })).toEqual([]);
    expect(cardOfWorker({ CUDA_VISIBLE_DEVICES: '', GAUNTLET_WORKER: '3' })).toBe(0);
  });

  it('engines on a GPU get a worker per card, others one per core', () => {
    expect(defaultWorkers(['onnx:cpu', 'tfjs:wasm'])).toBeGreaterThanOrEqual(1);
    expect(defaultWorkers(['onnx:webgpu'])).toBe(Math.max(1, visibleCards().length));
  });
});

describe('auto', () => {
  const machine = (rest: object) => ({
    platform: 'linux' as const,
    nvidia: false,
    graphics: false,
    environment: {},
    ...rest,
  });

  it('tries CUDA, then WebGPU, on real hardware alone', () => {
    expect(gpuCandidates(machine({}))).toEqual([]);
    expect(gpuCandidates(machine({ graphics: true }))).toEqual(['onnx:webgpu']);
    expect(gpuCandidates(machine({ graphics: true, nvidia: true }))).toEqual(['onnx:cuda', 'onnx:webgpu']);
    expect(gpuCandidates(machine({ platform: 'darwin' }))).toEqual(['onnx:webgpu']);
  });

  it('leaves software adapters to those who name them', () => {
    const environment = { VK_DRIVER_FILES: '/usr/lib/chromium/vk_swiftshader_icd.json' };
    expect(softwareOnly(environment)).toBe(true);
    expect(gpuCandidates(machine({ graphics: true, environment }))).toEqual([]);
    expect(softwareOnly({ VK_DRIVER_FILES: '/etc/nvidia_icd.json:/x/lvp_icd.json' })).toBe(false);
    expect(softwareOnly({})).toBe(false);
  });
});

describe('engine names', () => {
  it('families stand for the device of theirs that runs everywhere', () => {
    expect(['onnx', 'tfjs', 'auto', 'onnx:webgpu'].map(checkEngineName)).toEqual([
      'onnx:cpu',
      'tfjs:wasm',
      'auto',
      'onnx:webgpu',
    ]);
    expect(() => checkEngineName('onnx:gpu')).toThrow(/no engine "onnx:gpu".*Known: auto, onnx:cpu/);
  });
});
