import type { BootState, MachineNode } from './types.ts';

/** What may happen to a machine on its way from one system to the next. */
export type BootEventKind =
  /** An operator wants it installed. */
  | 'arm'
  /** An operator wants it to boot its disk. */
  | 'disarm'
  /** An operator wants it to boot something else, such as a rescue system. */
  | 'other'
  /** A machine that boots its disk wants to be installed anew, and may. */
  | 'again'
  /** Its firmware or loader asked what to boot. */
  | 'boot-file'
  /** Its installer asked how to install. */
  | 'kickstart'
  /** Its installer says, with the install's token, that all is well; or that it is not. */
  | 'success'
  | 'failure'
  /** Nothing was heard of its install for too long. */
  | 'silence';

/**
 * Where each event leads from each state. Only an operator, or the install's own success, brings a
 * machine back to `os`; nothing but an operator leads to `install`, or what an operator has allowed
 * to a machine that is installed: no install can loop.
 */
export const transitions: Readonly<Record<BootEventKind, Readonly<Record<BootState, BootState>>>> =
  {
    arm: {
      os: 'install',
      install: 'install',
      booting: 'install',
      installing: 'install',
      failed: 'install',
    },
    disarm: { os: 'os', install: 'os', booting: 'os', installing: 'os', failed: 'os' },
    // A rescue system does not mend by itself what a failed install has left.
    other: { os: 'os', install: 'os', booting: 'os', installing: 'os', failed: 'failed' },
    again: {
      os: 'install',
      install: 'install',
      booting: 'booting',
      installing: 'installing',
      failed: 'failed',
    },
    'boot-file': {
      os: 'os',
      install: 'booting',
      booting: 'booting',
      // It was switched off and on again: what is on its disk is half an install.
      installing: 'failed',
      failed: 'failed',
    },
    kickstart: {
      os: 'os',
      install: 'installing',
      booting: 'installing',
      installing: 'installing',
      failed: 'failed',
    },
    // It may come late, after a silence that was taken for a failure.
    success: { os: 'os', install: 'os', booting: 'os', installing: 'os', failed: 'os' },
    failure: {
      os: 'os',
      install: 'failed',
      booting: 'failed',
      installing: 'failed',
      failed: 'failed',
    },
    silence: {
      os: 'os',
      install: 'install',
      booting: 'failed',
      installing: 'failed',
      failed: 'failed',
    },
  };

export type BootEvent = {
  readonly kind: BootEventKind;
  /** Of which install it is told; another one's is nothing to this one. */
  readonly installNumber?: number | undefined;
  /** Why, for `failure` and `silence`. */
  readonly reason?: string;
};

const longestReason = 300;
const usualReasons: Readonly<Partial<Record<BootEventKind, string>>> = {
  'boot-file': 'it was switched on again before its install had ended',
  failure: 'its installer gave no reason',
  silence: 'nothing was heard of its install for too long',
};

/**
 * The node after an event; the same object where nothing changes, so that an event that comes
 * twice is none. Each arming is an install of its own, with a higher number; which one it is, is
 * seen when it is written (`numberInstalls`).
 */
export function nextBoot(node: MachineNode, event: BootEvent, nowMs: number): MachineNode {
  const { installNumber: told = node.installNumber } = event;
  if (told !== node.installNumber) return node;
  const bootState = transitions[event.kind][node.bootState];
  const { undo, ...others } = node;
  // Armed twice before it has begun, it is installed once.
  if (bootState === 'install' && node.bootState !== 'install') {
    const installNumber = node.installNumber + 1;
    const bootAction = event.kind === 'again' ? 'install' : node.bootAction;
    return {
      ...others,
      bootState,
      bootAction,
      bootReason: undefined,
      installNumber,
      stateAtMs: nowMs,
    };
  }
  if (bootState === node.bootState) {
    // It boots what was ordered: that cannot be taken back any more.
    return event.kind === 'boot-file' && undo !== undefined ? others : node;
  }
  return {
    ...others,
    bootState,
    // An install that has succeeded is not to happen again.
    bootAction: event.kind === 'success' ? 'os' : node.bootAction,
    bootReason: bootState === 'failed' ? reasonOf(event) : undefined,
    stateAtMs: nowMs,
  };
}

/** What an operator wants a machine to boot next. */
export type BootOrder = {
  readonly action: string;
  /** The action is one that installs. */
  readonly installs: boolean;
};

/** The node after an operator's order; see orderedWithUndo. */
export function orderedBoot(node: MachineNode, order: BootOrder, nowMs: number): MachineNode {
  return { ...nextBoot(node, { kind: eventOf(order) }, nowMs), bootAction: order.action };
}

function eventOf({ action, installs }: BootOrder): BootEventKind {
  if (installs) return 'arm';
  return action === 'os' ? 'disarm' : 'other';
}

function reasonOf({ kind, reason }: BootEvent): string {
  const text = (reason ?? '').replaceAll(/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]+/gu, ' ').trim();
  return text === '' ? (usualReasons[kind] ?? 'for no known reason') : text.slice(0, longestReason);
}
