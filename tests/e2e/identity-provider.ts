import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import Provider from "oidc-provider";

interface Person {
  name: string;
  email: string;
  groups: string[];
}

export interface IdentityProvider {
  issuer: string;
  /** Read at every sign-in; a test changes groups here. */
  people: Record<string, Person>;
  /** What came to the token endpoint: its Authorization headers. */
  tokenCalls: string[];
  close(): Promise<void>;
}

/** A real OpenID provider on loopback: its own login page, PKCE demanded, one confidential client. */
export async function startIdentityProvider(
  client: { id: string; secret: string; redirectUris: string[] },
  people: Record<string, Person>,
): Promise<IdentityProvider> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const tokenCalls: string[] = [];
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: client.id,
        client_secret: client.secret,
        redirect_uris: client.redirectUris,
        grant_types: ["authorization_code"],
        response_types: ["code"],
      },
    ],
    pkce: { required: () => true },
    claims: { openid: ["sub"], profile: ["name", "groups"], email: ["email"] },
    findAccount: (_ctx, id) => {
      const person = people[id];
      return person && { accountId: id, claims: () => ({ sub: id, ...person }) };
    },
    cookies: { keys: ["identity-provider-of-the-test"] },
    features: { devInteractions: { enabled: true } },
  });
  const answer = provider.callback();
  server.on("request", (req, res) => {
    if (req.url?.startsWith("/token")) tokenCalls.push(req.headers.authorization ?? "");
    void answer(req, res);
  });
  return {
    issuer,
    people,
    tokenCalls,
    close: () =>
      new Promise((done) => {
        server.closeAllConnections();
        server.close(() => done());
      }),
  };
}
