// The paper's tables, figures and page, at full size; goes on where it was stopped:
//   npm run paper -- mnist [--part mi|reconstruction|causes] [--images n] [--seeds k] [--passes conv=2] [--only regex]
//     [--quick] [--plan]
import { paper } from './paper.mjs';

const stop = new AbortController();
process.once('SIGINT', () => stop.abort());
await paper(process.argv.slice(2), { signal: stop.signal });
