export type TaskContentType =
  | 'application/om-request-list'
  | 'application/om-request-file'
  | 'application/om-bash'
  | 'application/om-scpi-dev'
  | 'application/om-scpi-app'
  | 'application/om-firmware-update'
  | 'application/om-cancel';

export interface Task {
  messageId: string;
  contentType: TaskContentType;
  body: string;
  fileTag?: string;
  queuedAt: number;
  /** Until the device calls in it is queued; then it is the device's until it answers. */
  state: 'queued' | 'sent' | 'done' | 'failed';
}

/** What waits for a device. Nothing in here contacts the device: it is handed over when the device calls in. */
export class CommandQueue {
  readonly #deviceId: string;
  readonly #tasks: Task[] = [];
  #count = 0;

  constructor(deviceId: string) {
    this.#deviceId = deviceId;
  }

  get tasks(): readonly Readonly<Task>[] {
    return this.#tasks;
  }

  /** The same order twice is two tasks. */
  add(contentType: TaskContentType, body: string, queuedAt: number, fileTag?: string): Task {
    const messageId = `${this.#deviceId.slice(0, 8)}-${++this.#count}`;
    const task: Task = { messageId, contentType, body, queuedAt, state: 'queued', ...(fileTag ? { fileTag } : {}) };
    this.#tasks.push(task);
    if (this.#tasks.length > 1_000) this.#tasks.shift();
    return task;
  }

  /** The oldest that waits, and from now on is the device's. */
  handOver(): Task | undefined {
    const task = this.#tasks.find((one) => one.state === 'queued');
    if (task) task.state = 'sent';
    return task;
  }

  /** The device has answered. Unknown, unsent and already answered tasks give nothing. */
  answer(messageId: string, state: 'done' | 'failed'): Task | undefined {
    const task = this.#tasks.find((one) => one.messageId === messageId && one.state === 'sent');
    if (task) task.state = state;
    return task;
  }
}
