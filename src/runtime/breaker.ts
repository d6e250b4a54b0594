import {
  CircuitState,
  ConsecutiveBreaker,
  circuitBreaker,
  ExponentialBackoff,
  handleAll,
  isBrokenCircuitError,
  noJitterGenerator,
} from 'cockatiel';
import type { Breaker, BreakerState } from '../model/breaker.ts';

export interface BreakerOptions {
  /** Failures in a row that open it. */
  readonly failures: number;
  /** Whether an error says that the server is down; any other one says that it is up, unless it is `isOwn`. */
  readonly isOutage: (error: unknown) => boolean;
  /** Whether an error is this side's, as of a deadline: it does not close an open breaker. Default: none is. */
  readonly isOwn?: (error: unknown) => boolean;
}

/**
 * Milliseconds until an open breaker lets a call through; twice as long after each that fails. Not long: what a person has mended, such
 * as a certificate, is to be found.
 */
const halfOpen = { initialDelay: 30_000, maxDelay: 300_000, exponent: 2, generator: noJitterGenerator };

/** Opens a breaker, closed. It tells time by `Date`. */
export function openBreaker({ failures, isOutage, isOwn = () => false }: BreakerOptions): Breaker {
  const circuit = circuitBreaker(handleAll, {
    halfOpenAfter: new ExponentialBackoff(halfOpen),
    breaker: new ConsecutiveBreaker(failures),
  });
  return {
    async run(call, refuse) {
      try {
        const outcome = await circuit.execute(async () => {
          try {
            return { value: await call() };
          } catch (error) {
            if (isOutage(error) || (isOwn(error) && circuit.state === CircuitState.HalfOpen)) throw error;
            return { error };
          }
        });
        if ('error' in outcome) throw outcome.error;
        return outcome.value;
      } catch (error) {
        throw isBrokenCircuitError(error) ? refuse() : error;
      }
    },
    get state() {
      return nameOf(circuit.state);
    },
  };
}

function nameOf(state: CircuitState): BreakerState {
  if (state === CircuitState.Closed) return 'closed';
  return state === CircuitState.HalfOpen ? 'half-open' : 'open';
}
