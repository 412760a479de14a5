import { Webhook } from 'standardwebhooks';

/** Secrets of a subscription as they are sealed; `previous` signs too while a rotation is under way. */
export interface WebhookSecrets {
  current: string;
  previous?: string;
}

/** Headers of Standard Webhooks: what is signed is id, time and body, by each secret. */
export function signatureHeaders(
  message: { id: string; atMs: number; body: string },
  secrets: readonly string[],
): Record<string, string> {
  const at = new Date(message.atMs);
  const signatures = secrets.map((secret) => new Webhook(secret).sign(message.id, at, message.body));
  return {
    'webhook-id': message.id,
    'webhook-timestamp': String(Math.floor(message.atMs / 1_000)),
    'webhook-signature': signatures.join(' '),
  };
}
