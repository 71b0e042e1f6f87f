import { type ServerResponse } from 'node:http';

const answers = new WeakSet<ServerResponse>();

/** From now on what the request's own route says is not sent: somebody else has ended its answer. */
export const markCutOff = (res: ServerResponse): void => {
  answers.add(res);
};

export const isCutOff = (res: ServerResponse): boolean => answers.has(res);
