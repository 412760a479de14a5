import { Controller, Inject } from '@nestjs/common';
import type { Lineage } from '@tributary/contracts';
import { Caller, type CallerIdentity } from '../auth/caller.ts';
import { Gone } from '../http/abort.ts';
import { Endpoint } from '../http/endpoint.ts';
import type { InputOf } from '../http/endpoint-spec.ts';
import { Input } from '../http/input.ts';
import { seriesNumber } from '../http/path-params.ts';
import { getEventLineage, getValueLineage } from './lineage.endpoints.ts';
import { LineageService } from './lineage.service.ts';

@Controller()
export class LineageController {
  constructor(@Inject(LineageService) private readonly lineage: LineageService) {}

  @Endpoint(getEventLineage)
  ofEvent(
    @Input() { params }: InputOf<typeof getEventLineage>,
    @Caller() caller: CallerIdentity,
    @Gone() signal: AbortSignal,
  ): Promise<Lineage> {
    return this.lineage.ofEvent(caller.workspace, params.eventId, signal);
  }

  @Endpoint(getValueLineage)
  ofValue(
    @Input() { params, query }: InputOf<typeof getValueLineage>,
    @Caller() caller: CallerIdentity,
    @Gone() signal: AbortSignal,
  ): Promise<Lineage> {
    const asked = { seriesId: seriesNumber(params.seriesId), ts: params.ts, rev: query.rev };
    return this.lineage.ofValue(caller.workspace, asked, signal);
  }
}
