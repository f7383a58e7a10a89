import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './App';
import { load } from './settings';
import './style.css';

const root = createRoot(document.getElementById('root')!);

load(import.meta.env, document.baseURI).then(
  settings =>
    root.render(
      <StrictMode>
        <App settings={settings} />
      </StrictMode>,
    ),
  () => root.render(<p className="alert alone" role="alert">The settings of this page could not be loaded. Is the server running?</p>),
);
