import { weakFindings } from '@gauntlet/api';
import { options } from './schema-options.js';

const except = {
  type: 'array',
  items: { enum: [...weakFindings] },
  minItems: 1,
  uniqueItems: true,
  description: 'Findings that warn only',
};

/** Whether weak evidence stops the build. */
export const strict = {
  anyOf: [{ type: 'boolean' }, options({ except }, ['except'])],
  default: true,
  description:
    'Weak evidence (docs: verdicts) makes a cell inconclusive; false: it warns; or all of it except some findings',
};
