// The tap between the guest and its network: frames that wait for the host, and those that the guest has sent.
import type { SentFrame } from './handle';
import type { TapFrame } from './skb-tracker';

/** Frames that wait at the tap at most: TUN_READQ_SIZE of Linux 2.6.30's tun driver; more are dropped there. */
const TAP_LENGTH = 500;
/** Frames of a run that are kept for saving as pcap, in bytes. */
const CAPTURE_LIMIT = 64 << 20;

interface Waiting {
  readonly atNs: number;
  readonly bytes: Uint8Array;
}

export interface TapState {
  readonly waiting: readonly Waiting[];
  readonly frame: TapFrame;
  readonly sent: number;
  readonly sentBytes: number;
}

export class Tap {
  private waiting: Waiting[] = [];
  /** the frame that the host read last */
  frame: TapFrame = { number: 0, atNs: 0, bytes: 0 };
  /** told of each frame that leaves, however many */
  sink: ((frame: SentFrame) => void) | undefined;
  /** Frames sent; those from `sent` on belong to a future that was left, and are sent again when the run comes by. */
  private readonly captured: SentFrame[] = [];
  private sent = 0;
  private sentBytes = 0;

  /** @param capture keep what is sent, for saving as pcap */
  constructor(private readonly capture: boolean) {}

  /** A frame came from the network. False when the tap is full, and it is lost. */
  arrive(atNs: number, bytes: Uint8Array): boolean {
    if (this.waiting.length >= TAP_LENGTH) return false;
    this.waiting.push({ atNs, bytes });
    return true;
  }

  /** Frames that wait. */
  get length(): number {
    return this.waiting.length;
  }

  peek(): Uint8Array | undefined {
    return this.waiting[0]?.bytes;
  }

  next(): Uint8Array | undefined {
    const next = this.waiting.shift();
    if (next !== undefined) this.frame = { number: this.frame.number + 1, atNs: next.atNs, bytes: next.bytes.length };
    return next?.bytes;
  }

  /** Whether anybody keeps, or is told, what is sent. */
  get isRead(): boolean {
    return this.sink !== undefined || this.capture;
  }

  /** A frame is sent. Its bytes are the device's, until it sends the next one. */
  send(timeNs: number, bytes: Uint8Array): void {
    this.sink?.({ timeNs, bytes: bytes.slice() });
    if (!this.capture || this.sentBytes >= CAPTURE_LIMIT) return;
    this.captured[this.sent++] = { timeNs, bytes: bytes.slice() };
    this.sentBytes += bytes.length;
  }

  get sentFrames(): readonly SentFrame[] {
    return this.captured.slice(0, this.sent);
  }

  snapshot(): TapState {
    return { waiting: [...this.waiting], frame: this.frame, sent: this.sent, sentBytes: this.sentBytes };
  }

  restore(state: TapState): void {
    this.waiting = [...state.waiting];
    this.frame = state.frame;
    this.sent = state.sent;
    this.sentBytes = state.sentBytes;
  }
}
