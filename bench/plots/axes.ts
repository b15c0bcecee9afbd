import type { Axis } from './picture.ts';

const whole = new Intl.NumberFormat('en', { maximumSignificantDigits: 3 });

export const nodes: Axis = {
  scale: 'log',
  format: (value) => `${whole.format(value)} ${value === 1 ? 'node' : 'nodes'}`,
};

/** How many times as much; doublings are equally far apart. */
export const times: Axis = {
  scale: 'log',
  format: (value) => `${Number.isInteger(value) ? value : value.toPrecision(3)}×`,
};

export const plain: Axis = { scale: 'linear', format: (value) => whole.format(value) };
