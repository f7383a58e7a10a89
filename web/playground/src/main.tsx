import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './App';
import { returned } from '../../sign-in/return';
import './style.css';

const root = createRoot(document.getElementById('root')!);

const { user, fault } = await returned();
if (user !== undefined) {
  history.replaceState(null, '', `${location.pathname}${String(user.kept)}`);
}
root.render(
  <StrictMode>
    <App first={user} fault={fault} />
  </StrictMode>,
);
