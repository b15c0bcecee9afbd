import type { PlannedMachine, PreparedReinstall } from '../frontend/reinstall/main.ts';
import { renderTable } from '../runtime/table.ts';

type ReinstallReport = Awaited<ReturnType<PreparedReinstall['run']>>;
type ReinstallEvent = Parameters<Parameters<PreparedReinstall['run']>[0]>[0];
type Machine = ReinstallReport['machines'][number];

const shownNames = 6;
/** How often, at most, it is said how far all are. */
const countsEveryMs = 5_000;
const dash = '–';

/** What a mass reinstall shows while it runs, and the table at its end. */
export function createReinstallText({ byHand }: { readonly byHand: boolean }) {
  let countsAtMs = 0;
  let counts = '';
  return {
    /** Empty where there is nothing to say. */
    lines: (event: ReinstallEvent): string => {
      switch (event.event) {
        case 'wave':
          return renderWave(event, byHand);
        case 'verdict':
          return renderVerdict(event.machine);
        case 'aborted':
          return `too many have failed: no more are started (${renderCounts(event.machines)})\n`;
        case 'progress': {
          const now = renderCounts(event.machines);
          if (event.machines.every(({ wave }) => wave === undefined)) return '';
          if (now === counts || Date.now() - countsAtMs < countsEveryMs) return '';
          countsAtMs = Date.now();
          counts = now;
          return `${now}\n`;
        }
      }
    },
    end: renderReport,
  };
}

export function renderPlanned(
  planned: readonly PlannedMachine[],
  skipped: readonly string[],
): string {
  const rows = planned.map(({ name, wave, power }) => [wave === 0 ? 'now' : wave, name, power]);
  const left = skipped.length === 0 ? '' : `, ${skipped.length} left out`;
  const head = `${planned.length} machines would be reinstalled${left}; nothing was changed\n`;
  return `${head}${renderTable(['WAVE', 'NODE', 'POWER'], rows)}`;
}

export function reportDocument({ machines, isAborted, isStopped }: ReinstallReport) {
  return {
    isComplete: machines.every(({ verdict }) => verdict === 'done'),
    isAborted,
    isStopped,
    machines: machines.map(({ name, verdict, wave = null, bootState, reason = null, ...times }) => {
      const elapsedMs = elapsedOf(times) ?? null;
      return { name, verdict, wave, bootState, reason, elapsedMs };
    }),
  };
}

function renderWave(
  { number, machines }: Extract<ReinstallEvent, { event: 'wave' }>,
  byHand: boolean,
): string {
  const names = machines.map(({ name }) => name);
  const armed = `wave ${number}: ${machines.length} armed`;
  if (!byHand) return `${armed}, being switched off and on: ${renderNames(names)}\n`;
  // All of them: somebody has to find each.
  return `${armed}; switch these off and on: ${names.join(', ')}\n`;
}

function renderVerdict(machine: Machine): string {
  const { name, verdict, reason } = machine;
  const elapsedMs = elapsedOf(machine);
  const time = elapsedMs === undefined ? '' : ` after ${renderTime(elapsedMs)}`;
  switch (verdict) {
    case 'done':
      return `${name} done${time}\n`;
    case 'failed':
      return `${name} failed${time}: ${reason ?? 'for no known reason'}\n`;
    case 'running':
      return `${name} is under way\n`;
    case 'waiting':
      return '';
  }
}

function renderCounts(machines: readonly Machine[]): string {
  const count = (is: (machine: Machine) => boolean) => machines.filter(is).length;
  const running = (state: string) =>
    count(({ verdict, bootState }) => verdict === 'running' && bootState === state);
  const parts = [
    [count(({ verdict }) => verdict === 'done'), 'done'],
    [count(({ verdict }) => verdict === 'failed'), 'failed'],
    [running('installing'), 'installing'],
    [running('booting'), 'booting'],
    [running('install'), 'not heard of yet'],
    [count(({ verdict }) => verdict === 'waiting'), 'not started'],
  ] as const;
  return parts.flatMap(([number, what]) => (number > 0 ? [`${number} ${what}`] : [])).join(', ');
}

type LeftOut = { readonly skipped: readonly string[]; readonly skipYoungerMs: number };

function renderReport(report: ReinstallReport, { skipped, skipYoungerMs }: LeftOut): string {
  const { machines, isAborted, isStopped } = report;
  const running = machines.filter(({ verdict }) => verdict === 'running');
  const armed = machines
    .filter(({ verdict, bootState }) => verdict === 'failed' && bootState === 'install')
    .map(({ name }) => name);
  const notes = [
    renderCounts(machines),
    ...(skipped.length === 0
      ? []
      : [
          `${skipped.length} left out, installed in the last ${renderTime(skipYoungerMs)}: ${renderNames(skipped)}`,
        ]),
    ...(armed.length > 0
      ? [`${renderNames(armed)}: armed all the same, installed when switched on`]
      : []),
    ...(isAborted ? ['too many have failed: those that were not started stay as they were'] : []),
    ...(running.length > 0
      ? [`${running.length} go on: ${renderNames(running.map(({ name }) => name))}`]
      : []),
    ...(isStopped ? [renderHowToGoOn(machines)] : []),
  ];
  const table = renderTable(['NODE', 'RESULT', 'TIME', 'WHY'], machines.map(rowOf));
  return `${[table, ...notes.filter((note) => note !== '')].join('\n')}\n`;
}

function rowOf(machine: Machine): readonly string[] {
  const { name, verdict, reason, bootState } = machine;
  const elapsedMs = elapsedOf(machine);
  return [
    name,
    verdict === 'waiting' ? 'not started' : verdict,
    elapsedMs === undefined ? dash : renderTime(elapsedMs),
    reason ?? (verdict === 'running' ? `its state is ${bootState}` : ''),
  ];
}

/** Those that are done must not be installed once more. */
function renderHowToGoOn(machines: readonly Machine[]): string {
  const starts = machines.flatMap(({ startedAtMs }) => startedAtMs ?? []);
  const beganAtMs = starts.reduce((first, each) => Math.min(first, each), Date.now());
  const hours = Math.floor((Date.now() - beganAtMs) / 3_600_000) + 1;
  return `stopped; to go on: the same command with --skip-younger ${hours}h, so that those that are done are left alone`;
}

function renderNames(names: readonly string[]): string {
  const rest = names.length - shownNames;
  return `${names.slice(0, shownNames).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}

function elapsedOf({
  startedAtMs,
  endedAtMs,
}: Pick<Machine, 'startedAtMs' | 'endedAtMs'>): number | undefined {
  if (startedAtMs === undefined || endedAtMs === undefined) return undefined;
  return endedAtMs - startedAtMs;
}

/** `3 min 12 s` */
function renderTime(elapsedMs: number): string {
  const seconds = Math.round(elapsedMs / 1000);
  if (seconds < 60) return `${seconds} s`;
  const rest = seconds % 60;
  return `${Math.floor(seconds / 60)} min${rest === 0 ? '' : ` ${rest} s`}`;
}
