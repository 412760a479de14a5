import { describe, expect, it } from '@jest/globals';
import type { VendorHttp, VendorRequest } from '@tributary/adapter-kit';
import { OpticloudClient } from './client.ts';

const call = { lane: 'live' as const, signal: new AbortController().signal };

/** The requests that `work` makes of a platform that has no files. */
async function requestsOf(work: (client: OpticloudClient) => Promise<unknown>): Promise<VendorRequest[]> {
  const seen: VendorRequest[] = [];
  const answer = async (request: VendorRequest) => {
    seen.push(request);
    return { status: 200, headers: {}, text: '<FileList/>' };
  };
  const http = { send: answer, stream: answer } as unknown as VendorHttp;
  await work(new OpticloudClient(http, { items: () => [] }));
  return seen;
}

describe('a token in a path', () => {
  it.each([
    ['OPTI-07', (client: OpticloudClient) => client.allFiles('s3cretOfADevice', { fromMs: 0, toMs: 1_000 }, call)],
    ['OPTI-10', (client: OpticloudClient) => client.download('a-device', 's3cretOfADevice', call)],
  ])('%s is hidden from whoever reads where the answer came from', async (operation, work) => {
    const [request] = await requestsOf(work);
    expect(request).toMatchObject({ operation, path: expect.stringContaining('s3cretOfADevice') });
    expect(request?.personal).toEqual(['s3cretOfADevice']);
  });
});
