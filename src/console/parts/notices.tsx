import type { ComponentChildren } from 'preact';

/** While nothing is known yet. It is not shown at once: most answers come sooner. */
export function Loading({ what }: { readonly what: string }) {
  return (
    <p class="notice late" role="status">
      Asking for {what} …
    </p>
  );
}

export function Empty({
  text,
  children,
}: {
  readonly text: string;
  readonly children?: ComponentChildren;
}) {
  return (
    <div class="notice">
      <p>{text}</p>
      {children}
    </div>
  );
}

export function Problem({
  reason,
  onAgain,
}: {
  readonly reason: string;
  readonly onAgain?: () => void;
}) {
  return (
    <div class="notice problem" role="alert">
      <p>{reason}</p>
      {onAgain !== undefined && (
        <button type="button" onClick={onAgain}>
          Try again
        </button>
      )}
    </div>
  );
}
