import { Controller, Inject } from '@nestjs/common';
import { Answer } from '../http/answer.ts';
import { Endpoint } from '../http/endpoint.ts';
import type { InputOf } from '../http/endpoint-spec.ts';
import { etagOfBody } from '../http/etag.ts';
import { Input } from '../http/input.ts';
import { notFound } from '../http/problem-error.ts';
import { PlatformCatalogue } from './platform-catalogue.ts';
import { getPlatform, listPlatforms } from './platforms.endpoints.ts';

@Controller()
export class PlatformsController {
  readonly #catalogue: PlatformCatalogue;

  constructor(@Inject(PlatformCatalogue) catalogue: PlatformCatalogue) {
    this.#catalogue = catalogue;
  }

  @Endpoint(listPlatforms)
  async list(@Input() _input: InputOf<typeof listPlatforms>): Promise<Answer> {
    const body = { items: await this.#catalogue.list(), page: {} };
    return new Answer(body, { headers: { etag: etagOfBody(body) } });
  }

  @Endpoint(getPlatform)
  async get(@Input() { params }: InputOf<typeof getPlatform>): Promise<Answer> {
    const platform = await this.#catalogue.get(params.platform);
    if (!platform) throw notFound('platform');
    return new Answer(platform, { headers: { etag: etagOfBody(platform) } });
  }
}
