import { type Socket } from 'node:net';
import { type Pace } from '../../../core/events/pace.js';

/** How fast the client of a WebSocket takes what is sent: `ws` itself does not tell. */
export class SocketPace implements Pace {
  constructor(private readonly socket: Socket) {}

  get isReady(): boolean {
    return !this.socket.writableNeedDrain;
  }

  whenDrained(): Promise<void> {
    if (this.socket.destroyed || this.isReady) {
      return Promise.resolve();
    }
    return new Promise((resolve) => {
      const settle = (): void => {
        this.socket.off('drain', settle).off('close', settle);
        resolve();
      };
      this.socket.on('drain', settle).on('close', settle);
    });
  }
}
