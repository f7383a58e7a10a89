import type { Attempt } from './attempt';
import type { Caller, Wish } from './machine';
import { query } from './machine';

const shell = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;
const script = (text: string) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'").replaceAll('\n', '\\n')}'`;

/** Returns the request as a curl command without secrets: curl prompts for a password, or reads a variable. */
export function curl(origin: string, caller: Caller, wish: Wish): string {
  const parts = ['curl'];
  switch (caller.kind) {
    case 'password':
      parts.push(`--user ${shell(caller.user)}`);
      break;
    case 'jwt':
    case 'cognito':
      parts.push('--header "Authorization: Bearer $JWT"');
      break;
    case 'imagined':
      return explainCommand(caller, wish);
    case 'nobody':
      break;
  }
  parts.push(shell(`${origin}/${query(wish)}`));
  // One line if it fits.
  return parts.length > 2 ? parts.join(' \\\n  ') : parts.join(' ');
}

function explainCommand(caller: Extract<Caller, { kind: 'imagined' }>, wish: Wish): string {
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

/** Returns the request as a program, including the operation that was tried last. */
export function program(origin: string, caller: Caller, wish: Wish, overridden: boolean, last: Attempt): string {
  const authorization =
    caller.kind === 'password'
      ? `, {\n  headers: { authorization: 'Basic ' + btoa(${script(`${caller.user}:`)} + password) },\n}`
      : caller.kind === 'jwt' || caller.kind === 'cognito'
        ? ", {\n  headers: { authorization: 'Bearer ' + jwt },\n}"
        : '';
  const topics = last.call === 'publish' || last.call === 'subscribe';
  const names = topics ? 'TopicClient, TopicConfigurations' : 'CacheClient, Configurations';
  return `import { CredentialProvider, ${names} } from '@gomomento/sdk-web';

const response = await fetch(${script(`${origin}/${query(wish)}`)}${authorization});
const { authToken${overridden ? ', webEndpoint' : ''} } = await response.json();

const credentialProvider = CredentialProvider.fromDisposableToken({
  apiKey: authToken,${
    overridden
      ? `
  endpointOverrides: {
    cacheEndpoint: webEndpoint, controlEndpoint: webEndpoint, tokenEndpoint: webEndpoint,
  },`
      : ''
  }
});

${use(last)}`;
}

function use(last: Attempt): string {
  const [cache, name, value] = [script(last.cache), script(last.name), script(last.value)];
  const topics = `const topics = new TopicClient({
  configuration: TopicConfigurations.Default.latest(),
  credentialProvider,
});
`;
  const client = `const client = new CacheClient({
  configuration: Configurations.Browser.latest(),
  credentialProvider,
  defaultTtlSeconds: 300,
});
`;
  switch (last.call) {
    case 'publish':
      return `${topics}await topics.publish(${cache}, ${name}, ${value});`;
    case 'subscribe':
      return `${topics}await topics.subscribe(${cache}, ${name}, {
  onItem: item => console.log(item.tokenId(), item.value()),
  onError: error => console.error(error.errorCode(), error.message()),
});`;
    case 'get':
      return `${client}const item = await client.get(${cache}, ${name});
console.log(item.type, item.value());`;
    case 'set':
      return `${client}await client.set(${cache}, ${name}, ${value});`;
  }
}
