/** For the program `boot-noise.ts`. */
export type NoisePlan = {
  readonly seed: number;
  readonly server: string;
  readonly ports: readonly number[];
  /** `flood`: one machine's DISCOVER again and again. */
  readonly kind: 'dhcp' | 'tftp' | 'flood';
  readonly count: number;
  /** How many leave at once; 2 ms lie between bursts. */
  readonly burst: number;
};
