import type { ConnectionKit, Limitations } from '@tributary/adapter-kit';
import { z } from 'zod';
import type { DocumentMapping } from '../config.ts';
import type { Misfit } from '../mapping.ts';

/** So many misfits in a row without one document that fits: it is the mapping, not a document. */
const MANY = 20;

const WORDS: Record<Misfit, (mapping: DocumentMapping) => string> = {
  deviceField: ({ deviceField }) => `the device field "${deviceField}" as text`,
  timeField: ({ timeField, timeUnit }) => `a time in "${timeField}" (${timeUnit})`,
  values: ({ values }) => `any of the value fields ${values.map(({ field }) => `"${field}"`).join(', ')}`.slice(0, 300),
};

/** Which part of a mapping does not fit a mesh, in words. */
export const misfitText = (misfit: Misfit, mapping: DocumentMapping): string => WORDS[misfit](mapping);

/** Documents that are no measurements under their mapping: set aside and counted, and said where there are many. */
export class Misfits {
  #inARow = 0;

  constructor(
    private readonly mapping: DocumentMapping,
    private readonly kit: Pick<ConnectionKit, 'items'>,
    private readonly limitations: Limitations,
  ) {}

  count(misfit: Misfit): void {
    this.kit.items(z.never(), [misfit], `document without ${misfit}`);
    this.#inARow += 1;
    if (this.#inARow < MANY) return;
    const { mesh } = this.mapping;
    this.limitations.note(
      `${mesh} mapping`,
      `documents of the mesh ${mesh} do not have ${misfitText(misfit, this.mapping)}`,
    );
  }

  fits(): void {
    this.#inARow = 0;
    this.limitations.lift(`${this.mapping.mesh} mapping`);
  }
}
