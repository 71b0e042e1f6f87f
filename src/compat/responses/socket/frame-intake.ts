import { type Socket } from 'node:net';
import { type WebSocket } from 'ws';
import { ServiceError } from '../../../core/errors.js';
import { type BufferShare } from '../../../http/limits/buffer-budget.js';

/** The head of a control frame of a client (RFC 6455, section 5.2): two bytes and the mask. */
const CONTROL_HEAD_BYTES = 6;
/** What a packet costs beside its bytes: `ws` keeps each as it came, and a sender may make them one byte long. */
const PACKET_BYTES = 256;

/**
 * Counts what has come in of a message that is not whole yet, which `ws` keeps to itself. To be made before `ws` reads
 * from the connection, and given its socket at once afterwards.
 */
export class FrameIntake {
  #onOverflow: ((error: ServiceError) => void) | undefined;
  /** How much of what is counted was control frames, and the packets themselves. */
  #passingBytes = 0;
  readonly #take = ({ length }: Buffer): void => {
    try {
      this.share.add(length + PACKET_BYTES);
      this.#passingBytes += PACKET_BYTES;
    } catch (error) {
      const onOverflow = this.#onOverflow;
      this.#onOverflow = undefined;
      onOverflow?.(ServiceError.from(error));
    }
  };

  constructor(
    private readonly tcp: Socket,
    private readonly share: BufferShare,
  ) {
    tcp.on('data', this.#take);
    tcp.once('close', () => {
      share.close();
    });
  }

  /** `onOverflow` is called once, with the first refusal. */
  watch(socket: WebSocket, onOverflow: (error: ServiceError) => void): void {
    this.#onOverflow = onOverflow;
    const passControl = (data: Buffer): void => {
      this.#passControl(data.length + CONTROL_HEAD_BYTES);
    };
    socket.on('ping', passControl).on('pong', passControl);
    // What follows it in the same packet is not counted, so that nothing adds up on a connection that lives long.
    socket.prependListener('message', () => {
      this.#giveBack();
    });
    // From then on `ws` throws away what comes in; what it has it keeps to the end of the connection.
    socket.once('error', () => {
      this.tcp.off('data', this.#take);
    });
  }

  /** Where a part of a message waits, its packets are held with it, whatever else came in them. */
  #passControl(bytes: number): void {
    this.#passingBytes += bytes;
    if (this.#passingBytes >= this.share.bytes) {
      this.#giveBack();
    }
  }

  #giveBack(): void {
    this.#passingBytes = 0;
    this.share.close();
  }
}
