/** Lines of markdown. */
export function reconstructionPart(result: object): string[];
