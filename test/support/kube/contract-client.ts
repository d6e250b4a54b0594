import { Agent, request } from 'undici';
import type { ContractClient } from './contract.ts';
import type { ContractUser } from './contract-calls.ts';
import type { Credentials } from './kubeconfig.ts';

/** A client of a server on loopback, closed with its block. */
export interface LoopbackClient extends AsyncDisposable {
  readonly send: ContractClient;
}

export function openContractClient(
  url: string,
  caPem: string,
  credentialsOf: (user: ContractUser) => Credentials,
): LoopbackClient {
  const agents = new Map<ContractUser, Agent>();
  return {
    async send({ user, method, path, body, type = 'application/json' }) {
      const credentials = credentialsOf(user);
      const pair = credentials === undefined || 'token' in credentials ? {} : credentials;
      const agent = agents.get(user) ?? new Agent({ connect: { ca: caPem, ...pair } });
      agents.set(user, agent);
      const authorization =
        credentials !== undefined && 'token' in credentials ? { authorization: `Bearer ${credentials.token}` } : {};
      const answer = await request(url + path, {
        dispatcher: agent,
        method,
        headers: { 'content-type': type, 'user-agent': 'contract', ...authorization },
        body: body ?? null,
      });
      return {
        status: answer.statusCode,
        contentType: String(answer.headers['content-type'] ?? ''),
        body: await answer.body.text(),
      };
    },
    async [Symbol.asyncDispose]() {
      for (const agent of agents.values()) await agent.destroy();
    },
  };
}
