// Compiled things by the hash of all that went into them: in memory, in a folder, and in read-only folders that were shipped.
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

export interface Codec<T> {
  /** file extension, with its dot */
  readonly extension: string;
  pack(value: T): Uint8Array;
  /** throws when the bytes are damaged */
  unpack(bytes: Uint8Array): T;
}

/** A cache never fails: an entry that is damaged or cannot be written is as good as none. */
export class ContentCache<T> {
  private readonly memory = new Map<string, T>();

  /**
   * @param writable folder for new entries; undefined keeps them in memory only
   * @param shipped folders that are only read
   * @param limit entries held in memory
   */
  constructor(
    private readonly codec: Codec<T>,
    private readonly writable: string | undefined,
    private readonly shipped: readonly string[],
    private readonly limit: number,
  ) {}

  get(key: string): T | undefined {
    const known = this.memory.get(key) ?? this.fromDisk(key);
    if (known !== undefined) this.remember(key, known);
    return known;
  }

  set(key: string, value: T): void {
    this.remember(key, value);
    if (this.writable === undefined) return;
    const target = path.join(this.writable, key + this.codec.extension);
    // renamed when whole: a reader, in this process or another, never sees half a file
    const part = `${target}.${randomBytes(6).toString('hex')}`;
    try {
      mkdirSync(this.writable, { recursive: true });
      writeFileSync(part, this.codec.pack(value));
      renameSync(part, target);
    } catch {
      rmSync(part, { force: true });
    }
  }

  private fromDisk(key: string): T | undefined {
    const folders = this.writable === undefined ? this.shipped : [this.writable, ...this.shipped];
    for (const folder of folders) {
      try {
        return this.codec.unpack(readFileSync(path.join(folder, key + this.codec.extension)));
      } catch {
        // not there, or damaged: it is compiled again
      }
    }
    return undefined;
  }

  private remember(key: string, value: T): void {
    this.memory.delete(key);
    this.memory.set(key, value);
    if (this.memory.size > this.limit) {
      const [oldest] = this.memory.keys();
      if (oldest !== undefined) this.memory.delete(oldest);
    }
  }
}
