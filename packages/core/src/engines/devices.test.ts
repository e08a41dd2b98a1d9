import { availableParallelism } from 'node:os';
import { describe, expect, it, vi } from 'vitest';
import { gpuCandidates, softwareOnly } from './choose-engine.js';
import { cardOfWorker, defaultWorkers, visibleCards } from './devices.js';
import { engineNames, splitEngineName } from './engine-names.js';
import { findEngine } from './find-engine.js';

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
    const source = { plugin: { url: '' }, version: 1, device: 'x', setsBackend: false, params: {} };
    const mine = (graphicsCard: boolean) => ({
      engine: 'mine:x',
      engineSource: { ...source, graphicsCard },
    });
    const [cores, cards] = [availableParallelism(), Math.max(1, visibleCards().length)];
    expect(defaultWorkers([{ engine: 'onnx:cpu' }, { engine: 'tfjs:wasm' }, mine(false)])).toBe(cores);
    for (const engine of ['onnx:webgpu', 'onnx:dml', 'onnx:coreml', 'tfjs:tensorflow-gpu'])
      expect(defaultWorkers([{ engine: 'onnx:cpu' }, { engine }])).toBe(cards);
    expect(defaultWorkers([mine(true)])).toBe(cards);
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
  const find = async (name: string) =>
    (await findEngine(name, { builtIn: {}, folder: import.meta.dirname })).chosen({});

  it('families stand for the device of theirs that runs everywhere', async () => {
    expect(await Promise.all(['onnx', 'tfjs', 'onnx:webgpu'].map(find))).toEqual([
      { engine: 'onnx:cpu' },
      { engine: 'tfjs:wasm' },
      { engine: 'onnx:webgpu' },
    ]);
    await expect(find('onnx:gpu')).rejects.toThrow(/no engine "onnx:gpu".*Known: auto, onnx:cpu/);
    await expect(find('onxx')).rejects.toThrow(/no engine "onxx".*Others are named by package/);
  });

  it('a device follows the last colon, and a drive is none', () => {
    expect(splitEngineName('./mine.mjs')).toEqual({ use: './mine.mjs', device: undefined });
    expect(splitEngineName('@me/engines#mine:gpu')).toEqual({ use: '@me/engines#mine', device: 'gpu' });
    expect(splitEngineName('C:\\engines\\mine.mjs').device).toBeUndefined();
    expect(splitEngineName('C:\\engines\\mine.mjs:gpu').device).toBe('gpu');
  });

  it('of built-in engines come from their plugins alone', () => {
    expect(engineNames).toEqual([
      ...['cpu', 'webgpu', 'cuda', 'coreml', 'dml'].map((device) => `onnx:${device}`),
      ...['wasm', 'cpu', 'webgpu', 'tensorflow', 'tensorflow-gpu'].map((device) => `tfjs:${device}`),
    ]);
  });

  it('are nowhere for an engine that is not in the list', async () => {
    const { default: tfjs } = await import('@gauntlet/engine-tfjs');
    vi.resetModules();
    vi.doMock('./built-in.js', () => ({ builtInEngines: [tfjs] }));
    const { engineNames } = await import('./engine-names.js');
    const { chooseEngine } = await import('./choose-engine.js');
    const { findEngine } = await import('./find-engine.js');
    const { openEngine } = await import('./open-engine.js');
    expect(engineNames.filter((name) => !name.startsWith('tfjs:'))).toEqual([]);
    expect(await chooseEngine()).toBe('tfjs:wasm');
    const places = { builtIn: {}, folder: import.meta.dirname };
    const known = /no engine "onnx:cpu"[^:]*Known: auto, tfjs:wasm(, tfjs:[a-z-]+)*\./;
    await expect(findEngine('onnx:cpu', places)).rejects.toThrow(known);
    await expect(openEngine('onnx:cpu')).rejects.toThrow(known);
    expect((await openEngine('auto')).name).toBe('tfjs:wasm');
    vi.doUnmock('./built-in.js');
  });
});
