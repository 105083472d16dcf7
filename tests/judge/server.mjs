// An authorization server that is not ours: npm oidc-provider, with S256 required and refresh tokens
// that work once. It stands where GoTo's does; tests/http/tests/judge.rs walks it.
//
// JUDGE in the environment is {"clients": [{"id", "secret", "redirect"}]}. Who signs in is who
// login_hint names. GET /judge/log is what happened; GET /judge/who is whose a bearer is.

import http from 'node:http';
import Provider from 'oidc-provider';

const { clients } = JSON.parse(process.env.JUDGE);
const log = [];

function configuration() {
  return {
    clients: clients.map(({ id, secret, redirect }) => ({
      client_id: id,
      client_secret: secret,
      redirect_uris: [redirect],
      response_types: ['code'],
      grant_types: ['authorization_code', 'refresh_token'],
      token_endpoint_auth_method: 'client_secret_basic',
    })),
    cookies: { keys: ['nothing here outlives a test'] },
    features: {
      devInteractions: { enabled: false },
      revocation: { enabled: true },
    },
    findAccount: (ctx, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
    interactions: { url: (ctx, { uid }) => `/interaction/${uid}` },
    issueRefreshToken: () => true,
    // Everybody allows everything, each time anew: each sign-in is a family of its own.
    async loadExistingGrant(ctx) {
      const grant = new ctx.oidc.provider.Grant({
        accountId: ctx.oidc.session.accountId,
        clientId: ctx.oidc.client.clientId,
      });
      grant.addOIDCScope([...ctx.oidc.requestParamScopes].join(' '));
      await grant.save();
      return grant;
    },
    pkce: { required: () => true },
    rotateRefreshToken: true,
    scopes: ['collab:', 'identity:', 'identity:scim.me'],
    ttl: {
      AccessToken: 3600,
      AuthorizationCode: 60,
      Grant: 86400,
      Interaction: 600,
      RefreshToken: 86400,
      Session: 86400,
    },
  };
}

function json(response, status, body) {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

async function handle(provider, pass, request, response) {
  const url = new URL(request.url, provider.issuer);
  if (url.pathname === '/judge/log') {
    json(response, 200, log);
  } else if (url.pathname === '/judge/who') {
    const bearer = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1];
    const token = bearer && (await provider.AccessToken.find(bearer));
    // A token outlives its family in the store; it must not do so here.
    const grant = token && (await provider.Grant.find(token.grantId));
    if (grant) json(response, 200, { email: token.accountId, client: token.clientId });
    else json(response, 401, {});
  } else if (url.pathname.startsWith('/interaction/')) {
    const { params } = await provider.interactionDetails(request, response);
    await provider.interactionFinished(request, response, {
      login: { accountId: params.login_hint },
    });
  } else {
    pass(request, response);
  }
}

const server = http.createServer();
server.listen(0, '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, configuration());
  provider.use(async (ctx, next) => {
    await next();
    if (ctx.method !== 'POST') return;
    const params = ctx.oidc?.params ?? {};
    log.push({
      path: ctx.path,
      status: ctx.status,
      error: ctx.body?.error ?? null,
      detail: ctx.body?.error_description ?? null,
      grant: params.grant_type ?? null,
      client: ctx.oidc?.client?.clientId ?? null,
      basic: /^Basic /.test(ctx.get('authorization')),
      secret_in_body: ctx.oidc?.body?.client_secret !== undefined,
      verifier: params.code_verifier?.length ?? 0,
    });
  });
  provider.on('grant.revoked', () => log.push({ path: 'revoked' }));
  const pass = provider.callback();
  server.on('request', (request, response) => {
    handle(provider, pass, request, response).catch((error) => {
      json(response, 500, { error: String(error) });
    });
  });
  console.log(`listening ${issuer}`);
});
