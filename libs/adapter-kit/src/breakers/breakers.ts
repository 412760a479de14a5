import { type OperationClass, operationClasses } from '@tributary/contracts';
import type { OperationPolicies } from '../http/operation-policy.ts';
import { Breaker, type BreakerOptions, type BreakerState } from './breaker.ts';

export interface BreakersOptions extends Omit<BreakerOptions, 'class' | 'policy'> {
  policies: OperationPolicies;
}

/** The breakers of one connection, one for each class of operations; each is made when first used. */
export class Breakers {
  readonly #options: BreakersOptions;
  readonly #made = new Map<OperationClass, Breaker>();
  #closed = false;

  constructor(options: BreakersOptions) {
    this.#options = options;
  }

  of(operationClass: OperationClass): Breaker {
    let breaker = this.#made.get(operationClass);
    if (!breaker) {
      const { policies, ...shared } = this.#options;
      breaker = new Breaker({ ...shared, class: operationClass, policy: policies[operationClass] });
      if (this.#closed) breaker.shutdown();
      this.#made.set(operationClass, breaker);
    }
    return breaker;
  }

  /** States of the classes in use, in the order of the contracts. */
  states(): BreakerState[] {
    return operationClasses.flatMap((name) => this.#made.get(name)?.state() ?? []);
  }

  shutdown(): void {
    this.#closed = true;
    for (const breaker of this.#made.values()) breaker.shutdown();
  }
}
