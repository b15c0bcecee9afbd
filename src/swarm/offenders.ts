export type Offender = { readonly address: string; readonly reason: string };

const kept = 50;

/** The peers that broke the rules last, with the reason. */
export class Offenders {
  readonly #list: Offender[] = [];

  add(address: string, reason: string): void {
    this.#list.push({ address, reason });
    if (this.#list.length > kept) this.#list.shift();
  }

  list(): readonly Offender[] {
    return [...this.#list];
  }
}
