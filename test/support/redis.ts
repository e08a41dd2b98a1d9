import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createConnection, createServer, type Server, type Socket } from 'node:net';
import { needing } from './needs.js';
import { temporary } from './cli.js';

export const hasRedis = spawnSync('redis-server', ['--version']).status === 0;

/** Debian's `redis-server`, started by the tests themselves. */
export const itWithRedis = needing('redis-server', hasRedis);

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}

/** A Redis of one's own on a free port, which can be killed and started again. */
export class RedisServer {
  readonly port: number;
  readonly #address: string;
  readonly #command: readonly string[];
  #process?: ChildProcess;

  private constructor(port: number, address: string, command: readonly string[]) {
    this.port = port;
    this.#address = address;
    this.#command = command;
  }

  /**
   * @param options.persistent Everything is on disk before it is answered, so that nothing is lost by a kill.
   * @param options.within What the command begins with, and
   * @param options.address where it can be reached: in a network namespace.
   */
  static async start({
    persistent = false,
    args = [] as string[],
    within = [] as readonly string[],
    address = '127.0.0.1',
  } = {}): Promise<RedisServer> {
    const port = await freePort();
    const onDisk = persistent ? ['--appendonly', 'yes', '--appendfsync', 'always'] : ['--appendonly', 'no'];
    const where = ['--port', String(port), '--bind', address, '--dir', temporary('redis'), '--save', ''];
    const anybody = address === '127.0.0.1' ? [] : ['--protected-mode', 'no'];
    const command = [...within, 'redis-server', ...where, ...anybody, ...onDisk, ...args];
    const server = new RedisServer(port, address, command);
    await server.begin();
    return server;
  }

  get url(): string {
    return `redis://${this.#address}:${this.port}`;
  }

  async begin(): Promise<void> {
    const [command, ...args] = this.#command;
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'ignore'] });
    this.#process = child;
    let text = '';
    for await (const data of child.stdout) {
      text += String(data);
      if (text.includes('Ready to accept connections')) break;
    }
    if (!text.includes('Ready to accept connections')) throw new Error(`redis-server did not start: ${text}`);
  }

  async kill(): Promise<void> {
    const child = this.#process;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
}

/** A way to a port that can be interrupted, as a network is: nothing gets through, and nobody is told. */
export class Way {
  readonly port: number;
  readonly #server: Server;
  readonly #pairs = new Set<readonly [Socket, Socket]>();
  #open = true;

  private constructor(port: number, server: Server) {
    this.port = port;
    this.#server = server;
  }

  static async to(target: number): Promise<Way> {
    const port = await freePort();
    const server = createServer({ pauseOnConnect: true });
    const way = new Way(port, server);
    server.on('connection', (near) => {
      const far = createConnection(target, '127.0.0.1');
      const pair = [near, far] as const;
      way.#pairs.add(pair);
      const end = () => {
        near.destroy();
        far.destroy();
        way.#pairs.delete(pair);
      };
      for (const socket of pair) socket.on('error', end).on('close', end);
      near.on('data', (data) => way.#open && far.write(data));
      far.on('data', (data) => way.#open && near.write(data));
      near.resume();
    });
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    return way;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  /** From now on all that is sent is lost. */
  cut(): void {
    this.#open = false;
  }

  /** Lets new connections through; old ones have lost something and end. */
  heal(): void {
    this.#open = true;
    for (const [near, far] of this.#pairs) {
      near.destroy();
      far.destroy();
    }
  }

  close(): void {
    this.cut();
    this.heal();
    this.#server.close();
  }
}
