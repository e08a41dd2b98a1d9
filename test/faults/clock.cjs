// node --require: a clock that jumps by FAULT_JUMP milliseconds, there and back, at each FAULT_EVERY-th look.
const process = require('node:process');

const { now } = Date;
let looks = 0;
Date.now = () => {
  const jumps = Math.floor(looks++ / Number(process.env.FAULT_EVERY)) % 2;
  return now() + jumps * Number(process.env.FAULT_JUMP);
};
