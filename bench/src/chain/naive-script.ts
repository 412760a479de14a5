import { onValues, pool, table } from './script-parts.ts';

/** As a first attempt is written: one INSERT a value. */
await onValues((values) => {
  for (const { series, ts, value } of values) {
    void pool.query(`insert into ${table} (ts, rev, number, series_id) values ($1, 1, $2, $3)`, [ts, value, series]);
  }
});
