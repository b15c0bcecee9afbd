import { render } from 'preact';
import './console.css';
import { App } from './app.tsx';
import { lookWhoIsAsking } from './data/session.ts';
import { restoreTheme } from './parts/theme.tsx';

restoreTheme();
void lookWhoIsAsking();
const place = document.getElementById('console');
if (place !== null) render(<App />, place);
