import type { ViaCall } from '@tributary/contracts';
import type { MqttMessage } from '../connection-kit.ts';

/** What brought something: answers of the platform, oldest first, or one message that it pushed. */
export interface DataSource {
  readonly calls?: readonly ViaCall[];
  /** How many more calls there were. */
  readonly more?: number;
  readonly message?: Pick<MqttMessage, 'topic' | 'payload' | 'qos' | 'dup' | 'receivedAtMs'>;
}

/** Something with what it came from, for its lineage. The kit fills it in for what calls have brought. */
export interface Sourced {
  via?: DataSource;
}
