import type { TrueValue } from '../kit/series-log.ts';
import type { Tenant } from './accounts.ts';
import { CommandQueue } from './command-queue.ts';
import { CommunicationLog } from './communication-log.ts';
import { CloudFiles, DeviceFiles } from './device-files.ts';

export const ATTRIBUTE_SCOPES = ['CLIENT_SCOPE', 'SHARED_SCOPE', 'SERVER_SCOPE'] as const;
export type AttributeScope = (typeof ATTRIBUTE_SCOPES)[number];

export interface Attribute {
  value: TrueValue;
  real: boolean;
  lastUpdateTs: number;
}

export interface DeviceDescription {
  id: string;
  /** Position in the scenario; devices that a gateway has made have none. */
  index: number;
  tenant: Tenant;
  name: string;
  type: string;
  label: string;
  description: string;
  createdTime: number;
  /** Access token: `credentialsId` of OPTI-06, user name over MQTT. */
  token: string;
  gateway: boolean;
}

export class Device {
  readonly id: string;
  readonly index: number;
  readonly tenant: Tenant;
  readonly name: string;
  readonly type: string;
  readonly label: string;
  readonly description: string;
  readonly createdTime: number;
  token: string;
  gateway: boolean;
  readonly attributes: Record<AttributeScope, Map<string, Attribute>> = {
    CLIENT_SCOPE: new Map(),
    SHARED_SCOPE: new Map(),
    SERVER_SCOPE: new Map(),
  };
  /** What lies on the device's own disk. */
  readonly ownFiles = new DeviceFiles();
  /** What the cloud knows of files. */
  readonly cloudFiles = new CloudFiles();
  readonly communication = new CommunicationLog();
  readonly queue: CommandQueue;

  constructor(description: DeviceDescription) {
    this.id = description.id;
    this.index = description.index;
    this.tenant = description.tenant;
    this.name = description.name;
    this.type = description.type;
    this.label = description.label;
    this.description = description.description;
    this.createdTime = description.createdTime;
    this.token = description.token;
    this.gateway = description.gateway;
    this.queue = new CommandQueue(description.id);
  }
}
