import { createHmac, timingSafeEqual } from 'node:crypto';
import { deflateRawSync, inflateRawSync } from 'node:zlib';

/** Bytes of a message when it is unpacked; a chunk's images are the largest part of one. */
const largest = 2 ** 30;
const macLength = 32;

/**
 * Packs messages and signs them: HMAC-SHA256 over what they are about and their bytes. Without a key it is a checksum,
 * which finds damage and no forgery. Nothing of a message is read before its signature was found to be right.
 */
export class Seal {
  readonly #key: string;

  constructor(key = '') {
    this.#key = key;
  }

  /** @param about What the message is, and for whom: it is worth nothing anywhere else. */
  close(about: string, message: unknown): Buffer {
    const body = deflateRawSync(JSON.stringify(message), { level: 1 });
    return Buffer.concat([this.#mac(about, body), body]);
  }

  /** The message, or nothing if it is not as it was written by somebody with the key. */
  open(about: string, sealed: Buffer): unknown {
    const [mac, body] = [sealed.subarray(0, macLength), sealed.subarray(macLength)];
    if (mac.length !== macLength || !timingSafeEqual(mac, this.#mac(about, body))) return undefined;
    return JSON.parse(inflateRawSync(body, { maxOutputLength: largest }).toString('utf8'));
  }

  #mac = (about: string, body: Buffer) =>
    createHmac('sha256', this.#key)
      .update(`${Buffer.byteLength(about)}:${about}`)
      .update(body)
      .digest();
}
