/** The settings of the chat, from its server or from `VITE_…` variables at build time. */
export interface Settings {
  /** The URL of the token vending machine. */
  readonly url: string;
  readonly authenticationMethods: readonly AuthenticationMethod[];
  readonly parameters: readonly Parameter[];
  readonly cache: string;
  /** How a room's topic is named, unless the token says otherwise; null if no rule grants a topic. */
  readonly topic: TopicForm | null;
  /** Whether token ids come from verified credentials, and not from the person's choice. */
  readonly verifiedNames: boolean;
}

export type AuthenticationMethod =
  | { readonly kind: 'open' }
  | { readonly kind: 'password' }
  | { readonly kind: 'oidc'; readonly issuer?: string; readonly clientId?: string }
  | { readonly kind: 'cognito'; readonly clientId: string; readonly endpoint: string };

export interface Parameter {
  readonly name: string;
  readonly required: boolean;
  readonly maxLength?: number;
}

export type TopicForm = { readonly name: string } | { readonly prefix: string; readonly parameter?: string };

type Variables = Readonly<Record<string, string | undefined>>;

/** Returns the settings in the variables; by default those for the built-in policy. */
export function fromVariables(variables: Variables, page: string): Settings {
  const kinds = (variables['VITE_AUTH'] ?? 'open').split(',').map(kind => kind.trim());
  return {
    url: new URL(variables['VITE_TVM_URL'] ?? '/', page).href,
    authenticationMethods: kinds.map(kind => authenticationMethod(kind, variables)),
    parameters: (variables['VITE_PARAMETERS'] ?? 'name')
      .split(',')
      .filter(name => name !== '')
      .map(name => ({ name, required: false })),
    cache: variables['VITE_CACHE'] ?? 'default-cache',
    topic: { prefix: variables['VITE_TOPIC_PREFIX'] ?? '' },
    verifiedNames: variables['VITE_VERIFIED_NAMES'] === 'true',
  };
}

function authenticationMethod(kind: string, variables: Variables): AuthenticationMethod {
  if (kind === 'cognito') {
    const region = variables['VITE_COGNITO_REGION'] ?? 'us-west-2';
    return {
      kind,
      clientId: variables['VITE_COGNITO_CLIENT_ID'] ?? '',
      endpoint: variables['VITE_COGNITO_ENDPOINT'] ?? `https://cognito-idp.${region}.amazonaws.com/`,
    };
  }
  if (kind === 'oidc') {
    const [issuer, clientId] = [variables['VITE_OIDC_ISSUER'], variables['VITE_OIDC_CLIENT_ID']];
    return { kind, ...(issuer && { issuer }), ...(clientId && { clientId }) };
  }
  if (kind === 'open' || kind === 'password') {
    return { kind };
  }
  throw new Error(`VITE_AUTH: ${kind} is none of open, password, cognito, oidc`);
}

/** Fetches the settings from the page's server, unless the page was built for a certain token vending machine. */
export async function load(variables: Variables, page: string): Promise<Settings> {
  if (variables['VITE_TVM_URL'] === undefined) {
    const response = await fetch(new URL('settings.json', page), { cache: 'no-store', credentials: 'omit' });
    if (response.ok && response.headers.get('content-type')?.includes('json')) {
      const settings = (await response.json()) as Settings;
      return { ...settings, url: new URL(settings.url, page).href };
    }
  }
  return fromVariables(variables, page);
}
