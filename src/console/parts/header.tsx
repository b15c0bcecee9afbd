import type { Route } from '../data/route.ts';
import { type Operator, signOut } from '../data/session.ts';
import { useStore } from '../data/store.ts';
import { liveStatus } from '../data/watch.ts';
import { ThemeButton } from './theme.tsx';

const links = [
  { page: 'racks', href: '#/', text: 'Racks' },
  { page: 'run', href: '#/run', text: 'Install' },
  { page: 'trees', href: '#/trees', text: 'Trees & profiles' },
  { page: 'discover', href: '#/discover', text: 'Discover' },
] as const;

export function Header({
  operator,
  where,
}: {
  readonly operator: Operator;
  readonly where: Route;
}) {
  const isByToken = operator.who.startsWith('token:');
  return (
    <header>
      <a class="brand" href="#/">
        <img src="/console/icon.svg" alt="" width="22" height="22" />
        Scree
      </a>
      <nav aria-label="Console">
        {links.map(({ page, href, text }) => (
          <a key={page} href={href} aria-current={isAt(where, page) ? 'page' : undefined}>
            {text}
          </a>
        ))}
        <a href="/stats">Tracker</a>
      </nav>
      <Connection />
      <span class="who" title={`May: ${operator.scope}`}>
        {operator.who.replace(/^token:/, '')} <small>({operator.scope})</small>
      </span>
      {isByToken && (
        <button type="button" class="plain" onClick={() => void signOut()}>
          Sign out
        </button>
      )}
      <ThemeButton />
    </header>
  );
}

function isAt({ page }: Route, link: string): boolean {
  return (
    page === link || (page === 'machine' && link === 'racks') || (page === 'runs' && link === 'run')
  );
}

const texts = {
  live: 'live',
  connecting: 'connecting …',
  lost: 'The frontend is away. What you see is from before; it is tried again.',
  paused: 'paused',
};

/** Whether what is shown is so now. */
function Connection() {
  const status = useStore(liveStatus);
  return (
    <span class={`connection ${status}`} role="status">
      {texts[status]}
    </span>
  );
}
