import { eventually, must, type Stop } from '../stop.ts';

export const latest: Stop = {
  title: 'Newest values of one signal, wherever it is measured, with their age',
  async go({ tributary, show }) {
    // region: latest
    const { items } = await tributary.get('/v1/telemetry/latest', { query: { signal: ['temperature'], limit: 5 } });
    for (const { deviceId, value, unit, ts, ageMs } of items) show(deviceId, value, unit ?? '', ts, `${ageMs} ms ago`);
    // endregion
    must(items.length > 0, 'temperatures');
    must(
      items.every(({ value, ageMs }) => typeof value === 'number' && ageMs >= 0),
      'numbers with an age',
    );
  },
};

export const history: Stop = {
  title: 'History: aggregated over the calendar of a time zone, and raw, streamed',
  async go({ tributary, show }) {
    const { items: newest } = await tributary.get('/v1/telemetry/latest', { query: { signal: ['temperature'] } });
    const { seriesId } = must(newest[0], 'a series');
    // region: history
    const path = { seriesId };
    const query = { every: 'PT1M', timeZone: 'Europe/Stockholm', fn: ['avg', 'max', 'count'] } as const;
    const { items: minutes } = await tributary.get('/v1/series/{seriesId}/points', { path, query });
    for (const minute of minutes.slice(-3)) show(minute);

    let points = 0;
    for await (const point of tributary.points(seriesId, { from: '2020-01-01T00:00:00Z' })) {
      points += 1;
      if (points <= 3) show(point.ts, point.value);
    }
    // endregion
    must(minutes.length > 0, 'minutes');
    must(points > 0, 'raw points');
  },
};

export const aligned: Stop = {
  title: 'Many series at once, in the same minutes',
  async go({ tributary, show }) {
    const { items } = await tributary.get('/v1/telemetry/latest', { query: { signal: ['temperature'], limit: 3 } });
    const now = new Date(must(items[0], 'a temperature').ts).getTime();
    // region: query
    const { buckets, series } = await tributary.post('/v1/telemetry:query', {
      body: {
        series: items.map(({ seriesId }) => seriesId),
        from: new Date(now - 5 * 60_000).toISOString(),
        to: new Date(now).toISOString(),
        every: 'PT1M',
        fn: ['avg'],
        fill: 'null',
      },
    });
    for (const { seriesId, values } of series) show(seriesId, values.avg);
    // endregion
    must(series.length === items.length, 'every series that was asked for');
    for (const { values } of series) must(values.avg?.length === buckets.length, 'a value for each minute');
  },
};

export const asDevice: Stop = {
  title: 'Be a device: a value goes to the platform over MQTT and comes back as telemetry',
  async go({ tributary, show }) {
    const devices = await tributary.list('/v1/devices', { query: { filter: 'platform eq "opticloud"' } }).all(1);
    const { id: deviceId, name } = must(devices[0], 'a device of optiCLOUD');
    const value = Math.round(performance.now()) / 10;
    // region: be-a-device
    await tributary.post('/v1/devices/{deviceId}/telemetry:write', {
      path: { deviceId },
      body: { points: [{ signal: 'handmade', value }] },
    });
    // endregion
    const query = { device: [deviceId], signal: ['handmade'] };
    const back = await eventually('the value to come back', async () => {
      const { items } = await tributary.get('/v1/telemetry/latest', { query });
      return items.find((item) => item.value === value);
    });
    show(name, 'handmade', back.value, `stored ${back.observedAt}`);
  },
};
