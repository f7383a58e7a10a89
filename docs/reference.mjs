// The pages of docs/reference, made from what the program is made of: `node docs/reference.mjs` writes them,
// and a test compares them. The page of commands needs the built program: `node docs/reference.mjs cli`.
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const text = path => readFileSync(ROOT + path, 'utf8');
const cell = words => words.replaceAll('|', '\\|').replace(/\s+/g, ' ');

/**
 * The defaults of keys that the schema does not require. `DocumentedDefaultsTest` compares the values with the reader.
 */
const DEFAULTS = {
  'token.ttl': '`1h`', 'token.within-session': '`false`',
  'authentication[].oidc.audience': 'none; this or `client-id` is required',
  'authentication[].oidc.client-id': 'none; this or `audience` is required',
  'authentication[].oidc.web-client-id': 'none; users paste a JWT', 'authentication[].oidc.jwks-uri': 'from the discovery document', 'authentication[].oidc.groups-claim': '`groups`',
  'authentication[].oidc.required': 'only while no issuer’s keys can be used', 'authentication[].oidc.trusted-claims': '`[]`',
  'authentication[].cognito.region': 'required; on AWS, the stack’s', 'authentication[].cognito.user-pool-id': 'required; on AWS, the stack’s',
  'authentication[].cognito.client-id': 'required; on AWS, the stack’s', 'authentication[].cognito.issuer': 'the pool’s',
  'authentication[].cognito.jwks-uri': 'the pool’s', 'authentication[].cognito.required': 'only while no issuer’s keys can be used',
  'authentication[].cognito.trusted-claims': '`[]`', parameters: '`{}`',
  'parameters.NAME.required': '`true`',
  'rules[].when': 'every caller', 'rules[].when.groups': 'any', 'rules[].when.claims': 'any', 'rules[].when.claims.NAME': 'none',
  'rules[].ttl': 'that of `token.ttl`', 'rules[].token-id': '`${subject}`; none for anonymous callers', 'rules[].reuse': '`never`',
 
  'rules[].permissions[].item': '`all`, with a warning', 'rules[].permissions[].topic': 'required for topic roles',
  'rules[].permissions[].function': 'required for `Invoke`', 'limits.per-caller': 'no limit, with a warning',
  'limits.per-address': 'no limit, with a warning', deny: '`[]`', blocks: 'no list', 'deny[].subject': 'any', 'deny[].issuer': 'any', 'deny[].groups': 'any', 'deny[].claims': 'any', 'deny[].claims.NAME': 'none', 'deny[].addresses': 'any', 'deny[].until': 'never', 'deny[].note': 'none', 'limits.rejections-per-address': '`300/m`', 'limits.connections-per-address': '`200`',
  'limits.trusted-proxies': '`[]`', 'momento.api-key': 'none: local use', 'momento.endpoint': 'from the key',
  'momento.token-service': 'from key and endpoint', 'momento.budget': '`5/s`', 'momento.max-wait': '`2s`', state: '`memory`; on AWS, the stack’s table',
  'max-instances': 'none: 503 while the shared state is unavailable', cors: 'no pages', audit: '`{ to: stdout }`', 'audit.claims': '`[]`',
  'server.host': '`127.0.0.1`', 'server.port': '`8080`', 'server.allowed-hosts': '`[]`', 'server.tls': 'plain HTTP',
  'server.management-port': 'none', 'server.demo-pages': '`true` in local use, else `false`', 'server.token-exchange': 'none',
  'aws.front': '`rest`', 'aws.domain': 'the API’s own', 'aws.throttle': 'from budget and limits',
  'aws.rate-per-address': 'no WAF', 'aws.reserved-concurrency': 'none', 'aws.memory': '`1024`',
  'aws.log-retention': '`365`', 'aws.alarm-topic': 'none', 'aws.access-tokens': '`false`', 'aws.gateway-log-role': '`true`', 'aws.permissions-boundary': 'none',
  'aws.qualifier': 'the CDK’s', 'aws.tags': '`{}`', 'aws.tags.NAME': 'none', 'aws.kms-keys': '`[]`', 'aws.keep-versions': '`false`', 'aws.keep-warm': '`false`', 'aws.metrics': '`true`', 'aws.canary': '`false`',
};

/** How a value is written, by the pattern that it must match. */
const FORMS = [
  [/\(s\|m\|h\)\$$/, value => (value.includes('/') ? 'rate: `30/m`, per `s`, `m` or `h`' : 'duration: `90s`, `15m`, `1h`')],
  [/\(ms\|s\|m\|h\)/, () => 'duration: `500ms`, `2s`'],
  [/^\^https\?/, () => 'URL'],
  [/env\|file/, () => 'reference: `env:NAME`, `file:PATH`, `aws-secret:NAME`'],
  [/file\|aws-secret/, () => 'reference: `file:PATH`, `aws-secret:NAME`'],
  [/stdout/, () => '`stdout` or `file:PATH`'],
  [/\^file:/, () => 'reference: `file:PATH`'],
  [/memory/, () => '`memory`, `redis://…`, `rediss://…`, `env:NAME`, `dynamodb`, `dynamodb:TABLE`'],
];

function form(node) {
  if (node.pattern) return FORMS.find(([shape]) => shape.test(node.pattern))?.[1](node.pattern) ?? 'text';
  if (node.enum) return node.enum.map(value => `\`${value}\``).join(', ');
  if (node.type === 'array') return `list of ${node.items?.pattern || node.items?.type === 'string' ? 'texts' : 'entries'}`;
  if (node.type === 'object') return 'section';
  if (node.anyOf) return [...new Set(node.anyOf.map(form))].join(' or ');
  return { string: 'text', integer: 'number', boolean: '`true`, `false`' }[node.type] ?? 'text';
}

export function configurationKeys() {
  const rows = [];
  const used = new Set();
  const walk = (path, node, required = false) => {
    if (path && node.description) {
      const own = required || Object.hasOwn(DEFAULTS, path);
      used.add(path);
      const section = node.type === 'object' && !own;
      if (!own && !section && !/\.(name|prefix|key|key-prefix|open)$/.test(path)) throw new Error(`${path}: no default in docs/reference.mjs`);
      rows.push(`| \`${path}\` | ${form(node)} | ${required ? 'required' : own ? DEFAULTS[path] : ''} | ${cell(own ? node.description.replace(/ Default: .*?\.(?= |$)/, '') : node.description)} |`);
    }
    for (const [name, child] of Object.entries(node.properties ?? {})) walk(path ? `${path}.${name}` : name, child, node.required?.includes(name) ?? false);
    if (typeof node.items === 'object') walk(`${path}[]`, node.items);
    for (const child of node.anyOf ?? []) if (child.properties || child.items) walk(path, { ...child, description: undefined });
    if (typeof node.additionalProperties === 'object') walk(`${path}.NAME`, node.additionalProperties);
  };
  walk('', JSON.parse(text('tvm.schema.json')));
  const unknown = Object.keys(DEFAULTS).filter(path => !used.has(path) && !/NAME$|claims\.NAME/.test(path) && !path.startsWith('parameters.NAME'));
  if (unknown.length > 0) throw new Error(`defaults of keys that do not exist: ${unknown.join(', ')}`);
  return `# Configuration keys\n\nEvery key of \`tvm.yaml\`. [Configuration](../configuration.md) explains how they work together. This page comes from \`tvm.schema.json\`.\n\n` +
    `| Key | Value | Default | Meaning |\n|---|---|---|---|\n${rows.join('\n')}\n`;
}

/** Returns the constants of an enum whose arguments are numbers and strings. */
function constants(source) {
  const rest = source.slice(source.indexOf('{', source.search(/enum \w+/)) + 1);
  const body = rest.slice(0, rest.search(/\);\s*\n/) + 1).replace(/\/\*\*[\s\S]*?\*\//g, '');
  return [...body.matchAll(/([A-Z0-9_]+)\(((?:"(?:\\.|[^"\\])*"|[^()"])*)\)/g)].map(([, name, list]) => ({
    name,
    values: [...list.matchAll(/((?:"(?:\\.|[^"\\])*"\s*\+?\s*)+)|(\d+)/g)].map(([, texts, number]) =>
      texts ? [...texts.matchAll(/"((?:\\.|[^"\\])*)"/g)].map(([, part]) => part).join('') : Number(number)),
  }));
}

export function metrics() {
  const found = constants(text('vending/src/main/java/tokenvending/observation/Metric.java')).filter(({ values }) => values.length === 2);
  const rows = found.map(({ values: [name, meaning] }) => `| \`${name}\` | ${cell(meaning)} | ${name.endsWith('_total') ? 'counter' : /(_duration|budget_wait)_seconds$/.test(name) ? 'histogram' : 'gauge'} |`);
  return `# Metrics\n\nAll metrics, with the help text that Prometheus shows. [Operations](../operations.md#metrics) has units, labels and alerts. This page comes from \`Metric\`.\n\n| Metric | Meaning | Kind |\n|---|---|---|\n${rows.join('\n')}\n`;
}

export function errors() {
  const rows = constants(text('api/src/main/java/tokenvending/api/Problem.java')).map(({ values: [status, kind, title, detail] }) =>
    `| ${status} | [\`${kind}\`](../guides/troubleshoot.md#${kind}) | ${title} | ${cell(detail)} |`);
  return `# Errors\n\nAn error response has a problem document (RFC 9457): \`type\`, \`title\`, \`status\`, \`detail\`, and the request id in \`instance\`. \`type\` is \`urn:problem-type:tokenvending:\` and the word below, which leads to causes and repairs. In local use \`detail\` of a 400 or 403 names the reason. This page comes from \`Problem\`.\n\n` +
    `| Status | \`type\` | \`title\` | \`detail\` |\n|---|---|---|---|\n${rows.join('\n')}\n`;
}

export function auditEvent() {
  const schema = JSON.parse(text('docs/reference/audit-event.schema.json'));
  const rows = Object.entries(schema.properties).map(([name, { type, description }]) =>
    `| \`${name}\` | ${type} | ${schema.required.includes(name) ? 'yes' : ''} | ${cell(description)} |`);
  return `# Audit event\n\nOne line of the audit log is one JSON object. This page comes from [audit-event.schema.json](audit-event.schema.json), and a test validates real events with it. [HTTP API](../http-api.md#audit-log) explains when an event is written.\n\n` +
    `| Member | Type | Always | Meaning |\n|---|---|---|---|\n${rows.join('\n')}\n`;
}

export const COMMANDS = ['serve', 'init', 'check', 'explain', 'vend', 'inspect', 'audit', 'block', 'unblock', 'blocks', 'local', 'hash-password', 'health', 'schema', 'completion'];

export function commands(launcher = `${ROOT}tvm`) {
  const parts = COMMANDS.map(name => {
    const { stdout, status, stderr } = spawnSync(launcher, [name, '--help'], { encoding: 'utf8', env: { ...process.env, COLUMNS: '80', TVM_PAGES: 'no' } });
    if (status !== 0) throw new Error(`tvm ${name} --help: ${stderr}`);
    return `## tvm ${name}\n\n\`\`\`text\n${stdout.trimEnd()}\n\`\`\`\n`;
  });
  return `# Commands\n\nWhat \`./tvm COMMAND --help\` prints. \`./tvm help\` lists all commands, those for AWS, tests and benchmarks too.\n\n${parts.join('\n')}`;
}

export const PAGES = { 'configuration-keys.md': configurationKeys, 'metrics.md': metrics, 'errors.md': errors, 'audit-event.md': auditEvent };

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const [name, make] of Object.entries(PAGES)) writeFileSync(`${ROOT}docs/reference/${name}`, make());
  if (process.argv[2] === 'cli') writeFileSync(`${ROOT}docs/reference/cli.md`, commands(process.env.TVM));
}
