import { useRef, useState } from 'preact/hooks';
import { messageOf } from '../data/api.ts';
import { signIn } from '../data/session.ts';

/** With a token of `scree token create`, which is sent once and kept nowhere on this machine. */
export function SignIn({ reason }: { readonly reason: string | undefined }) {
  const field = useRef<HTMLInputElement>(null);
  const [problem, setProblem] = useState(reason);
  const [isBusy, setBusy] = useState(false);
  const enter = async (): Promise<void> => {
    setBusy(true);
    try {
      await signIn(field.current?.value.trim() ?? '');
    } catch (error) {
      setProblem(messageOf(error));
      setBusy(false);
      field.current?.select();
    }
  };
  return (
    <main class="sign-in">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void enter();
        }}
      >
        <h1>
          <img src="/console/icon.svg" alt="" width="32" height="32" /> Scree
        </h1>
        <label>
          Operator’s token
          <input ref={field} type="password" autocomplete="current-password" required autofocus />
        </label>
        {problem !== undefined && (
          <p class="problem" role="alert">
            {problem}
          </p>
        )}
        <button type="submit" class="primary" disabled={isBusy}>
          Sign in
        </button>
        <p class="muted">
          On the frontend: <code>scree token create NAME --scope boot</code>
        </p>
      </form>
    </main>
  );
}
