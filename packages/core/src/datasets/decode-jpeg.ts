import jpeg from 'jpeg-js';
import { mostPixels, type RawImage } from './raw-image.js';

/** A block of 8 × 8 pixels takes a bit of the file at least, and up to two blocks can share one. */
const pixelsPerByte = 8 * 64 * 2;
/** Each scan goes over the whole image; encoders write ten or so. */
const mostScans = 200;

/** A JPEG's pixels. The format has no checksum: damage that leaves a well-formed file is not seen. @throws Error */
export function decodeJpeg(bytes: Uint8Array): RawImage {
  let scans = 0;
  for (let i = 0; i + 1 < bytes.length; i++) if (bytes[i] === 0xff && bytes[i + 1] === 0xda) scans++;
  if (scans > mostScans) throw new Error(`it goes over its pixels ${scans} times; ${mostScans} are the most`);
  const image = decode(bytes);
  if (image.width * image.height === 0)
    throw new Error(`it is ${image.width} × ${image.height} pixels large`);
  return { ...image, channels: 4, gray: false };
}

function decode(bytes: Uint8Array) {
  const most = Math.min(mostPixels, pixelsPerByte * bytes.length);
  try {
    return jpeg.decode(bytes, { useTArray: true, maxResolutionInMP: most / 1e6 });
  } catch (error) {
    const { name, message } = error as Error;
    if (/^maxResolution/.test(message))
      throw new Error(`it promises more than the ${most} pixels that its ${bytes.length} bytes can hold`, {
        cause: error,
      });
    // The decoder trips over parts that are missing.
    throw name === 'Error' ? error : new Error('parts of it are missing', { cause: error });
  }
}
