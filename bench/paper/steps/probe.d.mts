/** Processor seconds that an attack takes for one image, by a few iterations of it. */
export function probeAttack(
  task: { victim: { model: string }; attack: { params: object }; dataset: object; seed: number },
  runCell: (spec: object, folder: string) => Promise<unknown>,
): Promise<number | undefined>;
