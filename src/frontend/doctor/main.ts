import { type Config, ConfigError, findConfig } from '../config.ts';
import { dhcpDefaults } from '../dhcp/defaults.ts';
import { checkBootFiles, lookAtBootFiles } from './boot-files.ts';
import { checkClock, lookAtClock } from './clock.ts';
import { checkDhcp, checkServers, type DhcpFacts, lookAtDhcp, lookForServers } from './dhcp.ts';
import { type Finding, ok, problem } from './finding.ts';
import { checkImages, lookAtImages } from './images.ts';
import { checkLimits, lookAtLimits } from './limits.ts';
import { checkPort, lookAtPort, portsOf, type WantedPort } from './ports.ts';
import { checkRunning, lookForFrontend, type Running } from './running.ts';
import { checkState, lookAtState } from './state.ts';
import { checkTrees, lookAtTrees } from './trees.ts';

export type Examination = {
  /** Of `-c FILE`; undefined: the usual one. */
  readonly configPath: string | undefined;
  /** How long other DHCP servers have to answer; 5,000 unless given. */
  readonly serversWaitMs?: number;
};

/**
 * Looks at everything that keeps a frontend from starting, or machines from being installed; changes
 * nothing, whether a frontend runs or not. Takes some five seconds where DHCP is configured.
 */
export async function examine(options: Examination): Promise<readonly Finding[]> {
  const config = await readIfGood(options.configPath);
  if (!('state' in config)) return config;
  const running = await lookForFrontend(config.state);
  const dhcp = lookAtDhcp(config);
  const dhcpFindings = checkDhcp(dhcp);
  const [state, ports, servers, bootFiles, images, trees, clock, limits] = await Promise.all([
    lookAtState(config.state).then(checkState),
    examinePorts(config, dhcp, running),
    examineServers(config, dhcp, options),
    examineBootFiles(config, dhcp),
    lookAtImages(config.state).then(checkImages),
    lookAtTrees(config.state).then(checkTrees),
    lookAtClock(config.state).then(checkClock),
    lookAtLimits(running).then(checkLimits),
  ]);
  return [
    ...[ok('configuration', 'it can be read'), ...state, checkRunning(running), ...ports],
    ...[...dhcpFindings, ...servers, ...bootFiles, ...images, ...trees, clock, ...limits],
  ];
}

async function readIfGood(path: string | undefined): Promise<Config | readonly Finding[]> {
  try {
    return await findConfig(path);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const advice = 'correct it; docs/configuration.md has all keys';
    return error.message.split('\n').map((line) => problem('configuration', line, advice));
  }
}

async function examinePorts(
  config: Config,
  dhcp: DhcpFacts,
  running: Running,
): Promise<readonly Finding[]> {
  const isThere = ({ interfaceName }: WantedPort) =>
    interfaceName === undefined || dhcp.kind === 'usable';
  const facts = await Promise.all(portsOf(config).filter(isThere).map(lookAtPort));
  return facts.map((each) => checkPort(each, running));
}

async function examineServers(
  { dhcp: { mode } }: Config,
  dhcp: DhcpFacts,
  { serversWaitMs }: Examination,
): Promise<readonly Finding[]> {
  if (mode === 'off' || dhcp.kind !== 'usable') return [];
  const wait = serversWaitMs === undefined ? {} : { waitMs: serversWaitMs };
  return checkServers(await lookForServers(dhcp.settings, wait), mode);
}

/** Where machines boot by this frontend, or by another server's DHCP that leads to it. */
async function examineBootFiles(config: Config, dhcp: DhcpFacts): Promise<readonly Finding[]> {
  if (config.dhcp.mode === 'off' && config.tftp.listen === 'off') return [];
  const { bootFiles: rules } =
    dhcp.kind === 'usable' ? dhcp.settings : { bootFiles: dhcpDefaults.bootFiles };
  return checkBootFiles(await lookAtBootFiles(config, rules));
}
