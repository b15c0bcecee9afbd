import type { AttributeValue } from '../attributes/types.ts';
import type { NodePatch } from '../nodes/documents.ts';
import type { MachineNode } from '../nodes/types.ts';

export const importFormats = ['csv', 'yaml', 'dnsmasq', 'isc', 'ethers', 'hosts'] as const;
export type NodeFileFormat = (typeof importFormats)[number];

/** Lines count from 1. */
export type Place = { readonly file: string; readonly line: number };

export type FileProblem = { readonly place: Place; readonly message: string };

/** What a file says of one node. */
export type NodeEntry = {
  readonly place: Place;
  readonly name: string;
  /** What is left out is not said; null unsets. */
  readonly settings: NodePatch;
  readonly attributes: ReadonlyMap<string, AttributeValue>;
  /** False: it only matters if there is such a node already, as with what `/etc/hosts` lists. */
  readonly isWhole: boolean;
};

export type NodeEntries = {
  readonly entries: readonly NodeEntry[];
  readonly problems: readonly FileProblem[];
  /** Lines that are about something else. */
  readonly skippedCount: number;
};

/** What a file of hosts says of one network card or address. */
export type HostLine = {
  readonly place: Place;
  readonly name: string | undefined;
  readonly macs: readonly string[];
  readonly address: string | undefined;
};

export type HostLines = {
  readonly hosts: readonly HostLine[];
  readonly problems: readonly FileProblem[];
  readonly skippedCount: number;
};

/** A node with the attributes that are its own, without secrets. */
export type ExportedNode = {
  readonly node: MachineNode;
  readonly attributes: ReadonlyMap<string, AttributeValue>;
};
