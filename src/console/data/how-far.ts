import type { WatchedNode } from '../../cli/watch-model.ts';

/** What a cell shows: the boot state, but those that an install has ended well for are told apart. */
export type Look = WatchedNode['bootState'] | 'done';

export const looks: readonly Look[] = ['failed', 'installing', 'booting', 'install', 'done', 'os'];

/** Each has its sign, for who cannot tell the colours apart. */
export const lookTexts: Readonly<
  Record<Look, { readonly name: string; readonly sign: string; readonly hint: string }>
> = {
  os: { name: 'boots its disk', sign: '–', hint: 'nothing was installed since it is known' },
  install: { name: 'to be installed', sign: '◇', hint: 'at its next boot' },
  booting: { name: 'boots the installer', sign: '▲', hint: 'it has been sent what to boot' },
  installing: { name: 'installing', sign: '%', hint: 'how far, where it is known' },
  failed: { name: 'failed', sign: '✕', hint: 'its install has ended badly' },
  done: { name: 'installed', sign: '✓', hint: 'its last install has ended well' },
};

export function lookOf({ bootState, progress }: WatchedNode): Look {
  const isDone =
    bootState === 'os' && progress?.phases.some(({ name }) => name === 'done') === true;
  return isDone ? 'done' : bootState;
}

// How much of an install has gone by when a phase begins.
const begins = new Map([
  ['booted', 0.02],
  ['agent', 0.05],
  ['kickstart', 0.08],
  ['partitioned', 0.12],
  ['packages', 0.15],
  ['post', 0.9],
  ['done', 1],
]);
const packagesEnd = 0.9;

/** From 0 to 1; by its packages where they are counted, else by its phase. Undefined: not on its way. */
export function fractionOf({ bootState, progress }: WatchedNode): number | undefined {
  if (bootState !== 'booting' && bootState !== 'installing') return undefined;
  const phase = progress?.phases.at(-1)?.name ?? 'booted';
  const start = begins.get(phase) ?? 0;
  const { done = 0, total = null } = progress?.packages ?? {};
  if (phase !== 'packages' || total === null || total === 0) return start;
  return start + (packagesEnd - start) * Math.min(1, done / total);
}

/** A machine in a line, for who hears it. */
export function describeNode(node: WatchedNode): string {
  const { name, bootReason, bootAction, progress } = node;
  const look = lookOf(node);
  const state =
    look === 'install' && bootAction !== 'install' ? `${bootAction} next` : lookTexts[look].name;
  const fraction = fractionOf(node);
  const phase = progress?.phases.at(-1)?.name;
  const far =
    fraction === undefined
      ? ''
      : `, ${Math.round(fraction * 100)} %${phase === undefined ? '' : `, ${phase}`}`;
  const next = look === 'os' && bootAction !== 'os' ? `, ${bootAction} next` : '';
  return `${name}: ${state}${far}${next}${bootReason === null ? '' : `: ${bootReason}`}`;
}
