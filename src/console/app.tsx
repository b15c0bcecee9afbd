import { useEffect } from 'preact/hooks';
import { type Route, route } from './data/route.ts';
import { lookWhoIsAsking, type Operator, session } from './data/session.ts';
import { useStore } from './data/store.ts';
import { startWatching } from './data/watch.ts';
import { MachinePage } from './machine/machine-page.tsx';
import { DiscoverPage } from './pages/discover-page.tsx';
import { SignIn } from './pages/sign-in.tsx';
import { TreesPage } from './pages/trees-page.tsx';
import { Header } from './parts/header.tsx';
import { Empty, Problem } from './parts/notices.tsx';
import { RacksPage } from './racks/racks-page.tsx';
import { RunPage } from './run/run-page.tsx';

/** The whole console: who is asking comes first. */
export function App() {
  const now = useStore(session);
  switch (now.kind) {
    case 'asking':
      return <p class="notice late">Asking the frontend …</p>;
    case 'away':
      return <Problem reason={now.reason} onAgain={() => void lookWhoIsAsking()} />;
    case 'out':
      return <SignIn reason={now.reason} />;
    case 'in':
      return <SignedIn operator={now.operator} />;
  }
}

function SignedIn({ operator }: { readonly operator: Operator }) {
  useEffect(startWatching, []);
  const where = useStore(route);
  useEffect(() => {
    document.title = `${titleOf(where)} – Scree`;
  }, [where]);
  return (
    <>
      <Header operator={operator} where={where} />
      <main>
        <Page where={where} />
      </main>
    </>
  );
}

function Page({ where }: { readonly where: Route }) {
  switch (where.page) {
    case 'racks':
      return <RacksPage />;
    case 'machine':
      return <MachinePage key={where.name} name={where.name} />;
    case 'run':
    case 'runs':
      return <RunPage />;
    case 'trees':
      return <TreesPage />;
    case 'discover':
      return <DiscoverPage />;
    case 'nowhere':
      return (
        <Empty text="There is no such page.">
          <a href="#/">To the racks</a>
        </Empty>
      );
  }
}

const titles = {
  racks: 'Racks',
  run: 'Install',
  runs: 'Install',
  trees: 'Trees',
  discover: 'Discover',
};

function titleOf(where: Route): string {
  if (where.page === 'machine') return where.name;
  return where.page === 'nowhere' ? 'No such page' : titles[where.page];
}
