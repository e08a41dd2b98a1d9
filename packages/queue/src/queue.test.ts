import { describe, expect, it } from 'vitest';
import type { Outcome } from '@gauntlet/api';
import { readAddress, withoutSecrets } from './connect.js';
import { isInside } from './content/manifest.js';
import { metricsText } from './metrics.js';
import { Seal } from './seal.js';
import { findMismatch } from './verify.js';
import { Window } from './window.js';

describe('a seal', () => {
  const message = { outcomes: [1, 2, 3] };
  const sealed = new Seal('a').close('task 1', message);

  it('opens with the same key, for the same purpose', () => {
    expect(new Seal('a').open('task 1', sealed)).toEqual(message);
    expect(new Seal('b').open('task 1', sealed)).toBeUndefined();
    expect(new Seal('a').open('task 2', sealed)).toBeUndefined();
  });

  it('finds each damaged byte, and what is cut off', () => {
    for (let i = 0; i < sealed.length; i++) {
      const damaged = Buffer.from(sealed);
      damaged[i] ^= 1;
      expect(new Seal('a').open('task 1', damaged)).toBeUndefined();
      expect(new Seal('a').open('task 1', sealed.subarray(0, i))).toBeUndefined();
    }
  });
});

describe('what images show', () => {
  const outcome: Outcome = { index: 3, status: 'held', loss: 0.5, linf: 0.1, forwards: 9 };

  it('is compared exactly on one engine, nearly between two, and what the attack cost never', () => {
    const near = { ...outcome, loss: 0.5 + 1e-6, forwards: undefined };
    expect(findMismatch([outcome], [{ ...outcome, forwards: 1 }], true)).toBeUndefined();
    expect(findMismatch([outcome], [near], true)).toMatch(
      /sample 3: loss is 0\.5 in the result, and 0\.500001/,
    );
    expect(findMismatch([outcome], [near], false)).toBeUndefined();
    expect(findMismatch([outcome], [{ ...outcome, loss: 0.6 }], false)).toContain('loss');
    expect(findMismatch([outcome], [], false)).toContain('status');
    expect(findMismatch([{ index: 3, status: 'unassessed' }], [outcome], true)).toBeUndefined();
  });
});

it('a window lets as many through as there is room for, the others in order', async () => {
  const window = new Window(1);
  const through: number[] = [];
  const enter = async (n: number) => {
    await window.enter();
    through.push(n);
  };
  await Promise.all([enter(1), Promise.resolve()]);
  const rest = [enter(2), enter(3), enter(4)];
  window.leave();
  await rest[0];
  expect(through).toEqual([1, 2]);
  window.resize(3);
  await Promise.all(rest);
  expect(through).toEqual([1, 2, 3, 4]);
});

it('an address has no secrets when it is shown, and takes them from the environment', () => {
  expect(withoutSecrets('rediss://me:secret@host:1/2')).toBe('rediss://host:1/2');
  const env = { GAUNTLET_QUEUE_USERNAME: 'me', GAUNTLET_QUEUE_PASSWORD: 'p', GAUNTLET_QUEUE_KEY: 'k' };
  expect(readAddress('redis://h', env)).toEqual({
    url: 'redis://h',
    username: 'me',
    password: 'p',
    key: 'k',
  });
});

it('a path of a list of files leads nowhere else', () => {
  for (const name of ['a', 'a/b.c', '.', '..c/d']) expect(isInside(name)).toBe(true);
  for (const name of ['', '/a', '../a', 'a/../../b', 'a\\..\\b', 'C:\\a', 'a\0b'])
    expect(isInside(name)).toBe(false);
});

it('counters are in the format of Prometheus', () => {
  const chunks = { done: 3, failed: 1, returned: 0, refused: 0 };
  const text = metricsText({ slots: 2, busy: 1, connected: true, chunks, samples: 30, seconds: 1.5 });
  expect(text).toContain(
    '# TYPE gauntlet_worker_chunks_total counter\ngauntlet_worker_chunks_total{end="done"} 3\n',
  );
  expect(
    text.split('\n').filter((line) => !/^(# (HELP|TYPE) \w+ .+|\w+(\{\w+="\w+"\})? [\d.]+)$/.test(line)),
  ).toEqual(['']);
});
