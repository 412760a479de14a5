import { Controller, Inject } from '@nestjs/common';
import { Caller, type CallerIdentity } from '../auth/caller.ts';
import { Answer } from '../http/answer.ts';
import { Endpoint } from '../http/endpoint.ts';
import type { InputOf } from '../http/endpoint-spec.ts';
import { Input } from '../http/input.ts';
import { RequestUrl, TraceId } from '../http/request-parts.ts';
import { pageAnswer } from '../lists/read-list.ts';
import * as endpoints from './parked-jobs.endpoints.ts';
import { type JobDraft, ParkedJobStore } from './parked-jobs.ts';

type In<N extends keyof typeof endpoints> = InputOf<(typeof endpoints)[N]>;

@Controller()
export class ParkedJobsController {
  constructor(@Inject(ParkedJobStore) private readonly jobs: ParkedJobStore) {}

  @Endpoint(endpoints.replayParkedMessages)
  replay(@Input() { body }: In<'replayParkedMessages'>, @Caller() caller: CallerIdentity, @TraceId() traceId: string) {
    const { dryRun, ...selection } = body;
    return this.#start(caller, { kind: dryRun ? 'rehearsal' : 'replay', selection }, traceId);
  }

  @Endpoint(endpoints.discardParkedMessages)
  discard(
    @Input() { body }: In<'discardParkedMessages'>,
    @Caller() caller: CallerIdentity,
    @TraceId() traceId: string,
  ) {
    const { reason, ...selection } = body;
    return this.#start(caller, { kind: 'discard', selection, reason }, traceId);
  }

  @Endpoint(endpoints.listParkedJobs)
  async list(@Input() { query }: In<'listParkedJobs'>, @Caller() caller: CallerIdentity, @RequestUrl() url: string) {
    return pageAnswer(await this.jobs.list(caller.workspace, query), url);
  }

  @Endpoint(endpoints.getParkedJob)
  get(@Input() { params }: In<'getParkedJob'>, @Caller() caller: CallerIdentity) {
    return this.jobs.get(caller.workspace, params.jobId);
  }

  @Endpoint(endpoints.cancelParkedJob)
  cancel(@Input() { params }: In<'cancelParkedJob'>, @Caller() caller: CallerIdentity, @TraceId() traceId: string) {
    return this.jobs.cancel(caller, params.jobId, traceId);
  }

  async #start(caller: CallerIdentity, draft: JobDraft, traceId: string): Promise<Answer> {
    const job = await this.jobs.start(caller, draft, traceId);
    return new Answer(job, { headers: { location: `/v1/parked-messages/jobs/${job.id}` } });
  }
}
