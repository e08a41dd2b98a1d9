import { Stream } from '@gauntlet/api';
import { describe, expect, it, vi } from 'vitest';
import { brighter, grey } from './colour.js';
import { scaleContrast } from './digital-kinds.js';
import { filter2d, gaussianFilter, gaussianWeights, mirrored, nearest, symmetric } from './filters.js';
import { throughJpeg } from './jpeg.js';
import { type KindName, kindNames, kinds } from './kinds.js';
import { motionBlur } from './motion.js';
import { type Picture, plane } from './picture.js';
import { plasma } from './plasma.js';
import { boxResize, clippedZoom, nearestResize, warp } from './resample.js';

const [height, width] = [9, 13];
const coloured: Picture = {
  height,
  width,
  channels: 3,
  values: Float64Array.from({ length: height * width * 3 }, (_, i) => 0.5 + 0.45 * Math.sin(i * i + i / 7)),
};
const single: Picture = { ...coloured, channels: 1, values: coloured.values.filter((_, i) => i % 3 === 0) };
const pictures = [
  ['three channels', coloured],
  ['one', single],
] as const;

const corrupt = (kind: KindName, severity: number, picture: Picture, scale: 'cifar' | 'imagenet') =>
  kinds[kind].severities[scale][severity - 1](picture, new Stream(kind, severity));
const cut = (value: number) => Math.min(1, Math.max(0, value));
const index = (y: number, x: number, c: number, channels: number) => (y * width + x) * channels + c;

/** Every severity of a kind, against a computation from its published parameters. */
async function expectKind<P>(
  kind: KindName,
  [cifar, imagenet]: readonly [readonly P[], readonly P[]],
  of: (
    parameters: P,
    picture: Picture,
    twin: Stream,
  ) => (value: number, y: number, x: number, c: number) => number,
) {
  for (const [scale, table] of [['cifar', cifar] as const, ['imagenet', imagenet] as const])
    for (const [, picture] of pictures)
      for (const [i, parameters] of table.entries()) {
        const found = await corrupt(kind, i + 1, picture, scale);
        expect([found.height, found.width, found.channels]).toEqual([height, width, picture.channels]);
        const expected = of(parameters, picture, new Stream(kind, i + 1));
        let far = 0;
        for (let y = 0; y < height; y++)
          for (let x = 0; x < width; x++)
            for (let c = 0; c < picture.channels; c++) {
              const at = index(y, x, c, picture.channels);
              const off = Math.abs(found.values[at] - cut(expected(picture.values[at], y, x, c)));
              // A number that is none is far, too.
              if (!(off <= far)) far = off;
            }
        expect(far).toBeLessThan(1e-9);
      }
}

/** [height,width,channels], value by value in reading order. */
const drawn = ({ channels }: Picture, draw: (i: number) => number) => {
  const values = Array.from({ length: height * width * channels }, (_, i) => draw(i));
  return (y: number, x: number, c: number) => values[index(y, x, c, channels)];
};

describe('noise', () => {
  it('is Gaussian', () =>
    expectKind(
      'gaussian-noise',
      [
        [0.04, 0.06, 0.08, 0.09, 0.1],
        [0.08, 0.12, 0.18, 0.26, 0.38],
      ],
      (sigma, picture, twin) => {
        const noise = drawn(picture, () => sigma * twin.normal());
        return (value, y, x, c) => value + noise(y, x, c);
      },
    ));

  it('is of photons', () =>
    expectKind(
      'shot-noise',
      [
        [500, 250, 100, 75, 50],
        [60, 25, 12, 5, 3],
      ],
      (photons, picture, twin) => {
        // As many waiting times of rate 1 as fit into λ.
        const count = drawn(picture, (i) => {
          const least = Math.exp(-photons * picture.values[i]);
          let k = 0;
          for (let product = twin.uniform(); product > least; product *= twin.uniform()) k++;
          return k / photons;
        });
        return (_, y, x, c) => count(y, x, c);
      },
    ));

  it('is salt and pepper', () =>
    expectKind(
      'impulse-noise',
      [
        [0.01, 0.02, 0.03, 0.05, 0.07],
        [0.03, 0.06, 0.09, 0.17, 0.27],
      ],
      (share, picture, twin) => {
        const impulse = drawn(picture, () => {
          const [hit, salt] = [twin.uniform() <= share, twin.uniform() <= 0.5];
          return hit ? Number(salt) : NaN;
        });
        return (value, y, x, c) => (Number.isNaN(impulse(y, x, c)) ? value : impulse(y, x, c));
      },
    ));
});

const ofPicture = (picture: Picture) => (_: number, y: number, x: number, c: number) =>
  picture.values[index(y, x, c, picture.channels)];
const like = (picture: Picture, values: Float64Array): Picture => ({ ...picture, values });

describe('blur', () => {
  it('is out of focus: a disk whose edge is softened', () =>
    expectKind(
      'defocus-blur',
      [
        [
          [0.3, 0.4],
          [0.4, 0.5],
          [0.5, 0.6],
          [1, 0.2],
          [1.5, 0.1],
        ],
        [
          [3, 0.1],
          [4, 0.5],
          [6, 0.5],
          [8, 0.5],
          [10, 0.5],
        ],
      ],
      ([radius, softening], picture) => {
        const [reach, soft] = radius <= 8 ? [8, 1] : [radius, 2];
        const within = plane(2 * reach + 1, 2 * reach + 1, (y, x) =>
          Math.hypot(y - reach, x - reach) <= radius ? 1 : 0,
        );
        const area = within.values.filter(Boolean).length;
        const disk = like(
          within,
          within.values.map((value) => value / area),
        );
        const w = gaussianWeights(softening, soft);
        const kernel = filter2d(
          disk,
          plane(w.length, w.length, (y, x) => w[y] * w[x]),
          mirrored,
        );
        return ofPicture(filter2d(picture, kernel, mirrored));
      },
    ));

  it('is of glass: pixels of neighbours between two filters', () =>
    expectKind(
      'glass-blur',
      [
        [
          [0.05, 1, 1],
          [0.25, 1, 1],
          [0.4, 1, 1],
          [0.25, 1, 2],
          [0.4, 1, 2],
        ],
        [
          [0.7, 1, 2],
          [0.9, 2, 1],
          [1, 2, 3],
          [1.1, 3, 2],
          [1.5, 4, 2],
        ],
      ],
      ([sigma, reach, rounds], picture, twin) => {
        const soft = (one: Picture) => gaussianFilter(one, [sigma, sigma], nearest, 4);
        const { channels } = picture;
        const values = soft(picture).values.map((value) => Math.floor(value * 255 + 1e-9) / 255);
        for (let round = 0; round < rounds; round++)
          for (let y = height - reach; y > reach; y--)
            for (let x = width - reach; x > reach; x--) {
              const [dx, dy] = [twin.integer(2 * reach) - reach, twin.integer(2 * reach) - reach];
              for (let c = 0; c < channels; c++)
                values[index(y, x, c, channels)] = values[index(y + dy, x + dx, c, channels)];
            }
        return ofPicture(soft(like(picture, values)));
      },
    ));

  it('is of a motion to any side within 45 degrees', () =>
    expectKind(
      'motion-blur',
      [
        [
          [6, 1],
          [6, 1.5],
          [6, 2],
          [8, 2],
          [9, 2.5],
        ],
        [
          [10, 3],
          [15, 5],
          [15, 8],
          [15, 12],
          [20, 15],
        ],
      ],
      ([radius, sigma], picture, twin) =>
        ofPicture(motionBlur(picture, radius, sigma, twin.uniform() * 90 - 45)),
    ));

  it('is of a zoom: the mean of larger and larger views', () =>
    expectKind(
      'zoom-blur',
      [
        [
          [1.06, 0.01],
          [1.11, 0.01],
          [1.16, 0.01],
          [1.21, 0.01],
          [1.26, 0.01],
        ],
        [
          [1.11, 0.01],
          [1.16, 0.01],
          [1.21, 0.02],
          [1.26, 0.02],
          [1.31, 0.03],
        ],
      ],
      ([end, step], picture) => {
        const views: Picture[] = [];
        for (let i = 0; i < Math.ceil((end - 1) / step); i++)
          views.push(clippedZoom(picture, 1 + i * (1 + step - 1)));
        const { channels } = picture;
        return (value, y, x, c) =>
          (value + views.reduce((sum, one) => sum + one.values[(y * one.width + x) * channels + c], 0)) /
          (views.length + 1);
      },
    ));
});

/** A cloud by midpoints: corners, then middles, then edges, each the mean of four around it and noise. */
function cloud(down: number, across: number, decay: number, twin: Stream) {
  const side = 2 ** Math.ceil(Math.log2(Math.max(down, across)));
  const map = Array.from({ length: side }, () => new Array<number>(side).fill(0));
  const wrapped = (i: number) => ((i % side) + side) % side;
  let wibble = 100;
  for (let step = side; step >= 2; step /= 2) {
    const half = step / 2;
    const mean = (y: number, x: number, around: readonly (readonly number[])[]) => {
      const sum = around.reduce(
        (all, [dy, dx]) => all + map[wrapped(y + dy * half)][wrapped(x + dx * half)],
        0,
      );
      map[y][x] = sum / 4 + wibble * twin.uniform(-wibble, wibble);
    };
    const diagonal = [
      [-1, -1],
      [1, -1],
      [-1, 1],
      [1, 1],
    ];
    const straight = [
      [-1, 0],
      [1, 0],
      [0, -1],
      [0, 1],
    ];
    for (let y = half; y < side; y += step) for (let x = half; x < side; x += step) mean(y, x, diagonal);
    for (let y = 0; y < side; y += step) for (let x = half; x < side; x += step) mean(y, x, straight);
    for (let y = half; y < side; y += step) for (let x = 0; x < side; x += step) mean(y, x, straight);
    wibble /= decay;
  }
  const [low, high] = [Math.min(...map.flat()), Math.max(...map.flat())];
  return (y: number, x: number) => (map[y][x] - low) / (high - low);
}

describe('weather', () => {
  it('has clouds that reach from 0 to 1', () => {
    for (const [down, across] of [
      [8, 8],
      [3, 7],
    ]) {
      const found = plasma(down, across, 1.8, new Stream('cloud'));
      const expected = cloud(down, across, 1.8, new Stream('cloud'));
      for (let y = 0; y < down; y++)
        for (let x = 0; x < across; x++) expect(found.values[y * across + x]).toBeCloseTo(expected(y, x), 9);
      if (down === across) expect([Math.min(...found.values), Math.max(...found.values)]).toEqual([0, 1]);
    }
    expect([...plasma(1, 1, 2, new Stream('point')).values]).toEqual([0]);
  });

  it('is fog in proportion to the brightest value', () =>
    expectKind(
      'fog',
      [
        [
          [0.2, 3],
          [0.5, 3],
          [0.75, 2.5],
          [1, 2],
          [1.5, 1.75],
        ],
        [
          [1.5, 2],
          [2, 2],
          [2.5, 1.7],
          [2.5, 1.5],
          [3, 1.4],
        ],
      ],
      ([thick, decay], picture, twin) => {
        const brightest = Math.max(...picture.values);
        const at = cloud(height, width, decay, twin);
        return (value, y, x) => ((value + thick * at(y, x)) * brightest) / (brightest + thick);
      },
    ));

  it('is frost: veins of ice, bluish in colour', () =>
    expectKind(
      'frost',
      [
        [
          [1, 0.2],
          [1, 0.3],
          [0.9, 0.4],
          [0.85, 0.4],
          [0.75, 0.45],
        ],
        [
          [1, 0.4],
          [0.8, 0.6],
          [0.7, 0.7],
          [0.65, 0.7],
          [0.6, 0.75],
        ],
      ],
      ([share, weight], picture, twin) => {
        const level = 0.45 + 0.38 * twin.uniform();
        const [fine, coarse] = [cloud(height, width, 1.6, twin), cloud(height, width, 2.2, twin)];
        const ice = (y: number, x: number) => {
          const [f, c] = [fine(y, x), coarse(y, x)];
          return level + 1.2 * (0.45 * (1 - Math.abs(2 * c - 1)) * (0.5 + f) + 0.25 * c - 0.44);
        };
        return (value, y, x, c) =>
          share * value + weight * (picture.channels === 3 ? [0.89, 1.01, 1.1][c] : 1) * ice(y, x);
      },
    ));

  it('is snow: flakes that fall, and once more upside down, on a whitened picture', () =>
    expectKind(
      'snow',
      [
        [
          [0.1, 0.2, 1, 0.6, 8, 3, 0.95],
          [0.1, 0.2, 1, 0.5, 10, 4, 0.9],
          [0.15, 0.3, 1.75, 0.55, 10, 4, 0.9],
          [0.25, 0.3, 2.25, 0.6, 12, 6, 0.85],
          [0.3, 0.3, 1.25, 0.65, 14, 12, 0.8],
        ],
        [
          [0.1, 0.3, 3, 0.5, 10, 4, 0.8],
          [0.2, 0.3, 2, 0.5, 12, 4, 0.7],
          [0.55, 0.3, 4, 0.9, 12, 8, 0.7],
          [0.55, 0.3, 4.5, 0.85, 12, 8, 0.65],
          [0.55, 0.3, 2.5, 0.85, 12, 12, 0.55],
        ],
      ],
      ([mean, deviation, factor, threshold, radius, sigma, share], picture, twin) => {
        const noise = plane(height, width, () => mean + deviation * twin.normal());
        const zoomed = clippedZoom(noise, factor);
        const flakes = like(
          zoomed,
          zoomed.values.map((value) => cut(value < threshold ? 0 : value)),
        );
        const moved = motionBlur(flakes, radius, sigma, twin.uniform() * 90 - 135);
        const flake = (y: number, x: number) => Math.round(255 * moved.values[y * moved.width + x]) / 255;
        const light = grey(picture);
        return (value, y, x) =>
          share * value +
          (1 - share) * Math.max(value, 1.5 * light[y * width + x] + 0.5) +
          flake(y, x) +
          flake(height - 1 - y, width - 1 - x);
      },
    ));
});

describe('digital', () => {
  it('is brighter, or of less contrast', async () => {
    await expectKind(
      'brightness',
      [
        [0.05, 0.1, 0.15, 0.2, 0.3],
        [0.1, 0.2, 0.3, 0.4, 0.5],
      ],
      (change, picture) => ofPicture(brighter(picture, change)),
    );
    await expectKind(
      'contrast',
      [
        [0.75, 0.5, 0.4, 0.3, 0.15],
        [0.4, 0.3, 0.2, 0.1, 0.05],
      ],
      (factor, { values, channels }) => {
        const means = Array.from({ length: channels }, (_, c) => {
          const all = [...values.filter((_, i) => i % channels === c)];
          return all.reduce((a, b) => a + b) / all.length;
        });
        return (value, _y, _x, c) => means[c] + factor * (value - means[c]);
      },
    );
    expect(Math.max(...scaleContrast(coloured, 5).values)).toBe(1);
  });

  it('is of large pixels', () =>
    expectKind(
      'pixelate',
      [
        [0.95, 0.9, 0.85, 0.75, 0.65],
        [0.6, 0.5, 0.4, 0.3, 0.25],
      ],
      (share, picture) => {
        const small = boxResize(picture, Math.floor(9 * share), Math.floor(13 * share));
        return ofPicture(nearestResize(small, height, width));
      },
    ));

  it('is compressed, each severity at its quality', async () => {
    const qualities = { cifar: [80, 65, 58, 50, 40], imagenet: [25, 18, 15, 10, 7] };
    for (const scale of ['cifar', 'imagenet'] as const)
      for (const [, picture] of pictures)
        for (const [i, quality] of qualities[scale].entries())
          expect((await corrupt('jpeg-compression', i + 1, picture, scale)).values).toEqual(
            (await throughJpeg(picture, quality)).values,
          );
    // Bytes that a coder gives back, near the picture where it is smooth, in colour and in grey.
    for (const channels of [1, 3]) {
      const values = Float64Array.from({ length: 16 * 16 * channels }, (_, i) =>
        channels === 1 ? 0.3 + i / 1000 : [0.2, 0.5, 0.8][i % 3],
      );
      const { values: found } = await throughJpeg({ height: 16, width: 16, channels, values }, 95);
      found.forEach((value, i) => expect(Math.abs(value - values[i])).toBeLessThan(0.03));
    }
  });

  it('cannot be compressed without the package that does it, and says what to do', async () => {
    vi.doMock('sharp', () => {
      throw new Error('no such package');
    });
    try {
      await expect(throughJpeg(single, 80)).rejects.toMatchObject({
        code: 'attack-params',
        message: expect.stringContaining('leave this kind out of "kinds"') as string,
        cause: expect.anything() as Error,
      });
    } finally {
      vi.doUnmock('sharp');
    }
    expect((await throughJpeg(single, 80)).values).toHaveLength(height * width);
  });

  it('is elastic: smooth noise says where pixels come from', async () => {
    const smooth = (amplitude: number, sigma: readonly [number, number], alpha: number, twin: Stream) => {
      const noise = plane(height, width, () => amplitude * (2 * twin.uniform() - 1));
      return gaussianFilter(noise, sigma, symmetric, 3).values.map((value) => alpha * value);
    };
    const displaced = (picture: Picture, dx: Float64Array, dy: Float64Array) =>
      ofPicture(warp(picture, (y, x) => [y + dy[y * width + x], x + dx[y * width + x]], symmetric));
    await expectKind<number | readonly number[]>(
      'elastic-transform',
      [
        [
          [0, 0, 0.08],
          [0.05, 0.2, 0.07],
          [0.08, 0.06, 0.06],
          [0.1, 0.04, 0.05],
          [0.1, 0.03, 0.03],
        ],
        [12.5, 16.25, 21.25, 25, 30],
      ],
      (parameters, picture, twin) => {
        if (typeof parameters === 'number') {
          const one = () => smooth(0.005 * height, [0.01 * height, 0.01 * width], parameters, twin);
          const dx = one();
          return displaced(picture, dx, one());
        }
        const [alpha, sigma, move] = parameters;
        // Three corners of a square around (6, 4), 3 to each side, move; the map is the one that takes them back.
        const [[x0, y0], [x1, y1], [x2, y2]] = [
          [9, 7],
          [9, 1],
          [3, 1],
        ].map((corner) => corner.map((one) => one + move * 9 * (2 * twin.uniform() - 1)));
        const area = (x0 - x1) * (y2 - y1) - (x2 - x1) * (y0 - y1);
        const moved = warp(
          picture,
          (y, x) => {
            const u = ((x - x1) * (y2 - y1) - (y - y1) * (x2 - x1)) / area;
            const v = ((x0 - x1) * (y - y1) - (y0 - y1) * (x - x1)) / area;
            return [1 + 6 * u, 9 - 6 * v];
          },
          mirrored,
        );
        const one = () => smooth(1, [sigma * 9, sigma * 9], alpha * 9, twin);
        const dx = one();
        return displaced(moved, dx, one());
      },
    );
  });
});

it('no kind changes the picture that it is given', async () => {
  const before = coloured.values.slice();
  for (const kind of kindNames) await corrupt(kind, 3, coloured, 'imagenet');
  expect(coloured.values).toEqual(before);
});
