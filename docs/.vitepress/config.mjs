// The documentation as a site: `npm run build` in docs/ writes docs/.vitepress/dist. The site loads nothing from
// other hosts.
import { cpSync, existsSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitepress';

const DOCS = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '');

const page = (text, link) => ({ text, link });
const identity = ['Auth0', 'Cognito', 'Keycloak', 'Entra ID', 'Okta', 'Clerk', 'Supabase'].map(name =>
  page(name, `/guides/identity/${name.toLowerCase().replace(' ', '-')}`));

/**
 * Replaces links to files outside the documentation, such as sources and examples, by their text, because the site
 * does not contain those files.
 */
function plainOutside(md) {
  md.core.ruler.push('plain-outside', state => {
    const from = dirname(resolve(DOCS, state.env.relativePath ?? 'index.md'));
    for (const token of state.tokens) {
      if (!token.children) continue;
      let leaves = false;
      for (const child of token.children) {
        if (child.type === 'link_open') {
          const target = child.attrGet('href').split('#')[0];
          const at = resolve(from, target);
          leaves = /^\.{0,2}\/?[\w.]/.test(target) && !/^[a-z]+:/.test(target) && (!at.startsWith(`${DOCS}/`) || (existsSync(at) && statSync(at).isDirectory()));
        }
        if (leaves && (child.type === 'link_open' || child.type === 'link_close')) {
          if (child.type === 'link_close') leaves = false;
          Object.assign(child, { type: 'text', tag: '', attrs: null, content: '', nesting: 0 });
        }
      }
    }
  });
}

/** Linked files that are not pages. */
const DOWNLOADS = ['openapi.yaml', 'operations/alerts.yaml', 'operations/dashboard.json', 'reference/audit-event.schema.json', 'test/words.json'];

export default defineConfig({
  title: 'Token vending machine for Momento',
  description: 'Short-lived Momento tokens for browsers, phones and devices',
  lang: 'en-US',
  cleanUrls: false,
  srcExclude: ['node_modules/**', 'test/**'],
  head: [['meta', { name: 'referrer', content: 'no-referrer' }]],
  markdown: { config: plainOutside },
  buildEnd: ({ outDir }) => DOWNLOADS.forEach(file => cpSync(join(DOCS, file), join(outDir, file))),
  themeConfig: {
    search: { provider: 'local' },
    outline: [2, 3],
    nav: [page('Guides', '/guides/get-started'), page('Reference', '/configuration'), page('How it works', '/architecture')],
    sidebar: [
      {
        text: 'Guides',
        items: [
          page('Get started', '/guides/get-started'),
          page('Use it in a browser app', '/guides/browser-app'),
          { text: 'Your identity provider', link: '/guides/identity/', collapsed: true, items: identity },
          page('Migrate from the Node machine', '/guides/migrate-from-node'),
          page('Many users at once', '/guides/many-users'),
          page('Rotate keys', '/guides/rotate-keys'),
          page('Block a user', '/guides/block-a-user'),
          page('Install', '/install'),
          page('Deploy on AWS', '/deploying-on-aws'),
          page('Operations', '/operations'),
          page('Troubleshoot', '/guides/troubleshoot'),
        ],
      },
      {
        text: 'Reference',
        items: [
          page('Configuration', '/configuration'),
          page('Configuration keys', '/reference/configuration-keys'),
          page('HTTP API', '/http-api'),
          page('Commands', '/reference/cli'),
          page('momento-local', '/momento-local'),
          page('Metrics', '/reference/metrics'),
          page('Errors', '/reference/errors'),
          page('Errors of the browser library', '/guides/browser-errors'),
          page('Audit event', '/reference/audit-event'),
          page('Glossary', '/glossary'),
        ],
      },
      {
        text: 'How it works',
        items: [
          page('Architecture', '/architecture'),
          page('Rate budget', '/rate-budget'),
          page('Threat model', '/threat-model'),
          page('Performance', '/performance'),
          page('Scaling', '/scaling'),
          page('Decisions', '/adr/'),
        ],
      },
    ],
  },
});
