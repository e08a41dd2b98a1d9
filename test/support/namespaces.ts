import { spawnSync } from 'node:child_process';
import { needing } from './needs.js';
import { hasRedis } from './redis.js';

function ip(...args: string[]): void {
  const { status, stderr } = spawnSync('ip', args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`ip ${args.join(' ')}: ${stderr}`);
}

const name = (place: string) => `gauntlet-${process.pid}-${place}`;

/** Addresses that are set aside for documentation (RFC 5737): nothing outside has them. */
const addressOf = (i: number) => `192.0.2.${i + 1}`;

function isAllowed(): boolean {
  try {
    const network = new Network(['probe']);
    network.close();
    return true;
  } catch {
    return false;
  }
}

/** Machines of a test: each a network namespace with one cable to a switch, which is a machine, too. */
export class Network {
  readonly #places: readonly string[];

  /** @throws where the user may not make namespaces, or iproute2 is missing */
  constructor(places: readonly string[]) {
    this.#places = ['switch', ...places];
    ip('netns', 'add', name('switch'));
    const at = (...args: string[]) => ip('-n', name('switch'), ...args);
    try {
      at('link', 'add', 'bridge', 'type', 'bridge');
      at('addr', 'add', `${addressOf(0)}/24`, 'dev', 'bridge');
      for (const device of ['lo', 'bridge']) at('link', 'set', device, 'up');
      for (const [i, place] of places.entries()) this.#plugIn(place, addressOf(i + 1));
    } catch (error) {
      this.close();
      throw error;
    }
  }

  #plugIn(place: string, address: string): void {
    ip('netns', 'add', name(place));
    const cable = ['type', 'veth', 'peer', 'name', 'eth0', 'netns', name(place)];
    ip('-n', name('switch'), 'link', 'add', place, ...cable);
    ip('-n', name('switch'), 'link', 'set', place, 'master', 'bridge', 'up');
    ip('-n', name(place), 'addr', 'add', `${address}/24`, 'dev', 'eth0');
    for (const device of ['lo', 'eth0']) ip('-n', name(place), 'link', 'set', device, 'up');
  }

  addressOf(place: string): string {
    return addressOf(this.#places.indexOf(place));
  }

  /** What a command has to begin with to run there. */
  within(place: string): readonly string[] {
    return ['ip', 'netns', 'exec', name(place)];
  }

  /** Pulls the cable of a machine, without a word to anybody. */
  cut(place: string): void {
    ip('-n', name('switch'), 'link', 'set', place, 'down');
  }

  heal(place: string): void {
    ip('-n', name('switch'), 'link', 'set', place, 'up');
  }

  close(): void {
    for (const place of this.#places) spawnSync('ip', ['netns', 'del', name(place)]);
  }
}

/** Whether a queue can be put on a network of its own here. */
export const hasNetwork = hasRedis && isAllowed();
export const itInNamespaces = needing('network namespaces (root, iproute2) and redis-server', hasNetwork);
