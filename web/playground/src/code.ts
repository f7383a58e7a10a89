import type { Attempt } from './attempt';
import type { Caller, Settings, Token, Wish } from './machine';
import { query } from './machine';
import { parsePermission } from './permission';

export const LANGUAGES = ['curl', 'Browser', 'React', 'Node.js', 'Java'] as const;
export type Language = (typeof LANGUAGES)[number];

/** What a program does with its token. */
export type Use =
  | { readonly kind: 'topics'; readonly cache: string; readonly name: string; readonly value: string; readonly subscribe: boolean; readonly publish: boolean }
  | { readonly kind: 'items'; readonly cache: string; readonly name: string; readonly value: string; readonly get: boolean; readonly set: boolean };

/** Returns what was tried last; before that, what the first permission allows. */
export function useOf(last: Attempt | undefined, token: Token | undefined, settings: Settings): Use {
  if (last !== undefined) {
    const { call, cache, name, value } = last;
    return call === 'publish' || call === 'subscribe'
      ? { kind: 'topics', cache, name, value, subscribe: call === 'subscribe', publish: call === 'publish' }
      : { kind: 'items', cache, name, value, get: call === 'get', set: call === 'set' };
  }
  const all = (token?.permissions ?? []).map(parsePermission);
  const topics = all.find(one => one.kind === 'topics');
  const permission = topics ?? all.find(one => one.kind === 'items');
  const can = (what: string) => permission === undefined || permission.may.includes(what);
  const { cache, name } = resource(permission === undefined || topics !== undefined ? 'topics' : 'items', token, settings);
  return permission === undefined || topics !== undefined
    ? { kind: 'topics', cache, name, value: 'hello', subscribe: can('subscribe'), publish: can('publish') }
    : { kind: 'items', cache, name, value: 'hello', get: can('get'), set: can('set') };
}

/** Returns a resource that the token can use, or one that the file names. */
export function resource(kind: 'items' | 'topics', token: Token | undefined, settings: Settings): { cache: string; name: string } {
  const usual = kind === 'topics' ? 'hello' : 'greeting';
  const permission = (token?.permissions ?? []).map(parsePermission).find(one => one.kind === kind);
  if (permission === undefined) {
    return { cache: settings.cache, name: usual };
  }
  const { cache, target } = permission;
  return {
    cache: cache.all ? settings.cache : cache.name,
    name: target.all ? usual : target.prefix ? target.name + usual : target.name,
  };
}

const shell = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;
const script = (text: string) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'").replaceAll('\n', '\\n')}'`;
/** JSON's escapes are those of Java. */
const java = (text: string) => JSON.stringify(text);

/** Returns the request as a curl command without secrets: curl prompts for a password, or reads a variable. */
export function curl(origin: string, caller: Caller, wish: Wish): string {
  const parts = ['curl'];
  switch (caller.kind) {
    case 'password':
      parts.push(`--user ${shell(caller.user)}`);
      break;
    case 'jwt':
    case 'signed-in':
    case 'cognito':
      parts.push('--header "Authorization: Bearer $JWT"');
      break;
    case 'simulated':
      return explainCommand(caller, wish);
    case 'nobody':
      break;
  }
  parts.push(shell(`${origin}/${query(wish)}`));
  // One line if it fits.
  return parts.length > 2 ? parts.join(' \\\n  ') : parts.join(' ');
}

function explainCommand(caller: Extract<Caller, { kind: 'simulated' }>, wish: Wish): string {
  const claims = [
    ...(caller.subject === '' ? [] : [`sub=${caller.subject}`]),
    ...caller.groups.split(',').map(group => group.trim()).filter(Boolean).map(group => `groups=${group}`),
    ...caller.claims.split('\n').map(line => line.trim()).filter(Boolean),
  ];
  return [
    './tvm explain',
    ...(claims.length === 0 ? [] : [`--as ${shell(claims.join(','))}`]),
    ...Object.entries(wish.parameters).map(([name, value]) => `--param ${shell(`${name}=${value}`)}`),
    ...wish.permissions.map(permission => `--permission ${shell(permission)}`),
    ...(wish.ttl === '' ? [] : [`--ttl ${shell(wish.ttl)}`]),
  ].join(' \\\n  ');
}

/** Returns a program that makes the request and uses its token. A secret is read where the program runs. */
export function program(language: Language, origin: string, caller: Caller, wish: Wish, use: Use): string {
  switch (language) {
    case 'curl':
      return curl(origin, caller, wish);
    case 'Browser':
      return use.kind === 'topics' ? browserTopics(origin, caller, wish, use) : browserItems(origin, caller, wish, use);
    case 'React':
      return use.kind === 'topics' ? reactTopics(origin, caller, wish, use) : reactItems(origin, caller, wish, use);
    case 'Node.js':
      return use.kind === 'topics' ? nodeTopics(origin, caller, wish, use) : nodeItems(origin, caller, wish, use);
    case 'Java':
      return javaProgram(origin, caller, wish);
  }
}

type Topics = Extract<Use, { kind: 'topics' }>;
type Items = Extract<Use, { kind: 'items' }>;

/** The credentials of the client library, and their expression. */
function credentials(caller: Caller, secret: (name: string) => string): { name: string; code: string } {
  switch (caller.kind) {
    case 'password':
      return { name: 'password', code: `password(${script(caller.user)}, ${secret('PASSWORD')})` };
    case 'jwt':
    case 'signed-in':
      return { name: 'jwt', code: `jwt(() => ${secret('JWT')})` };
    case 'cognito':
      return {
        name: 'cognito',
        code: `cognito({
    clientId: ${script(caller.clientId)},
    endpoint: ${script(caller.endpoint)},
    user: ${script(caller.user)},
    password: ${secret('PASSWORD')},
  })`,
      };
    case 'nobody':
    case 'simulated':
      return { name: 'none', code: 'none()' };
  }
}

const prompted = (name: string) => `prompt(${script(name)})`;
const variable = (name: string) => `process.env.${name}`;

function source(origin: string, { parameters, ttl, permissions }: Wish, credentials: string): string {
  const entries = Object.entries(parameters).map(([name, value]) => `${/^[A-Za-z_]\w*$/.test(name) ? name : script(name)}: ${script(value)}`);
  const seconds = secondsIn(ttl);
  return [
    'const source = new TokenSource({',
    `  url: ${script(`${origin}/`)},`,
    `  credentials: ${credentials},`,
    ...(entries.length === 0 ? [] : [`  parameters: { ${entries.join(', ')} },`]),
    ...(seconds === undefined ? [] : [`  ttl: ${seconds},`]),
    ...(permissions.length === 0 ? [] : [`  permissions: [${permissions.map(script).join(', ')}],`]),
    '});',
  ].join('\n');
}

/** The seconds of a duration such as `90s` or `15m`; undefined if it is none. */
function secondsIn(ttl: string): number | undefined {
  const found = /^(\d+)(s|m|h)?$/.exec(ttl.trim());
  return found === null ? undefined : Number(found[1]) * { s: 1, m: 60, h: 3600 }[(found[2] ?? 's') as 's' | 'm' | 'h'];
}

function topicCalls({ cache, name, value, subscribe, publish }: Topics): string {
  const where = `${script(cache)}, ${script(name)}`;
  return [
    ...(subscribe
      ? [
          `const subscription = topics.subscribe(${where}, {`,
          '  onItem: item => console.log(item.tokenId, item.value),',
          '  onError: error => console.error(error.code, error.message),',
          '});',
          'await subscription.ready;',
        ]
      : []),
    ...(publish ? [`await topics.publish(${where}, ${script(value)});`] : []),
  ].join('\n');
}

function itemCalls({ cache, name, value, get, set }: Items): string {
  const where = `${script(cache)}, ${script(name)}`;
  return [
    ...(set ? [`const stored = await cache.set(${where}, ${script(value)});`, 'console.log(stored.type);'] : []),
    ...(get ? [`const item = await cache.get(${where});`, 'console.log(item.type, item.value());'] : []),
  ].join('\n');
}

function cacheClient(configuration: string): string {
  return `const cache = new CacheClient({
  configuration: Configurations.${configuration}.latest(),
  credentialProvider: await credentialProvider(await source.token()),
  defaultTtlSeconds: 60,
});`;
}

function browserTopics(origin: string, caller: Caller, wish: Wish, use: Topics): string {
  const { name, code } = credentials(caller, prompted);
  return `import { ${name}, TokenSource } from 'tokenvending-client';
import { TopicsClient } from 'tokenvending-client/topics';

${source(origin, wish, code)}
const topics = new TopicsClient(source);
${topicCalls(use)}`;
}

function browserItems(origin: string, caller: Caller, wish: Wish, use: Items): string {
  const { name, code } = credentials(caller, prompted);
  return `import { CacheClient, Configurations } from '@gomomento/sdk-web';
import { ${name}, TokenSource } from 'tokenvending-client';
import { credentialProvider } from 'tokenvending-client/topics';

${source(origin, wish, code)}
${cacheClient('Browser')}
${itemCalls(use)}`;
}

function reactTopics(origin: string, caller: Caller, wish: Wish, { cache, name: topic, value, publish }: Topics): string {
  const { name, code } = credentials(caller, prompted);
  const button = publish ? `\n      <button onClick={() => publish(${script(value)})}>Publish</button>` : '';
  return `import { ${name}, TokenSource } from 'tokenvending-client';
import { TokenProvider, useTopic } from 'tokenvending-client/react';

${source(origin, wish, code)}

export const App = () => <TokenProvider source={source}><Topic /></TokenProvider>;

function Topic() {
  const { messages, status${publish ? ', publish' : ''} } = useTopic(${script(cache)}, ${script(topic)});
  return (
    <>
      <p>{status}</p>${button}
      <ul>{messages.map(item => <li key={item.sequence}>{String(item.value)}</li>)}</ul>
    </>
  );
}`;
}

function reactItems(origin: string, caller: Caller, wish: Wish, use: Items): string {
  const { name, code } = credentials(caller, prompted);
  const where = `${script(use.cache)}, ${script(use.name)}`;
  const call = use.get
    ? `const item = await cache.get(${where});
  return \`\${item.type} \${item.value()}\`;`
    : `const stored = await cache.set(${where}, ${script(use.value)});
  return stored.type;`;
  return `import { CacheClient, Configurations } from '@gomomento/sdk-web';
import { useEffect, useState } from 'react';
import { ${name}, TokenSource } from 'tokenvending-client';
import { TokenProvider, useToken } from 'tokenvending-client/react';
import { credentialProvider } from 'tokenvending-client/topics';

${source(origin, wish, code)}

export const App = () => <TokenProvider source={source}><Item /></TokenProvider>;

function Item() {
  const { token } = useToken();
  const [text, setText] = useState('');
  useEffect(() => void (token && call(token).then(setText)), [token]);
  return <p>{text}</p>;
}

async function call(token) {
  const cache = new CacheClient({
    configuration: Configurations.Browser.latest(),
    credentialProvider: await credentialProvider(token),
    defaultTtlSeconds: 60,
  });
  ${call}
}`;
}

function nodeTopics(origin: string, caller: Caller, wish: Wish, use: Topics): string {
  const { name, code } = credentials(caller, variable);
  const end = use.subscribe ? '' : '\ntopics.close();\nsource.close();';
  return `import { ${name}, TokenSource, TopicsClient } from 'tokenvending-client/node';

${source(origin, wish, code)}
const topics = new TopicsClient(source);
${topicCalls(use)}${end}`;
}

function nodeItems(origin: string, caller: Caller, wish: Wish, use: Items): string {
  const { name, code } = credentials(caller, variable);
  return `import { CacheClient, Configurations } from '@gomomento/sdk';
import { credentialProvider, ${name}, TokenSource } from 'tokenvending-client/node';

${source(origin, wish, code)}
${cacheClient('Laptop')}
${itemCalls(use)}
source.close();`;
}

function javaProgram(origin: string, caller: Caller, wish: Wish): string {
  const header =
    caller.kind === 'password'
      ? `
    String login = ${java(`${caller.user}:`)} + System.getenv("PASSWORD");
    request.header("Authorization", "Basic " + Base64.getEncoder().encodeToString(login.getBytes(UTF_8)));`
      : caller.kind === 'jwt' || caller.kind === 'signed-in' || caller.kind === 'cognito'
        ? `
    request.header("Authorization", "Bearer " + System.getenv("JWT"));`
        : '';
  const basic = caller.kind === 'password';
  return `${basic ? 'import static java.nio.charset.StandardCharsets.UTF_8;\n\n' : ''}import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;${basic ? '\nimport java.util.Base64;' : ''}

class Vend {
  public static void main(String[] arguments) throws Exception {
    var request = HttpRequest.newBuilder(URI.create(${java(`${origin}/${query(wish)}`)}));${header}
    var response = HttpClient.newHttpClient().send(request.build(), BodyHandlers.ofString());
    // The member authToken is for CredentialProvider.fromString of Momento's SDK.
    System.out.println(response.statusCode() + " " + response.body());
  }
}`;
}
