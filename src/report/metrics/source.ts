import type { SourceState } from '../../core/generator.ts';
import type { ResponseCount } from '../../model/traffic.ts';
import { type RunReport, sourcesOf } from '../run-report.ts';
import { counter, gauge, type Metric, type Sample, seconds } from './metric.ts';

/** How the sources were read. */
export function sourceMetrics(report: RunReport): readonly Metric[] {
  const all = sourcesOf(report);
  const each = (samples: (it: SourceState & Required<Pick<SourceState, 'traffic'>>) => readonly Sample[]) =>
    all.flatMap((it) => (it.traffic === undefined ? [] : samples({ ...it, traffic: it.traffic })));
  return [
    counter(
      'athenz_gitops_requests_total',
      'Requests by endpoint and status; no response: timeout, unreachable or tls.',
      each(({ name: source, traffic }) =>
        traffic.responses.map(({ endpoint, status, count }) => ({
          labels: { source, endpoint, status },
          value: count,
        })),
      ),
    ),
    counter(
      'athenz_api_errors_total',
      'Requests that failed: no response, or a status other than 200 and 304; a 404 is an answer to whether a domain exists.',
      each(({ name: source, traffic }) => errorsIn(source, traffic.responses)),
    ),
    counter(
      'athenz_gitops_request_retries_total',
      'Requests that repeated a failed one.',
      each(({ name: source, traffic }) => [{ labels: { source }, value: traffic.retries }]),
    ),
    counter(
      'athenz_gitops_reads_total',
      'Where what was needed came from: the server, the cache, or the memo of an earlier run.',
      each(({ name: source, read, unknown, traffic: { cached, recalled } }) => [
        { labels: { source, origin: 'server' }, value: Math.max(0, read + unknown - cached - recalled) },
        { labels: { source, origin: 'cache' }, value: cached },
        { labels: { source, origin: 'memo' }, value: recalled },
      ]),
    ),
    gauge(
      'athenz_gitops_unknown',
      'What the last run needed and could not read.',
      all.map(({ name: source, unknown }) => ({ labels: { source }, value: unknown })),
    ),
    gauge(
      'athenz_gitops_breaker_open',
      'Whether the server was taken for down at the end of the last run.',
      each(({ name: source, traffic }) => [{ labels: { source }, value: Number(traffic.isDown) }]),
    ),
    gauge(
      'athenz_gitops_certificate_expiry_timestamp_seconds',
      'When the client certificate expires.',
      each(({ name: source, traffic: { credentialExpires: at } }) =>
        at === undefined ? [] : [{ labels: { source }, value: seconds(at) }],
      ),
    ),
  ];
}

/** By endpoint, 0 where all went well: a series that begins with its first error has no increase. */
function errorsIn(source: string, responses: readonly ResponseCount[]): readonly Sample[] {
  return [...Map.groupBy(responses, ({ endpoint }) => endpoint)].map(([endpoint, all]) => ({
    labels: { source, endpoint },
    value: all.filter(isError).reduce((sum, { count }) => sum + count, 0),
  }));
}

function isError({ endpoint, status }: ResponseCount): boolean {
  return !(status === '200' || status === '304' || (status === '404' && endpoint === 'domain'));
}
