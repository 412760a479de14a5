import { Inject, Injectable } from '@nestjs/common';
import type { AttributeScope, Json } from '@tributary/contracts';
import { HOUSE, type House } from '../house.ts';

export interface StoredAttribute {
  scope: AttributeScope;
  name: string;
  value: Json;
  ts?: string;
  observedAt: string;
}

/** Attributes as they were last reported. */
@Injectable()
export class AttributeStore {
  readonly #house: House;

  constructor(@Inject(HOUSE) house: House) {
    this.#house = house;
  }

  /** Of a device that the caller may see; ordered by scope and name. */
  async list(deviceId: string): Promise<StoredAttribute[]> {
    const { rows } = await this.#house.db.pool.query<{
      scope: AttributeScope;
      name: string;
      value: Json;
      ts: Date | null;
      observed_at: Date;
    }>({
      name: 'attributes-of-device',
      text: `select scope, name, value, ts, observed_at from attribute where device_id = $1 and not removed order by scope, name collate "C"`,
      values: [deviceId],
    });
    return rows.map((row) => ({
      scope: row.scope,
      name: row.name,
      value: row.value,
      ...(row.ts ? { ts: row.ts.toISOString() } : {}),
      observedAt: row.observed_at.toISOString(),
    }));
  }
}
