import type { ConnectionKit, Limitations } from '@tributary/adapter-kit';
import { z } from 'zod';
import type { DocumentMapping } from '../config.ts';
import type { Misfit } from '../mapping.ts';
import type { MeshDocument } from '../wire.ts';

/** So many misfits in a row without one document that fits: it is the mapping, not a document. */
const MANY = 20;

/** What documents are called that are set aside. */
export const misfitKind = (misfit: Misfit): string => `document without ${misfit}`;

/** Names the field of the mapping by which a document does not fit. */
const misfitting = (misfit: Misfit, mapping: DocumentMapping) =>
  z.unknown().superRefine((_, context) => {
    const field = misfit === 'values' ? [] : mapping[misfit].split('.');
    context.addIssue({ code: 'custom', path: field, message: 'does not fit the mapping' });
  });

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

  count(misfit: Misfit, document: MeshDocument): void {
    const { mesh: ofMesh } = this.mapping;
    this.kit.items(misfitting(misfit, this.mapping), [document], misfitKind(misfit), { mesh: ofMesh });
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
