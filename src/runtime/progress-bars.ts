import cliProgress from 'cli-progress';

/** Live bars on a terminal, one per line. */
export type ProgressBars = {
  /** Sets a bar: `fraction` from 0 to 1, and the texts on both sides of it. */
  readonly set: (at: number, bar: ProgressBar) => void;
  /** Leaves the bars as they are, and gives the cursor back. */
  readonly close: () => void;
};

export type ProgressBar = {
  readonly fraction: number;
  readonly before: string;
  readonly behind: string;
};

const framesPerSecond = 10;
/** Finer than any terminal is wide. */
const steps = 1_000;
const widestBar = 40;

/**
 * Draws `count` bars; they have to fit the terminal's rows. `textWidth` is what the texts of one
 * line may take of its columns.
 */
export function createProgressBars(
  stream: NodeJS.WriteStream,
  { count, textWidth }: { readonly count: number; readonly textWidth: number },
): ProgressBars {
  const multiBar = new cliProgress.MultiBar(
    {
      stream,
      format: '{before} {bar} {behind}',
      barsize: Math.max(4, Math.min(widestBar, stream.columns - textWidth - 3)),
      fps: framesPerSecond,
      hideCursor: true,
      // What ends a program is that program's business.
      gracefulExit: false,
    },
    cliProgress.Presets.shades_classic,
  );
  const bars = Array.from({ length: count }, () =>
    multiBar.create(steps, 0, { before: '', behind: '' }),
  );
  return {
    set: (at, { fraction, before, behind }) =>
      bars[at]?.update(Math.round(fraction * steps), { before, behind }),
    close: () => multiBar.stop(),
  };
}
