import { type RpcId } from './rpc/rpc-peer.js';

/** Names a request of one engine process towards the core. */
export function toRef({ epoch, id }: { epoch: number; id: RpcId }): string {
  return JSON.stringify([epoch, id]);
}

export function parseRef(ref: string): { epoch: number; id: RpcId } {
  const [epoch, id] = JSON.parse(ref) as [number, RpcId];
  return { epoch, id };
}
