import { useState } from 'preact/hooks';

type Theme = 'auto' | 'light' | 'dark';

const themes: readonly Theme[] = ['auto', 'light', 'dark'];
const key = 'scree-theme';
const signs = { auto: '◐', light: '☀', dark: '☾' };

function readTheme(): Theme {
  try {
    return themes.find((each) => each === localStorage.getItem(key)) ?? 'auto';
  } catch {
    // The browser keeps nothing for this page.
    return 'auto';
  }
}

export function restoreTheme(): void {
  document.documentElement.dataset.theme = readTheme();
}

export function ThemeButton() {
  const [theme, setTheme] = useState(readTheme);
  const next = themes[(themes.indexOf(theme) + 1) % themes.length] ?? 'auto';
  const take = (): void => {
    try {
      localStorage.setItem(key, next);
    } catch {
      // Then it is so until the page is left.
    }
    document.documentElement.dataset.theme = next;
    setTheme(next);
  };
  return (
    <button
      type="button"
      class="plain"
      onClick={take}
      aria-label={`Colours: ${theme}; change to ${next}`}
    >
      {signs[theme]}
    </button>
  );
}
