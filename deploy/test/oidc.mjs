// An OpenID provider that nobody here wrote (npm oidc-provider, certified), set up for the check in deploy/test/oidc: programs get
// access tokens as JWT for the resource that they name. It prints its address, and exchanges its key when it is told so.
// Usage: node oidc.mjs PROVIDER_MODULE
import { createServer } from 'node:http';
import { generateKeyPairSync } from 'node:crypto';
import { pathToFileURL } from 'node:url';

const [module] = process.argv.slice(2);
const { default: Provider } = await import(pathToFileURL(module));

let serial = 0;
const newKey = (type, alg) => {
  const { privateKey } = type === 'EC' ? generateKeyPairSync('ec', { namedCurve: 'P-256' }) : generateKeyPairSync('rsa', { modulusLength: 2048 });
  return { ...privateKey.export({ format: 'jwk' }), kid: `key-${++serial}`, alg, use: 'sig' };
};

const first = newKey('RSA', 'RS256');
let provider;
const server = createServer((request, response) => {
  if (request.method === 'POST' && request.url === '/exchange-keys') { // not of the provider: the check's own lever
    setUp('EC', 'ES256');
    response.end();
    return;
  }
  provider.callback()(request, response);
});

function setUp(type, alg) {
  provider = new Provider(`http://127.0.0.1:${server.address().port}`, {
    clients: [{
      client_id: 'desk', client_secret: 'a-secret-of-the-check-0123456789', grant_types: ['client_credentials'], redirect_uris: [], response_types: [],
      scope: 'mcp mcp:plan read', id_token_signed_response_alg: alg,
    }],
    scopes: ['mcp', 'mcp:plan', 'read'],
    jwks: { keys: [...(type === 'RSA' ? [] : [newKey(type, alg)]), first] }, // the old key stays until its tokens have ended
    features: {
      clientCredentials: { enabled: true },
      devInteractions: { enabled: false },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: (_, indicator) => ({
          scope: 'mcp mcp:plan read', audience: indicator, accessTokenTTL: 300, accessTokenFormat: 'jwt', jwt: { sign: { alg } },
        }),
      },
    },
  });
}

server.listen(0, '127.0.0.1', () => {
  setUp('RSA', 'RS256');
  console.log(`http://127.0.0.1:${server.address().port}`);
});
