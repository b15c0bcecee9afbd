import type { Command } from 'commander';
export function registerNodeFiles(_node: Command, _selecting: (c: Command) => Command): void {}
