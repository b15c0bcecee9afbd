import type { ComponentChildren } from 'preact';

type Props = { readonly label: string; readonly children: ComponentChildren };

/** What is longer than its place, and can be scrolled by keys, too. */
export function Scroll({ label, children }: Props) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: without it nobody could scroll it by keys
    <section class="scroll" tabIndex={0} aria-label={label}>
      {children}
    </section>
  );
}

/** A text as it is. */
export function Text({ label, children }: { readonly label: string; readonly children: string }) {
  return (
    <Scroll label={label}>
      <pre>{children}</pre>
    </Scroll>
  );
}
