import { kernelArgumentsBelow } from '../protocol/kernel-args.ts';
import { isRole, longestRole } from '../protocol/role.ts';
import { messageOf, ScreeError } from '../runtime/errors.ts';
import {
  type ListenAddress,
  listenAddressForms,
  readListenAddress,
} from '../runtime/listen-address.ts';
import type { LogLevel } from '../runtime/log.ts';
import { parseRateBytesPerSecond } from '../runtime/units.ts';
import type { AgentConfig } from './start-agent.ts';
import { chooseStore, parseAbsoluteStore, parseStore, parseStoreSize } from './store-setting.ts';

/** A setting that cannot be used; the message names the flag or the kernel argument. */
export class SettingsError extends ScreeError<'missing' | 'wrong'> {}

/** The agent's flags as texts; none that is not given. */
export type Flags = {
  readonly frontend?: string;
  readonly listen?: string;
  readonly swarmPort?: string;
  readonly swarmAddress?: string;
  readonly store?: string;
  readonly storeSize?: string;
  readonly role?: string;
  readonly token?: string;
  readonly linger?: string;
  readonly key?: string;
  readonly upload?: string;
  readonly logLevel?: string;
};

export type Settings = Omit<AgentConfig, 'key' | 'limits' | 'version'> & {
  /** The path of the public key's file. */
  readonly keyFile: string | undefined;
  readonly logLevel: LogLevel;
  /** Kernel arguments that are not used, because of what they say. */
  readonly warnings: readonly string[];
};

/**
 * The agent's settings: flags, then `scree.*` kernel arguments, then defaults. A wrong flag, and a
 * frontend that is wrong or missing, throw SettingsError; another wrong kernel argument is left
 * out with a warning, as a machine that installs slowly is better than one that does not.
 */
export function resolveSettings(flags: Flags, commandLine: string): Settings {
  const kernel = kernelArgumentsBelow(commandLine, 'scree.');
  const warnings: string[] = [];

  function readFlag<Value>(key: keyof Flags, parse: (text: string) => Value): Value | undefined {
    const flag = flags[key];
    return flag === undefined ? undefined : parseAs(`--${nameOf(key)}`, flag, parse);
  }

  function readKernel<Value>(key: keyof Flags, parse: (text: string) => Value): Value | undefined {
    const argument = kernel.get(nameOf(key));
    if (argument === undefined) return undefined;
    try {
      return parseAs(`kernel argument scree.${nameOf(key)}`, argument, parse);
    } catch (error) {
      if (key === 'frontend') throw error;
      warnings.push(`${messageOf(error)}; left out`);
      return undefined;
    }
  }

  function read<Value>(key: keyof Flags, parse: (text: string) => Value): Value | undefined {
    return flags[key] === undefined ? readKernel(key, parse) : readFlag(key, parse);
  }

  const frontend = read('frontend', parseFrontend);
  if (frontend === undefined) {
    const text = 'expected --frontend URL or the kernel argument scree.frontend=URL, got neither';
    throw new SettingsError('missing', text);
  }
  const listen = read('listen', parseListen) ?? { host: '127.0.0.1', port: 80 };
  const role = read('role', parseRole);
  const token = read('token', parseToken);
  return {
    frontend,
    listen,
    swarm: {
      host: read('swarmAddress', parseAddress) ?? '0.0.0.0',
      port: read('swarmPort', parsePort) ?? 6881,
    },
    store: chooseStore(
      [
        { sizeBytes: readFlag('storeSize', parseStoreSize) },
        readFlag('store', parseStore),
        { sizeBytes: readKernel('storeSize', parseStoreSize) },
        readKernel('store', parseAbsoluteStore),
      ],
      listen,
    ),
    uploadBytesPerSecond: read('upload', parseRateBytesPerSecond) ?? 0,
    ...(role === undefined ? {} : { role }),
    ...(token === undefined ? {} : { token }),
    lingerSeconds: read('linger', parseSeconds) ?? 120,
    keyFile: read('key', String),
    logLevel: read('logLevel', parseLogLevel) ?? 'info',
    warnings,
  };
}

function nameOf(key: keyof Flags): string {
  return key.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

function parseAs<Value>(source: string, text: string, parse: (text: string) => Value): Value {
  try {
    return parse(text);
  } catch (cause) {
    throw new SettingsError('wrong', `${source}: ${messageOf(cause)}`, { cause });
  }
}

function parseFrontend(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isPlain = url?.pathname === '/' && url.search === '' && url.username === '';
  if (url?.protocol === 'http:' && isPlain) return url;
  throw wrong('a URL such as http://10.1.1.1', text);
}

function parseListen(text: string): ListenAddress {
  const address = readListenAddress(text, { host: '127.0.0.1' });
  if (address === undefined) throw wrong(listenAddressForms, text);
  return address;
}

function parseAddress(text: string): string {
  if (/^[0-9a-z.:-]+$/i.test(text)) return text;
  throw wrong('an address of this machine such as 0.0.0.0', text);
}

function parsePort(text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text);
  throw wrong('a port from 0 to 65535', text);
}

function parseRole(text: string): string {
  if (isRole(text)) return text;
  throw wrong(`a role of letters, digits, '.', '_' and '-', at most ${longestRole}`, text);
}

/** See installTokenOf of the frontend. What is no token is not shown: it may be a broken one. */
function parseToken(text: string): string {
  if (/^\d{1,15}-[\da-f]{32}$/.test(text)) return text;
  throw new SettingsError('wrong', 'expected the token of an install, got something else');
}

function parseSeconds(text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) <= 86_400) return Number(text);
  throw wrong('whole seconds from 0 to 86400', text);
}

function parseLogLevel(text: string): LogLevel {
  for (const level of ['debug', 'info', 'warn', 'error', 'silent'] as const) {
    if (level === text) return level;
  }
  throw wrong('debug, info, warn, error or silent', text);
}

function wrong(expected: string, got: string): SettingsError {
  return new SettingsError('wrong', `expected ${expected}, got '${got}'`);
}
