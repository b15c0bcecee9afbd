import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import * as v from 'valibot';
import { hasErrorCode, messageOf, ScreeError } from '../runtime/errors.ts';
import type { ListenAddress } from '../runtime/listen-address.ts';
import { type ConfigText, readConfigText } from './config-document.ts';
import { type ConfigDocument, configKeys, configSchema } from './config-schema.ts';
import type { DhcpConfig } from './dhcp/settings.ts';
import { nearestWord } from './nearest-word.ts';

/** `message` has one line per problem, each as `file:line:column: …`. */
export class ConfigError extends ScreeError<'unreadable' | 'invalid'> {}

export type Config = {
  /** Absolute path of the state folder. */
  readonly state: string;
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
  if (result.success) return configFrom(result.output, path);
  throw invalid(
    path,
    result.issues.map((issue) => describe(issue, source)),
  );
}

type Problem = ConfigText['problems'][number];

function configFrom(document: ConfigDocument, path: string): Config {
  return {
    state: resolve(dirname(path), document.state),
    http: { listen: document.http.listen, fallback: document.http.fallback },
    tracker: { listen: document.tracker.listen, intervalSeconds: document.tracker.interval },
    seed: { listen: document.seed.listen, uploadBytesPerSecond: document.seed.upload },
    dhcp: dhcpFrom(document.dhcp),
    tftp: document.tftp,
    networks: document.networks,
  };
}

function dhcpFrom({ range, lease, ...rest }: ConfigDocument['dhcp']): DhcpConfig {
  return { ...rest, range: range === 'none' ? undefined : range, leaseSeconds: lease };
}

function describe(issue: v.BaseIssue<unknown>, source: ConfigText): Problem {
  const path = (issue.path ?? []).map((item) => String(item.key));
  const name = path.at(-1) ?? '';
  if (issue.type !== 'never') {
    const where = path.length === 0 ? '' : `${path.join('.')}: `;
    const message = `${where}${issue.message}, got ${render(issue.input)}`;
    return { ...source.locate(path, 'value'), message };
  }
  const parent = path.length === 1 ? '' : ` in '${path.slice(0, -1).join('.')}'`;
  const message = `unknown key '${name}'${parent}: ${issue.message}${suggestion(path)}`;
  return { ...source.locate(path, 'key'), message };
}

/** The nearest key of the same section; else the same key where it belongs. */
function suggestion(path: readonly string[]): string {
  const [name = '', section] = path.toReversed();
  const siblings = section === undefined ? [...configKeys.keys()] : configKeys.get(section);
  const near = nearestWord(name, siblings ?? []);
  const guesses = near === undefined ? placesOf(name) : [near];
  return guesses.length === 0 ? '' : `; did you mean '${guesses.join("' or '")}'?`;
}

function placesOf(name: string): string[] {
  const inSections = [...configKeys].filter(([, names]) => names.includes(name));
  const paths = inSections.map(([section]) => `${section}.${name}`);
  return configKeys.has(name) ? [name, ...paths] : paths;
}

function render(value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}

function invalid(path: string, problems: readonly Problem[]): ConfigError {
  const sorted = problems.toSorted((a, b) => a.line - b.line || a.column - b.column);
  const lines = sorted.map((p) => `${path}:${p.line}:${p.column}: ${p.message}`);
  return new ConfigError('invalid', lines.join('\n'));
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
