import { GauntletError } from '@gauntlet/api';
import { mapValues, type Picture } from './picture.js';

/** Corruptions of photographs know grey and red-green-blue. */
export function assertColours(channels: number): void {
  if (channels === 1 || channels === 3) return;
  throw new GauntletError(
    'attack-params',
    `Corruptions are for images of 1 channel (grey) or 3 (red, green, blue); the victim's inputs have ${channels}. Take an attack that is bounded by a norm.`,
  );
}

/** [height·width] luma, ITU-R BT.601. */
export function grey({ channels, values }: Picture): Float64Array {
  if (channels === 1) return values;
  return Float64Array.from(
    { length: values.length / 3 },
    (_, i) => 0.299 * values[3 * i]! + 0.587 * values[3 * i + 1]! + 0.114 * values[3 * i + 2]!,
  );
}

/** The value of hue, saturation, value moved by `change` and kept in 0 … 1; hue and saturation stay. */
export function brighter(picture: Picture, change: number): Picture {
  const moved = (value: number) => Math.min(1, Math.max(0, value + change));
  const { channels, values } = picture;
  if (channels === 1) return mapValues(picture, moved);
  return mapValues(picture, (value, i) => {
    const first = i - (i % 3);
    const largest = Math.max(values[first]!, values[first + 1]!, values[first + 2]!);
    // Hue and saturation are those of the ratios to the largest value; black has none and becomes grey.
    return largest === 0 ? moved(0) : moved(largest) * (value / largest);
  });
}
