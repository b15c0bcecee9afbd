const mostRoles = 255;

/** Roles that peers tell, as numbers; 0: none told, or more than there are numbers for. */
export class RoleNames {
  readonly #names: (string | undefined)[] = [undefined];
  readonly #numbers = new Map<string | undefined, number>([[undefined, 0]]);

  numberOf(role: string | undefined): number {
    const known = this.#numbers.get(role);
    if (known !== undefined) return known;
    if (this.#names.length > mostRoles) return 0;
    this.#numbers.set(role, this.#names.length);
    this.#names.push(role);
    return this.#names.length - 1;
  }

  nameOf(number: number): string | undefined {
    return this.#names[number];
  }
}
