import type { InstallFacts, Machine } from '../../../src/frontend/reinstall/types.ts';

export function facts(values: Partial<InstallFacts> = {}): InstallFacts {
  return {
    name: 'a',
    bootState: 'os',
    bootReason: undefined,
    stateAtMs: 0,
    installNumber: 0,
    ...values,
  };
}

export function machine(values: Partial<Machine> = {}): Machine {
  return {
    ...facts(),
    verdict: 'waiting',
    wave: undefined,
    startedAtMs: undefined,
    endedAtMs: undefined,
    reason: undefined,
    ...values,
  };
}
