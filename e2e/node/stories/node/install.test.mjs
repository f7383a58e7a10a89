// docs/install.md on Kubernetes and Helm; stories/release follows what needs the tarball.
import { chmodSync, cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { DEPLOY, NO_TOOLS, tool } from '../../support/deploy.mjs';
import { follow } from '../../support/guide.mjs';

/** The folder `deploy/` and an API key, and kubectl and helm without a cluster: they print what they would send to one. */
function withoutCluster(folder) {
  cpSync(DEPLOY, join(folder, 'deploy'), { recursive: true, verbatimSymlinks: true });
  writeFileSync(join(folder, 'api-key'), 'key');
  const programs = {
    kubectl: `case "$1 $2" in 'apply -k') exec '${tool('kubectl')}' kustomize "$3" ;; esac\nexec '${tool('kubectl')}' "$@" --dry-run=client --output yaml`,
    helm: `shift\nexec '${tool('helm')}' template "$@"`,
  };
  mkdirSync(join(folder, 'bin'));
  for (const [name, script] of Object.entries(programs)) {
    writeFileSync(join(folder, 'bin', name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(folder, 'bin', name), 0o755);
  }
  return { PATH: `${join(folder, 'bin')}:/usr/bin:/bin` };
}

for (const section of ['Kubernetes', 'Helm']) {
  test(`the page Install does what it says about ${section}`, { skip: NO_TOOLS }, () => follow('install.md', () => {}, { section, prepare: withoutCluster }));
}
