import { readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import * as v from 'valibot';
import { hasErrorCode, messageOf, ScreeError } from '../runtime/errors.ts';
import type { ListenAddress } from '../runtime/listen-address.ts';
import { type BootConfig, readBoot } from './config-boot.ts';
import { describeIssue } from './config-describe.ts';
import { readDhcp } from './config-dhcp.ts';
import { type ConfigText, readConfigText, type TextPosition } from './config-document.ts';
import { renderPath } from './config-problem.ts';
import { type ConfigDocument, configSchema } from './config-schema.ts';
import type { DhcpConfig } from './dhcp/settings.ts';

/** `message` has one line per problem, each as `file:line:column: …`. */
export class ConfigError extends ScreeError<'unreadable' | 'invalid'> {}

export type Config = {
  /** Absolute path of the state folder. */
  readonly state: string;
  /** Absolute path of the folder with the operator's own profiles. */
  readonly profiles: string;
  readonly http: {
    readonly listen: ListenAddress;
    /** How many fallback ranges are sent to agents at once. */
    readonly fallback: number;
  };
  readonly tracker: { readonly listen: ListenAddress; readonly intervalSeconds: number };
  readonly seed: {
    readonly listen: ListenAddress;
    /** 0: no cap. */
    readonly uploadBytesPerSecond: number;
  };
  readonly dhcp: DhcpConfig;
  readonly tftp: { readonly listen: ListenAddress | 'off' };
  readonly boot: BootConfig;
  /** Networks (CIDR) or addresses that may announce and fetch. */
  readonly networks: readonly string[];
};

const usualPaths = ['scree.yaml', '/etc/scree/scree.yaml'];

/**
 * The configuration of this machine: the named file; or ./scree.yaml; or /etc/scree/scree.yaml;
 * or, when there is none, the defaults. Throws ConfigError.
 */
export async function findConfig(path: string | undefined): Promise<Config> {
  if (path !== undefined) return loadConfig(path);
  for (const usual of usualPaths) {
    const text = await readIfThere(usual);
    if (text !== undefined) return parseConfig(text, usual);
  }
  return parseConfig('', 'defaults');
}

/** Reads one configuration file (YAML 1.2). Throws ConfigError that names all its problems. */
export async function loadConfig(path: string): Promise<Config> {
  const text = await readIfThere(path);
  if (text !== undefined) return parseConfig(text, path);
  throw new ConfigError(
    'unreadable',
    `expected a configuration file '${path}', found none; create it or name another with --config`,
  );
}

/** As `loadConfig`, from its text. Relative paths in it start from the folder of `path`. */
export function parseConfig(text: string, path: string): Config {
  const source = readConfigText(text);
  if (source.problems.length > 0) throw invalid(path, source.problems);
  const result = v.safeParse(configSchema, source.value);
  if (result.success) return configFrom(result.output, source, path);
  const problems = result.issues.map((issue) => describeIssue(issue, source));
  throw invalid(path, problems);
}

type Problem = ConfigText['problems'][number];

function configFrom(document: ConfigDocument, source: ConfigText, path: string): Config {
  const { dhcp, problems: dhcpProblems } = readDhcp(document.dhcp);
  const { boot, problems: bootProblems } = readBoot(document.boot);
  const problems = [...dhcpProblems, ...bootProblems].map((each) => ({
    ...source.locate(each.path, 'value'),
    message: `${renderPath(each.path)}: ${each.message}`,
  }));
  if (problems.length > 0) throw invalid(path, problems);
  const state = resolve(dirname(path), document.state);
  return {
    state,
    profiles: resolve(dirname(path), document.profiles ?? join(state, 'profiles')),
    http: { listen: document.http.listen, fallback: document.http.fallback },
    tracker: { listen: document.tracker.listen, intervalSeconds: document.tracker.interval },
    seed: { listen: document.seed.listen, uploadBytesPerSecond: document.seed.upload },
    dhcp: { ...dhcp, placeOf: (keys) => renderPlace(path, source.locate(keys, 'value')) },
    tftp: document.tftp,
    boot,
    networks: document.networks,
  };
}

function invalid(path: string, problems: readonly Problem[]): ConfigError {
  const sorted = problems.toSorted((a, b) => a.line - b.line || a.column - b.column);
  const lines = sorted.map((problem) => `${renderPlace(path, problem)}: ${problem.message}`);
  return new ConfigError('invalid', lines.join('\n'));
}

function renderPlace(path: string, { line, column }: TextPosition): string {
  return `${path}:${line}:${column}`;
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    if (hasErrorCode(cause, 'ENOENT')) return undefined;
    const message = `expected to read the configuration '${path}', got: ${messageOf(cause)}`;
    throw new ConfigError('unreadable', message, { cause });
  }
}
