import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './App';
import { Session } from './session';
import type { Destination } from './session';
import { load } from './settings';
import { returned } from '../../sign-in/return';
import './style.css';

const root = createRoot(document.getElementById('root')!);

Promise.all([load(import.meta.env, document.baseURI), returned()]).then(
  ([settings, back]) => {
    const first =
      back.user && new Session({ ...(back.user.kept as Destination), url: settings.url, credentials: back.user.credentials, settings });
    root.render(
      <StrictMode>
        <App settings={settings} first={first} fault={back.fault} />
      </StrictMode>,
    );
  },
  () => root.render(<p className="alert alone" role="alert">The settings of this page could not be loaded. Is the server running?</p>),
);
