import pinoPretty from 'pino-pretty';

/** Lines for people: time, level, service, message, then the rest on one line. */
export const pretty = () =>
  pinoPretty({
    translateTime: 'SYS:HH:MM:ss.l',
    ignore: 'pid,hostname,service',
    messageFormat: '[{service}] {msg}',
    singleLine: true,
    destination: process.stdout,
  });
