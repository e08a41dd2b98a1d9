import { createHash, createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';

const sha256 = (data: string | Buffer) => createHash('sha256').update(data).digest('hex');
const hmac = (key: string | Buffer, data: string) => createHmac('sha256', key).update(data).digest();

interface Signed {
  method: string;
  /** Encoded as it is sent. */
  path: string;
  headers: Readonly<Record<string, string | string[] | undefined>>;
}

/** AWS Signature Version 4 of a request without a query, after "Authenticating Requests (AWS Signature Version 4)". */
export function signatureOf({ method, path, headers }: Signed, secret: string): string {
  const [, scope, names] =
    /^AWS4-HMAC-SHA256 Credential=[^/]+\/(\S+?), ?SignedHeaders=([\w;-]+), ?Signature=/.exec(
      String(headers.authorization),
    ) ?? ['', '', ''];
  const [date, region, service, end] = scope.split('/');
  const lines = names.split(';').map((name) => `${name}:${String(headers[name]).trim()}\n`);
  const canonical = [method, path, '', lines.join(''), names, headers['x-amz-content-sha256']].join('\n');
  const toSign = ['AWS4-HMAC-SHA256', headers['x-amz-date'], scope, sha256(canonical)].join('\n');
  const key = [date, region, service, end].reduce<string | Buffer>(hmac, `AWS4${secret}`);
  return hmac(key, toSign).toString('hex');
}

/** What befalls a GET, a PUT or a HEAD. */
export type Fault = 'busy' | 'cut' | 'other bytes' | 'hangs' | 'reset';

/** A bucket of S3 in this process. It refuses what is not signed rightly, and bodies that are not as they were signed. */
export class FakeS3 {
  readonly objects = new Map<string, Buffer>();
  /** As the server has seen them: `PUT /bucket/…: 200`. */
  readonly log: string[] = [];
  /** For the next requests, one after the other; those of another method have to wait. */
  readonly faults: { method: string; fault: Fault }[] = [];
  /** Is told of each request before it is answered. */
  onRequest: (method: string) => void = () => {};
  readonly env: Record<string, string>;
  readonly #server: Server;
  readonly #secret: string;
  #refused?: string;

  private constructor(server: Server, port: number) {
    this.#server = server;
    this.#secret = 'a secret/with+signs';
    this.env = {
      AWS_ACCESS_KEY_ID: 'AKIDFORATEST',
      AWS_SECRET_ACCESS_KEY: this.#secret,
      AWS_REGION: 'eu-test-1',
      AWS_ENDPOINT_URL_S3: `http://127.0.0.1:${port}`,
    };
  }

  static async start(bucket = 'models'): Promise<FakeS3> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const s3 = new FakeS3(server, (server.address() as { port: number }).port);
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      void s3.#answer(request, response, bucket);
    });
    return s3;
  }

  /** What was asked, without names. */
  get calls(): string[] {
    return this.log.map((line) => line.replace(/ \S+:/, ''));
  }

  /** From now on nobody may do anything. */
  refuse(code: string): void {
    this.#refused = code;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  async #answer(request: IncomingMessage, response: ServerResponse, bucket: string): Promise<void> {
    const { method = '', url: path = '', headers } = request;
    this.onRequest(method);
    const body = Buffer.from(await text(request.setEncoding('latin1')), 'latin1');
    const end = (status: number, code?: string, data: Buffer = Buffer.alloc(0)) => {
      this.log.push(`${method} ${path}: ${status}`);
      const said = code === undefined ? data : Buffer.from(`<Error><Code>${code}</Code></Error>`);
      response.writeHead(status, { 'content-length': said.length });
      response.end(method === 'HEAD' ? undefined : said);
    };
    const refusal = this.#refusal({ method, path, headers }, body, bucket);
    if (refusal) return end(...refusal);
    const fault = this.faults[0]?.method === method ? this.faults.shift()?.fault : undefined;
    if (fault === 'busy') return end(503, 'SlowDown');
    if (fault === 'hangs') return void this.log.push(`${method} ${path}: -`);
    if (fault === 'reset') return void request.socket.destroy();
    if (method === 'PUT') {
      this.objects.set(path, body);
      return end(200);
    }
    const found = this.objects.get(path);
    if (!found) return end(404, 'NoSuchKey');
    if (fault === 'cut') {
      response.writeHead(200, { 'content-length': found.length });
      response.write(found.subarray(0, found.length / 2), () => response.destroy());
      return;
    }
    end(200, undefined, fault === 'other bytes' ? Buffer.from(found.map((byte) => byte ^ 1)) : found);
  }

  #refusal(signed: Signed, body: Buffer, bucket: string): [number, string] | undefined {
    const { method, path, headers } = signed;
    const [, key, date, region, signature] =
      /Credential=(\w+)\/(\d{8})\/([\w-]+)\/s3\/aws4_request,.*Signature=(\w+)$/.exec(
        headers.authorization as string,
      ) ?? [];
    if (key !== this.env.AWS_ACCESS_KEY_ID) return [403, 'InvalidAccessKeyId'];
    if (region !== this.env.AWS_REGION || date !== String(headers['x-amz-date']).slice(0, 8))
      return [400, 'AuthorizationHeaderMalformed'];
    if (signature !== signatureOf(signed, this.#secret)) return [403, 'SignatureDoesNotMatch'];
    if (headers['x-amz-content-sha256'] !== sha256(body)) return [400, 'XAmzContentSHA256Mismatch'];
    if (this.#refused !== undefined) return [403, this.#refused];
    if (method === 'PUT' && headers['content-length'] === undefined) return [411, 'MissingContentLength'];
    return path.startsWith(`/${bucket}/`) ? undefined : [404, 'NoSuchBucket'];
  }
}
