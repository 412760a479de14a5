import { z } from 'zod';

/** Something a test or an operator can make happen in the scenario. */
export interface Action {
  description: string;
  input: z.ZodType;
  run(input: unknown): unknown;
}

/** Ties the type of the input to the function. */
export const action = <S extends z.ZodType>(
  description: string,
  input: S,
  run: (input: z.output<S>) => unknown,
): Action => ({ description, input, run: (given) => run(given as z.output<S>) });

export class UnknownActionError extends Error {
  override readonly name = 'UnknownActionError';
}

/** The scenario's actions by name: the same table for the control API and for tests in the same process. */
export class Actions {
  readonly #actions: Readonly<Record<string, Action>>;

  constructor(actions: Record<string, Action>) {
    this.#actions = actions;
  }

  describe(): Record<string, { description: string; input: unknown }> {
    return Object.fromEntries(
      Object.entries(this.#actions).map(([name, { description, input }]) => [
        name,
        { description, input: z.toJSONSchema(input, { io: 'input', unrepresentable: 'any' }) },
      ]),
    );
  }

  /** Throws `UnknownActionError`, or a ZodError when the input is not well formed. */
  async run(name: string, input: unknown = {}): Promise<unknown> {
    const found = Object.hasOwn(this.#actions, name) ? this.#actions[name] : undefined;
    if (!found) throw new UnknownActionError(`no action is called ${name}`);
    return await found.run(found.input.parse(input));
  }
}
