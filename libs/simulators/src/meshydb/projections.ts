import { aggregate } from 'mingo';
import type { StoredDocument } from './document.ts';
import { MongoTextError } from './mongo-text.ts';
import { WORK_ORDERS } from './telemetry-mapping.ts';
import type { Tenant } from './tenant.ts';

/** An aggregation that somebody has stored in the vendor's portal. */
export interface Projection {
  mesh: string;
  pipeline: Array<Record<string, unknown>>;
}

export const STAGES = [
  '$addFields',
  '$bucket',
  '$bucketAuto',
  '$count',
  '$graphLookup',
  '$facet',
  '$group',
  '$limit',
  '$lookup',
  '$match',
  '$project',
  '$redact',
  '$replaceRoot',
  '$sample',
  '$skip',
  '$sort',
  '$sortByCount',
  '$unwind',
];

export const SEEDED: Readonly<Record<string, Projection>> = {
  orderstatus: {
    mesh: WORK_ORDERS,
    pipeline: [
      { $group: { _id: '$status', count: { $sum: 1 }, cost: { $sum: '$cost' } } },
      { $project: { _id: 0, status: '$_id', count: 1, cost: 1 } },
      { $sort: { status: 1 } },
    ],
  },
};

/** Throws RangeError for a stage that a projection cannot have. */
export function checkPipeline(pipeline: Projection['pipeline']): void {
  for (const stage of pipeline) {
    const [name = '', ...others] = Object.keys(stage);
    if (others.length > 0 || !STAGES.includes(name)) throw new RangeError(`a projection has no stage ${name}`);
  }
}

const ALL = { test: () => true, ids: {} };

/** Throws MongoTextError when what is stored cannot be run. */
export function project(tenant: Tenant, { mesh, pipeline }: Projection): StoredDocument[] {
  const documents = (name: string) => structuredClone(tenant.mesh(name).matching(ALL));
  try {
    return aggregate(documents(mesh), pipeline, { collectionResolver: documents }) as StoredDocument[];
  } catch (error) {
    throw new MongoTextError('the projection cannot be run', { cause: error });
  }
}
