// deploy/kubernetes and deploy/helm: what kubectl and helm make of them, by Kubernetes' own schemas.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import { byName, DEPLOY, helm, kustomize, lint, NO_TOOLS, text, VERSION } from '../../support/deploy.mjs';
import { ROOT } from '../../support/guide.mjs';

const MODULES = join(ROOT, 'e2e/node/node_modules');

/** The component as an overlay of its own. */
function monitored(base) {
  const folder = mkdtempSync(join(DEPLOY, '../target/monitored-'));
  try {
    const to = name => `../../deploy/kubernetes/${name}`;
    writeFileSync(join(folder, 'kustomization.yaml'), JSON.stringify({ resources: [to(base)], components: [to('components/monitoring')] }));
    return kustomize(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const SHARED = ['--set', 'valkey.enabled=true'];
const MONITORED = ['--set', 'serviceMonitor.enabled=true'];

/** What there is, by the command that makes it. */
const sets = NO_TOOLS ? {} : {
  base: { kustomize: kustomize('kubernetes/base'), helm: helm() },
  'overlays/valkey': { kustomize: kustomize('kubernetes/overlays/valkey'), helm: helm(...SHARED) },
  'overlays/valkey with monitoring': { kustomize: monitored('overlays/valkey'), helm: helm(...SHARED, ...MONITORED) },
};

test('every object has the form that Kubernetes and its operators define', { skip: NO_TOOLS }, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tvm-manifests-'));
  try {
    // The schemas accept members that they do not know, such as a misspelled one. The compiler rejects them in a literal.
    const lines = [];
    for (const [index, object] of Object.values(sets).flatMap(set => [...set.kustomize, ...set.helm]).entries()) {
      const models = object.kind === 'ServiceMonitor' ? '@kubernetes-models/prometheus-operator' : 'kubernetes-models';
      const module = `${models}/${object.apiVersion}/${object.kind}`;
      const { [object.kind]: Model } = await import(module);
      new Model(object).validate();
      lines.push(`import type { I${object.kind} as Kind${index} } from '${module}';`, `export const object${index}: Kind${index} = ${JSON.stringify(object)};`);
    }
    assert.ok(lines.length > 60, `${lines.length}`);
    writeFileSync(join(folder, 'manifests.ts'), lines.join('\n'));
    symlinkSync(MODULES, join(folder, 'node_modules'));
    const options = ['--noEmit', '--strict', '--skipLibCheck', '--target', 'esnext', '--module', 'esnext', '--moduleResolution', 'bundler'];
    try {
      execFileSync(join(ROOT, 'web/node_modules/.bin/tsc'), [...options, 'manifests.ts'], { cwd: folder, encoding: 'utf8' });
    } catch (error) {
      assert.fail(error.stdout);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('the chart makes the same objects as Kustomize', { skip: NO_TOOLS }, () => {
  // Helm's own labels, and the default that Kubernetes sets.
  const common = objects =>
    JSON.parse(JSON.stringify(byName(objects)), (name, value) =>
      ['app.kubernetes.io/instance', 'app.kubernetes.io/managed-by', 'helm.sh/chart', 'imagePullPolicy'].includes(name) || (name === 'type' && value === 'ClusterIP') ? undefined : value);
  for (const [name, set] of Object.entries(sets)) assert.deepEqual(common(set.helm), common(set.kustomize), name);
});

test('the chart has no warning, rejects values that it does not know, and takes a policy', { skip: NO_TOOLS }, () => {
  lint();
  lint(...SHARED, ...MONITORED);
  assert.throws(() => helm('--set', 'valky.enabled=true'), /'valky' not allowed/);
  assert.throws(() => helm('--set', 'autoscaling.maxReplicas=many'), /maxReplicas/);
  const policy = 'authentication:\n  - open: {}\n';
  const folder = mkdtempSync(join(tmpdir(), 'tvm-policy-'));
  writeFileSync(join(folder, 'tvm.yaml'), policy);
  assert.equal(byName(helm('--set-file', `policy=${join(folder, 'tvm.yaml')}`))['ConfigMap/tvm'].data['tvm.yaml'], policy);
  rmSync(folder, { recursive: true });
});

test('an instance has the time to stop, reads what is mounted as it changes, and all instances fit their share', { skip: NO_TOOLS }, () => {
  const objects = byName(sets['overlays/valkey'].kustomize);
  const { template } = objects['Deployment/tvm'].spec;
  const [server] = template.spec.containers;
  // docs/operations.md: within 15 s under load.
  assert.ok(template.spec.terminationGracePeriodSeconds > server.lifecycle.preStop.sleep.seconds + 15);
  assert.ok(server.volumeMounts.every(mount => mount.subPath === undefined));

  const policy = parse(objects['ConfigMap/tvm'].data['tvm.yaml']);
  assert.equal(policy.server.port, server.ports.find(port => port.name === 'http').containerPort);
  assert.equal(policy.server['management-port'], `0.0.0.0:${server.ports.find(port => port.name === 'management').containerPort}`);
  const folders = server.volumeMounts.map(mount => mount.mountPath);
  assert.ok(folders.some(folder => policy.momento['api-key'].startsWith(`file:${folder}/`)));
  assert.ok(objects['HorizontalPodAutoscaler/tvm'].spec.maxReplicas + objects['Deployment/tvm'].spec.strategy.rollingUpdate.maxSurge <= policy['max-instances']);
  assert.ok(policy['max-instances'] <= 5, 'a share of the budget of 5/s is at least one call');
  assert.equal(new URL(policy.state).hostname, objects['Service/tvm-valkey'].metadata.name);
  assert.equal(Number(new URL(policy.state).port), objects['Service/tvm-valkey'].spec.ports[0].port);
});

test('the version is that of the product, everywhere', () => {
  const chart = parse(text('helm/tvm/Chart.yaml'));
  assert.equal(chart.version, VERSION);
  assert.equal(chart.appVersion, VERSION);
  const files = readdirSync(DEPLOY, { recursive: true, withFileTypes: true }).filter(entry => entry.isFile()).map(entry => join(entry.parentPath ?? entry.path, entry.name));
  const images = files.flatMap(file => [...readFileSync(file, 'utf8').matchAll(/\btvm:(\d\S*)/g)].map(([, version]) => version));
  assert.ok(images.length > 0);
  assert.deepEqual([...new Set(images)], [VERSION]);
});
