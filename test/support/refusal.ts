import { type Test } from 'supertest';

/** What a refused request says that a caller decides by. */
export interface Refusal {
  status: number;
  code: string;
  /** Where the faults are, each named once. */
  paths: string[];
}

/** Sends a request that is to fail, and resolves with its problem. */
export async function refusal(test: Test): Promise<Refusal> {
  const answer = await test;
  const { status, type } = answer;
  const problem = answer.body as { code?: string; status?: number; errors?: { path: string }[] };
  if (type !== 'application/problem+json' || problem.status !== status || problem.code === undefined) {
    throw new Error(`Not a problem: ${String(status)} ${type} ${answer.text}`);
  }
  return { status, code: problem.code, paths: [...new Set((problem.errors ?? []).map(({ path }) => path))].sort() };
}
