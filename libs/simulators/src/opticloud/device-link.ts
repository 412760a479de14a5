import type { ScenarioClock } from '../kit/scenario-clock.ts';
import type { Task, TaskContentType } from './command-queue.ts';
import type { Device } from './device.ts';
import type { MeasurementFile } from './device-files.ts';

/** Words a device begins a conversation with; they are also the types of communication entries. */
export const DEVICE_REQUESTS = [
  'PING',
  'ATTN',
  'UPLOAD',
  'RETURN_ERROR',
  'RETURN_SCPI',
  'RETURN_BASH',
  'RETURN_LIST',
  'RETURN_FILE',
] as const;
/** Known from protocol version 6 on. */
export const DEVICE_REQUESTS_V6 = [
  'ACKNOWLEDGMENT_FIRMWARE_UPDATE',
  'PROGRESS_FIRMWARE_UPDATE',
  'RETURN_FIRMWARE_UPDATE',
  'RETURN_CANCEL',
] as const;
export type DeviceRequest = (typeof DEVICE_REQUESTS)[number] | (typeof DEVICE_REQUESTS_V6)[number];

export interface DeviceMessage {
  request: DeviceRequest;
  messageId?: string | undefined;
  fileTag?: string | undefined;
  /** With `RETURN_LIST`. */
  listing?: MeasurementFile[] | undefined;
  /** With `UPLOAD` and `RETURN_FILE`. */
  file?: MeasurementFile | undefined;
  /** With the other answers. */
  text?: string | undefined;
}

const ORDERS: Record<TaskContentType, string> = {
  'application/om-request-list': 'LIST_FILES',
  'application/om-request-file': 'REQUEST_FILE',
  'application/om-bash': 'BASH',
  'application/om-scpi-dev': 'SCPI',
  'application/om-scpi-app': 'SCPI',
  'application/om-firmware-update': 'FIRMWARE_UPDATE',
  'application/om-cancel': 'CANCEL',
};

export const listRequest = (startMs: number, endMs: number, tag: string): string =>
  JSON.stringify({ startTime: new Date(startMs).toISOString(), endTime: new Date(endMs).toISOString(), tag });

export function readListRequest(body: string): { startMs: number; endMs: number; tag: string } {
  const { startTime, endTime, tag } = JSON.parse(body) as { startTime: string; endTime: string; tag: string };
  return { startMs: Date.parse(startTime), endMs: Date.parse(endTime), tag };
}

/** The cloud's end of a conversation with a device: files what it says, and hands over what waits for it. */
export function converse(device: Device, message: DeviceMessage, clock: ScenarioClock): Task | undefined {
  const answered = message.messageId ? settle(device, message.messageId, message.request) : undefined;
  const content = contentOf(message);
  if (message.request === 'RETURN_LIST' && answered && message.listing) refresh(device, answered, message.listing);
  if (message.file) device.cloudFiles.store(message.file, device.ownFiles.get(message.file.name) !== undefined);
  const task = device.queue.handOver();
  if (task) content.order = { type: ORDERS[task.contentType], messageId: task.messageId };
  device.communication.add({ time: clock.now(), type: message.request, content });
  return task;
}

function settle(device: Device, messageId: string, request: DeviceRequest): Task | undefined {
  if (request === 'PROGRESS_FIRMWARE_UPDATE' || request === 'ACKNOWLEDGMENT_FIRMWARE_UPDATE') return undefined;
  return device.queue.answer(messageId, request === 'RETURN_ERROR' ? 'failed' : 'done');
}

function contentOf({ messageId, fileTag, listing, file, text }: DeviceMessage): Record<string, unknown> {
  return {
    ...(messageId ? { messageId } : {}),
    ...(fileTag ? { tag: fileTag } : {}),
    ...(listing ? { files: listing.length } : {}),
    ...(file ? { fileName: file.name, size: file.size } : {}),
    ...(text ? { text: text.slice(0, 1_000) } : {}),
  };
}

/** AMB-10: what the device lists becomes the cloud's list, for the window that was asked. */
function refresh(device: Device, task: Task, listing: MeasurementFile[]): void {
  if (task.contentType !== 'application/om-request-list') return;
  const { startMs, endMs, tag } = readListRequest(task.body);
  device.cloudFiles.refresh(listing, startMs, endMs, tag);
}
