import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

interface Run {
  info: { run_id: string; artifact_uri: string };
  experiment: string;
  tags: Record<string, string>;
  params: Record<string, string>;
  metrics: Record<string, number>;
  files: Record<string, string>;
  status: string;
}

type Body = Record<string, never>;

/** What Gauntlet asks of a tracking server of MLflow, with the answers of version 3.17. */
export class FakeMlflow {
  readonly runs: Run[] = [];
  readonly calls: string[] = [];
  authorization: string | undefined;
  /** What every request is answered, where something is to go wrong. */
  refuses: { status: number; body: string } | undefined;
  readonly #experiments = new Map<string, string>();
  readonly #server: Server = createServer((request, response) => {
    void textOf(request).then((text) => {
      this.authorization = request.headers.authorization;
      const { status, body } = this.refuses ?? this.#answer(request, text);
      response.writeHead(status, { location: 'http://127.0.0.1:1/' }).end(body);
    });
  });

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`;
  }

  listen = (): Promise<void> => new Promise((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
  close = (): Promise<unknown> => new Promise((resolve) => this.#server.close(resolve));

  #answer({ url = '', method }: IncomingMessage, text: string): { status: number; body: string } {
    const call = url.replace('/api/2.0/', '');
    this.calls.push(`${method} ${call}`);
    const upload = /^mlflow-artifacts\/artifacts\/(\w+)\/artifacts\/(.*)$/.exec(call);
    if (upload) {
      this.#run(upload[1]).files[decodeURIComponent(upload[2])] = text;
      return good({});
    }
    const body = (text === '' ? {} : JSON.parse(text)) as Body;
    if (call === 'mlflow/experiments/create') {
      if (this.#experiments.has(body.name))
        return { status: 400, body: '{"error_code":"RESOURCE_ALREADY_EXISTS","message":"exists"}' };
      this.#experiments.set(body.name, String(this.#experiments.size + 1));
      return good({ experiment_id: this.#experiments.get(body.name) });
    }
    if (call.startsWith('mlflow/experiments/get-by-name?')) {
      const name = new URLSearchParams(call.split('?')[1]).get('experiment_name')!;
      return good({ experiment: { experiment_id: this.#experiments.get(name) } });
    }
    if (call === 'mlflow/runs/create') {
      const id = `run${this.runs.length}`;
      const info = { run_id: id, artifact_uri: `mlflow-artifacts:/${id}/artifacts` };
      const run = {
        info,
        experiment: body.experiment_id,
        tags: {},
        params: {},
        metrics: {},
        files: {},
        status: 'RUNNING',
      };
      this.runs.push(run);
      return good({ run: { info } });
    }
    const run = this.#run(body.run_id);
    if (call === 'mlflow/runs/log-batch')
      for (const kind of ['params', 'tags', 'metrics'] as const)
        Object.assign(run[kind], pairs(body[kind] ?? []));
    else if (call === 'mlflow/runs/update') run.status = body.status;
    else return { status: 404, body: '' };
    return good({});
  }

  #run(id: string): Run {
    return this.runs.find(({ info }) => info.run_id === id)!;
  }
}

const good = (body: object) => ({ status: 200, body: JSON.stringify(body) });
const pairs = (all: { key: string; value: string }[]) =>
  Object.fromEntries(all.map(({ key, value }) => [key, value]));

async function textOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return text;
}
