import { Controller, Inject } from '@nestjs/common';
import { Caller, type CallerIdentity } from '../auth/caller.ts';
import { DeviceStore } from '../devices/device-store.ts';
import type { Staleness } from '../gateway/known-answers/known-answer.ts';
import { Gone } from '../http/abort.ts';
import { Answer } from '../http/answer.ts';
import { Endpoint } from '../http/endpoint.ts';
import type { InputOf } from '../http/endpoint-spec.ts';
import { etagOf } from '../http/etag.ts';
import type { IdempotencyClaim } from '../http/idempotency-claim.ts';
import { Input } from '../http/input.ts';
import { Idempotency, RequestUrl, TraceId } from '../http/request-parts.ts';
import { answerOf, StaleAnswers, staleMark } from '../http/staleness.ts';
import { pageAnswer } from '../lists/read-list.ts';
import { CommandStore } from './command-store.ts';
import * as endpoints from './commands.endpoints.ts';
import { CommandsService } from './commands.service.ts';

type In<N extends keyof typeof endpoints> = InputOf<(typeof endpoints)[N]>;

@Controller()
export class CommandsController {
  constructor(
    @Inject(CommandStore) private readonly store: CommandStore,
    @Inject(DeviceStore) private readonly devices: DeviceStore,
    @Inject(CommandsService) private readonly service: CommandsService,
  ) {}

  @Endpoint(endpoints.describeCommands)
  async describe(
    @Input() { params }: In<'describeCommands'>,
    @Caller() caller: CallerIdentity,
    @TraceId() traceId: string,
    @Gone() signal: AbortSignal,
    @StaleAnswers() staleness: Staleness,
  ) {
    const known = await this.service.describe(caller, params.deviceId, { traceId, signal, staleness });
    return answerOf(known, new Answer({ items: known.reply, page: {}, ...staleMark(known) }));
  }

  @Endpoint(endpoints.createCommand)
  async create(
    @Input() { params, body }: In<'createCommand'>,
    @Caller() caller: CallerIdentity,
    @Idempotency() claim: IdempotencyClaim | undefined,
    @TraceId() traceId: string,
    @Gone() signal: AbortSignal,
  ) {
    const command = await this.service.accept(caller, params.deviceId, body, claim, { traceId, signal });
    return new Answer(command, { status: 202, headers: { location: `/v1/commands/${command.id}` } });
  }

  @Endpoint(endpoints.listDeviceCommands)
  async listOfDevice(
    @Input() { params, query }: In<'listDeviceCommands'>,
    @Caller() caller: CallerIdentity,
    @RequestUrl() url: string,
  ) {
    const { id } = await this.devices.address(caller.workspace, params.deviceId);
    return pageAnswer(await this.store.list(caller.workspace, query, { deviceId: id }), url);
  }

  @Endpoint(endpoints.listCommands)
  async list(@Input() { query }: In<'listCommands'>, @Caller() caller: CallerIdentity, @RequestUrl() url: string) {
    return pageAnswer(await this.store.list(caller.workspace, query), url);
  }

  @Endpoint(endpoints.getCommand)
  async get(@Input() { params }: In<'getCommand'>, @Caller() caller: CallerIdentity) {
    const command = await this.store.get(caller.workspace, params.commandId);
    // A command only ever gains steps, so that their number is its version.
    const etag = etagOf(command.id, command.transitions.length, command.updatedAt);
    return new Answer(command, { headers: { etag } });
  }

  @Endpoint(endpoints.cancelCommand)
  cancel(@Input() { params }: In<'cancelCommand'>, @Caller() caller: CallerIdentity, @TraceId() traceId: string) {
    return this.service.cancel(caller, params.commandId, traceId);
  }
}
