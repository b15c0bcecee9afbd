import type { AttributeValue, ResolvedAttribute, ResolvedHost } from '../attributes/types.ts';
import type { MachineNode } from '../nodes/types.ts';
import { ProfileError } from './errors.ts';
import type {
  DeclaredAttribute,
  DeclaredProfile,
  ProfileProblem,
  ProfileSummary,
  Profiles,
  RenderContext,
} from './types.ts';

export type ProfileFinding = {
  readonly profile: string;
  /** The nodes for which it was found; none when it is so whatever the node. */
  readonly nodes: readonly string[];
  readonly problem: ProfileProblem;
};

export type CheckReport = {
  readonly profiles: readonly string[];
  readonly nodes: readonly string[];
  readonly problems: readonly ProfileFinding[];
  readonly warnings: readonly ProfileFinding[];
};

export type CheckInput = {
  readonly profiles: Profiles;
  /** Every node, resolved: each is generated as if it were installing now. */
  readonly hosts: readonly ResolvedHost[];
  /** Profiles to look at; all, if empty. */
  readonly names: readonly string[];
};

/**
 * Reads every profile, generates it for a made-up node with defaults, and for every node that has it.
 * All problems are told, each once.
 */
export function checkProfiles({ profiles, hosts, names }: CheckInput): CheckReport {
  const isWanted = (name: string) => names.length === 0 || names.includes(name);
  const wanted = profiles.list().filter(({ name }) => isWanted(name));
  const ownHosts = hosts.filter(({ profile }) => isWanted(profile));
  const lists = [
    profiles.problems().map((problem) => ({ profile: '', node: undefined, problem })),
    ...wanted.map((summary) => checkAlone(profiles, summary)),
    ...ownHosts.map((host) => checkHost(profiles, host)),
  ];
  const findings = joinNodes(lists.flat());
  return {
    profiles: wanted.map(({ name }) => name),
    nodes: ownHosts.map(({ node }) => node.name),
    problems: findings.filter(({ problem }) => problem.code !== 'warning'),
    // Where there are nodes, what their values say counts; else what the defaults say.
    warnings: findings.filter(
      ({ problem, nodes }) =>
        problem.code === 'warning' && (nodes.length > 0 || ownHosts.length === 0),
    ),
  };
}

type Found = {
  readonly profile: string;
  readonly node: string | undefined;
  readonly problem: ProfileProblem;
};

function checkAlone(
  profiles: Profiles,
  { name, declared, problems }: ProfileSummary,
): readonly Found[] {
  const found =
    problems.length > 0 || declared === undefined
      ? problems
      : problemsOf(profiles, madeUpHost(declared));
  return found.map((problem) => ({ profile: name, node: undefined, problem }));
}

function checkHost(profiles: Profiles, host: ResolvedHost): readonly Found[] {
  return problemsOf(profiles, host).map((problem) => {
    return { profile: host.profile, node: host.node.name, problem };
  });
}

function problemsOf(profiles: Profiles, host: ResolvedHost): readonly ProfileProblem[] {
  try {
    profiles.render(host, madeUpContext);
    return profiles.warnings(host, madeUpContext);
  } catch (error) {
    if (error instanceof ProfileError) return error.problems;
    throw error;
  }
}

/** A problem of the profile itself is met again with each of its nodes. */
function joinNodes(found: readonly Found[]): readonly ProfileFinding[] {
  const groups = Map.groupBy(found, ({ problem: { code, place, message } }) =>
    JSON.stringify([code, place, message]),
  );
  return [...groups.values()].flatMap((same) => {
    const [first] = same;
    if (first === undefined) return [];
    const isAlways =
      same.some(({ node }) => node === undefined) && first.problem.code !== 'warning';
    const nodes = isAlways ? [] : same.flatMap(({ node }) => node ?? []);
    return [{ profile: first.profile, nodes, problem: first.problem }];
  });
}

export const madeUpContext: RenderContext = {
  frontend: '192.0.2.1',
  token: `1-${'0'.repeat(32)}`,
  urls: {
    success: `http://192.0.2.1/installs/1-${'0'.repeat(32)}/success`,
    failure: `http://192.0.2.1/installs/1-${'0'.repeat(32)}/failure`,
    files: `http://192.0.2.1/kickstart/1-${'0'.repeat(32)}/`,
  },
};

/** A node of which all is known, with the profile's defaults; what has none gets some value. */
function madeUpHost({ name, os, attributes }: DeclaredProfile): ResolvedHost {
  const built = {
    ...{ name: madeUpNode.name, address: '192.0.2.10', mac: '52:54:00:00:00:01' },
    ...{ macs: ['52:54:00:00:00:01'], uuid: madeUpUuid, role: 'compute', rack: 0, rank: 0 },
    ...{ os, profile: name, frontend: '192.0.2.1', 'frontend-url': 'http://192.0.2.1' },
  };
  const values: readonly (readonly [string, AttributeValue])[] = [
    ...[...attributes.values()].map((each) => [each.name, someValue(each)] as const),
    ...Object.entries(built),
  ];
  const resolved = values.map(([key, value]): readonly [string, ResolvedAttribute] => [
    key,
    { value, isSecret: false, origin: { kind: 'built-in' } },
  ]);
  return { node: madeUpNode, profile: name, os, attributes: new Map(resolved) };
}

function someValue({ defaultValue, type, oneOf }: DeclaredAttribute): AttributeValue {
  const some = { text: 'text', number: 1, 'yes-no': true, list: ['text'] } as const;
  return defaultValue ?? oneOf?.[0] ?? some[type];
}

const madeUpUuid = '00000000-0000-4000-8000-000000000001';

const madeUpNode: MachineNode = {
  name: 'compute-0-0',
  macs: ['52:54:00:00:00:01'],
  uuid: madeUpUuid,
  address: '192.0.2.10',
  role: 'compute',
  rack: 0,
  rank: 0,
  clientClasses: undefined,
  dhcpOptions: {},
  bootAction: 'install',
  bootState: 'install',
  bootReason: undefined,
  stateAtMs: 0,
  installNumber: 1,
};
