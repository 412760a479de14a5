import { setTimeout as pause } from 'node:timers/promises';
import { Pool } from 'undici';
import { answerQuestions } from '../measuring/child.ts';
import { percentile } from '../measuring/statistics.ts';

/** Asks one address for a while. Not part of any measure. */
export interface LoadQuestion {
  origin: string;
  paths: string[];
  headers: Record<string, string>;
  /** Status that every answer must have. */
  status: number;
  connections: number;
  seconds: number;
  /** Requests begun per second whatever the answers take; without it each connection asks anew once it was answered. */
  rate?: number;
}

export interface LoadAnswer {
  requests: number;
  seconds: number;
  p50Ms: number;
  p99Ms: number;
}

answerQuestions<LoadQuestion, LoadAnswer>(async (question) => {
  const pool = new Pool(question.origin, { connections: question.connections, pipelining: 1 });
  const latencies: number[] = [];
  const from = performance.now();
  const until = from + question.seconds * 1_000;
  const ask = async (startedMs: number) => {
    const path = question.paths[Math.floor(Math.random() * question.paths.length)] ?? '/';
    const { statusCode, body } = await pool.request({ method: 'GET', path, headers: question.headers });
    const text = await body.text();
    if (statusCode !== question.status) throw new Error(`answered ${statusCode}: ${text.slice(0, 300)}`);
    latencies.push(performance.now() - startedMs);
  };
  try {
    await (question.rate ? paced(question.rate, until, ask) : closed(question.connections, until, ask));
    const seconds = (performance.now() - from) / 1_000;
    return {
      requests: latencies.length,
      seconds,
      p50Ms: percentile(latencies, 0.5),
      p99Ms: percentile(latencies, 0.99),
    };
  } finally {
    await pool.close();
  }
});

async function closed(connections: number, until: number, ask: (startedMs: number) => Promise<void>): Promise<void> {
  const caller = async () => {
    while (performance.now() < until) await ask(performance.now());
  };
  await Promise.all(Array.from({ length: connections }, caller));
}

/** Latency counts from when a request was due, so that a server that stalls cannot hide it. */
async function paced(rate: number, until: number, ask: (dueMs: number) => Promise<void>): Promise<void> {
  const asked: Promise<void>[] = [];
  let dueMs = performance.now();
  while (dueMs < until) {
    for (; dueMs <= performance.now() && dueMs < until; dueMs += 1_000 / rate) asked.push(ask(dueMs));
    await pause(1);
  }
  await Promise.all(asked);
}
