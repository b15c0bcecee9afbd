import { machineOf, notPowered, observe, overdue, started } from './observe.ts';
import { nextWave } from './plan.ts';
import type { InstallFacts, InstallNews, Machine, ReinstallEvent } from './types.ts';

export type MachineBookDeps = {
  readonly tell: (event: ReinstallEvent) => void;
  /** Something has changed that a plan may depend on. */
  readonly onChange: () => void;
  readonly clockMs: () => number;
};

/** The machines of a mass reinstall, as they are known at this moment. */
export class MachineBook {
  readonly #deps: MachineBookDeps;
  readonly #machines: Map<string, Machine>;

  constructor(deps: MachineBookDeps, nodes: readonly InstallFacts[]) {
    this.#deps = deps;
    this.#machines = new Map(nodes.map((node) => [node.name, machineOf(node, deps.clockMs())]));
  }

  all(): readonly Machine[] {
    return [...this.#machines.values()];
  }

  hear({ isAll, nodes, removed }: InstallNews): void {
    const nowMs = this.#deps.clockMs();
    const names = new Set(nodes.map(({ name }) => name));
    const gone = isAll ? [...this.#machines.keys()].filter((name) => !names.has(name)) : removed;
    for (const facts of nodes) this.#change(facts.name, (known) => observe(known, facts, nowMs));
    for (const name of gone) this.#change(name, (known) => observe(known, undefined, nowMs));
    this.#deps.tell({ event: 'progress', machines: this.all() });
  }

  /** These were armed. */
  startWave(armed: readonly InstallFacts[]): readonly Machine[] {
    const { tell, clockMs } = this.#deps;
    const [wave, nowMs] = [nextWave(this.all()), clockMs()];
    const machines = armed.map((facts) => {
      const known = this.#machines.get(facts.name) ?? machineOf(facts, nowMs);
      return started(known, { facts, wave, nowMs });
    });
    for (const machine of machines) this.#machines.set(machine.name, machine);
    tell({ event: 'wave', number: wave, machines });
    return machines;
  }

  notPowered(name: string, reason: string): void {
    this.#change(name, (known) => notPowered(known, reason, this.#deps.clockMs()));
  }

  overdue(name: string, timeoutMs: number): void {
    this.#change(name, (known) => overdue(known, timeoutMs, this.#deps.clockMs()));
  }

  #change(name: string, change: (known: Machine) => Machine): void {
    const known = this.#machines.get(name);
    const after = known && change(known);
    if (after === undefined || after === known) return;
    this.#machines.set(name, after);
    if (after.verdict !== known?.verdict) this.#deps.tell({ event: 'verdict', machine: after });
    this.#deps.onChange();
  }
}
