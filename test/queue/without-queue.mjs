// Of a project that has not installed @gauntlet/queue: node --import this.
import { register } from 'node:module';

const hook = `export const resolve = (name, context, next) => {
  if (name !== '@gauntlet/queue') return next(name, context);
  throw Object.assign(new Error('Cannot find package'), { code: 'ERR_MODULE_NOT_FOUND' });
};`;
register(`data:text/javascript,${encodeURIComponent(hook)}`);
