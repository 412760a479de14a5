/** The little of it that is used: the package brings no types. */
declare module 'aws-iot-device-sdk' {
  import type { EventEmitter } from 'node:events';

  class Device extends EventEmitter {
    constructor(options: Record<string, unknown>);
    subscribe(topic: string): void;
    publish(topic: string, message: string): void;
    end(force?: boolean): void;
    updateWebSocketCredentials(accessKeyId: string, secretKey: string, sessionToken: string, expiration: string): void;
  }
  const awsIot: { device: typeof Device };
  export default awsIot;
}
