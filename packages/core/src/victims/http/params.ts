import type { ParamsOf, ParamsSchema } from '@gauntlet/api';

/** `victim.http` of a spec. */
export const httpParams = {
  type: 'object',
  additionalProperties: false,
  required: ['url'],
  properties: {
    url: {
      type: 'string',
      pattern: '^https?://',
      description: 'Where images are sent; ${NAME} stands for a variable of the environment',
    },
    headers: {
      type: 'object',
      additionalProperties: { type: 'string' },
      default: {},
      description: 'Of each request; secrets as ${NAME}, from the environment',
    },
    input: { type: 'string', default: 'instances', description: 'Field of the request with the images' },
    output: {
      type: 'string',
      default: 'predictions',
      description: 'Field of the answer with a row for each image; a.b for one inside another',
    },
    answer: {
      enum: ['scores', 'labels'],
      default: 'scores',
      description: 'A number for each class (an image, of an autoencoder), or the class alone',
    },
    classes: { type: 'integer', minimum: 2, description: 'How many there are, where answers are labels' },
    layout: { enum: ['nhwc', 'nchw'], default: 'nhwc', description: 'Of an image in a request' },
    batchSize: { type: 'integer', minimum: 1, default: 32, description: 'Images in a request at most' },
    rate: { type: 'number', exclusiveMinimum: 0, description: 'Requests in a second at most' },
    retries: { type: 'integer', minimum: 0, default: 5, description: 'Of a request that fails' },
    timeout: { type: 'number', exclusiveMinimum: 0, default: 30, description: 'Seconds for an answer' },
    queries: { type: 'integer', minimum: 1, description: 'Images sent in the whole run at most' },
    cache: {
      type: 'integer',
      minimum: 0,
      default: 0,
      description: 'Answers that are kept for images that come again',
    },
    version: {
      type: 'string',
      description:
        'Changes whenever the model behind the address does; outcomes are reused by later runs only with it',
    },
  },
} as const satisfies ParamsSchema;

export type HttpParams = ParamsOf<typeof httpParams>;
