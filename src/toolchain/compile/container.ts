// One binary file for a value of JSON and some byte arrays: versioned, and checked by its hash. The cache is made of them.
import { createHash } from 'node:crypto';

/** A file that is damaged, of another kind or version. The message says what was found. */
export class ContainerError extends Error {
  override readonly name = 'ContainerError';
}

const MAGIC = 'VLAB';
const CHECKSUM = 32;
/** magic, kind (8 characters), version, checksum of all that follows, length of the JSON text */
const HEAD = 4 + 8 + 4 + CHECKSUM + 4;

export interface Container {
  readonly json: unknown;
  readonly blobs: readonly Uint8Array[];
}

/** `kind`: at most 8 characters, what the file holds. */
export function packContainer(kind: string, version: number, { json, blobs }: Container): Uint8Array {
  const text = Buffer.from(JSON.stringify({ json, sizes: blobs.map((blob) => blob.length) }));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(text.length);
  const payload = Buffer.concat([length, text, ...blobs]);
  const head = Buffer.alloc(HEAD - 4);
  head.write(MAGIC, 0, 'latin1');
  head.write(kind.padEnd(8), 4, 'latin1');
  head.writeUInt32LE(version, 12);
  createHash('sha256').update(payload).digest().copy(head, 16);
  return Uint8Array.from(Buffer.concat([head, payload]));
}

/** Throws ContainerError unless the bytes are a whole, undamaged container of this kind and version. */
export function unpackContainer(kind: string, version: number, bytes: Uint8Array): Container {
  const data = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (data.length < HEAD || data.toString('latin1', 0, 4) !== MAGIC)
    throw new ContainerError('not a file of Virtio Lab');
  const found = data.toString('latin1', 4, 12).trimEnd();
  if (found !== kind) throw new ContainerError(`expected a file of kind "${kind}", found "${found}"`);
  const foundVersion = data.readUInt32LE(12);
  if (foundVersion !== version) throw new ContainerError(`${kind}: expected version ${version}, found ${foundVersion}`);
  const payload = data.subarray(HEAD - 4);
  if (
    !createHash('sha256')
      .update(payload)
      .digest()
      .equals(data.subarray(16, 16 + CHECKSUM))
  ) {
    throw new ContainerError(`${kind}: the file is damaged (its checksum is wrong)`);
  }
  const textEnd = 4 + payload.readUInt32LE(0);
  const { json, sizes } = JSON.parse(payload.toString('utf8', 4, textEnd)) as { json: unknown; sizes: number[] };
  let at = textEnd;
  const blobs = sizes.map((size) => Uint8Array.from(payload.subarray(at, (at += size))));
  return { json, blobs };
}
