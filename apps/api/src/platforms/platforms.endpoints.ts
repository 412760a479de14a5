import { platformResource } from '@tributary/contracts';
import { z } from 'zod';
import { defineEndpoint } from '../http/endpoint-spec.ts';
import { platformParams } from '../http/path-params.ts';

export const listPlatforms = defineEndpoint({
  method: 'GET',
  path: '/v1/platforms',
  scope: 'read',
  name: 'listPlatforms',
  tag: 'Platforms',
  summary: 'Platforms with their capabilities, limits and the schemas of their settings',
  conditional: true,
  answers: {
    200: {
      description: 'All platforms whose adapter has ever announced itself.',
      schema: z.object({ items: z.array(platformResource), page: z.object({}) }),
    },
  },
});

export const getPlatform = defineEndpoint({
  method: 'GET',
  path: '/v1/platforms/{platform}',
  scope: 'read',
  name: 'getPlatform',
  tag: 'Platforms',
  summary: 'One platform',
  params: platformParams,
  conditional: true,
  answers: { 200: { description: 'The platform.', schema: platformResource } },
});
