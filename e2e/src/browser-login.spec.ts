import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { OCTOMESH_CLIENTS, OCTOMESH_USERS, type OctomeshSimulator, startOctomesh } from '@tributary/simulators';
import { eventually } from '@tributary/testing';
import { unusedPort } from '@tributary/testing/harness';
import { type Browser, chromium } from 'playwright-core';
import { Stage } from './stage.ts';

const MINUTE = 60_000;
const CHROMIUM = '/usr/bin/chromium';
/** Debian's; where there is none, the same log-in is shown by form posts (construction-kit.spec.ts). */
const describeWhere = existsSync(CHROMIUM) ? describe : describe.skip;
const QUIET = ['--disable-quic', '--disable-sync', '--disable-background-networking', '--disable-component-update'];

describeWhere('a person with a browser (Debian package chromium)', () => {
  let stage: Stage;
  let simulator: OctomeshSimulator;
  let browser: Browser;

  beforeAll(async () => {
    simulator = await startOctomesh({ identityPort: 0, port: 0, controlPort: 0, devices: 2, otherDevices: 0 });
    const port = String(await unusedPort());
    // The platform sends the browser back to the address under which the API is known.
    const api = { PORT: port, API_PUBLIC_URL: `http://127.0.0.1:${port}` };
    stage = await Stage.start({ simulator, envOf: { api } });
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox', ...QUIET] });
  }, 3 * MINUTE);

  afterAll(async () => {
    await browser?.close();
    await stage?.stop();
  }, MINUTE);

  it(
    'OCTO-01 OCTO-02: logs in on the page of the tenant, comes back, and the connection becomes ready',
    async () => {
      const connection = await stage.connect({
        name: 'by a person',
        credentials: { clientId: OCTOMESH_CLIENTS.application.id },
      });
      const path = { connectionId: connection };
      const { url } = await stage.api.get('/v1/connections/{connectionId}/oauth/authorize', { path });
      const page = await browser.newPage();
      await page.goto(url);
      await page.fill('input[name=username]', OCTOMESH_USERS.operator.username);
      await page.fill('input[name=password]', OCTOMESH_USERS.operator.password);
      await page.click('button, input[type=submit]');
      await page.waitForURL(/\/oauth\/callback\?/, { timeout: MINUTE });
      expect(await page.textContent('body')).toMatch(/close this/i);
      await eventually(
        'the connection works',
        async () => (await stage.api.get('/v1/connections/{connectionId}', { path })).status === 'connected',
        { timeoutMs: 2 * MINUTE },
      );
      expect(simulator.journal.count({ operation: 'OCTO-02' })).toBe(1);
      // The address that brought the person back is good once.
      const again = await page.goto(page.url());
      expect(again?.status()).toBeGreaterThanOrEqual(400);
      expect(simulator.journal.count({ operation: 'OCTO-02' })).toBe(1);
    },
    4 * MINUTE,
  );
});
