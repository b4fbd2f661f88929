// Memory requests: bytes of the guest's RAM by reference, and which references a client has open.
import type { DebugProtocol } from '@vscode/debugprotocol';
import { hex, parseAddress } from './address';
import { RequestError } from './errors';

/** No request returns more than this at once; clients ask again. */
const MOST = 1 << 20;

export class Memory {
  /** a client's references, and the guest pointer of each: an edit must name those that it knows */
  private readonly open = new Map<string, number>();

  constructor(private readonly ram: Uint8Array) {}

  /** @throws RequestError when reference, offset or count make no sense */
  read(args: DebugProtocol.ReadMemoryArguments): DebugProtocol.ReadMemoryResponse['body'] {
    const base = this.address(args.memoryReference);
    this.open.set(args.memoryReference, base);
    const address = base + whole(args.offset ?? 0, 'offset');
    const count = Math.min(whole(args.count, 'count'), MOST);
    if (count < 0) throw new RequestError(`readMemory: count is ${count}; expected 0 or more.`);
    if (address < 0 || address >= this.ram.length)
      return { address: hex(Math.max(0, address)), unreadableBytes: count };
    const bytes = this.ram.slice(address, address + count);
    const missing = count - bytes.length;
    return {
      address: hex(address),
      data: Buffer.from(bytes).toString('base64'),
      unreadableBytes: missing > 0 ? missing : undefined,
    };
  }

  /** What a writeMemory request wants written. @throws RequestError when it is not all RAM */
  write(args: DebugProtocol.WriteMemoryArguments): { address: number; bytes: Uint8Array; text: string } {
    const address = this.address(args.memoryReference) + whole(args.offset ?? 0, 'offset');
    if (!/^[A-Za-z0-9+/]*={0,2}$/.test(args.data)) throw new RequestError('writeMemory: data is no base64.');
    const all = new Uint8Array(Buffer.from(args.data, 'base64'));
    const room = address < 0 ? 0 : Math.max(0, this.ram.length - address);
    if (all.length > room && (args.allowPartial !== true || room === 0))
      throw new RequestError(
        `Cannot write ${all.length} bytes at ${hex(Math.max(0, address))}: RAM ends at ${hex(this.ram.length)}.`,
        { showUser: true },
      );
    const bytes = all.slice(0, room);
    return { address, bytes, text: `memory at ${hex(address)}: ${bytes.length} B` };
  }

  /** Places of a written range as the client's open references see it. */
  touched(address: number, count: number): { memoryReference: string; offset: number; count: number }[] {
    const references = this.open.size > 0 ? [...this.open] : [[hex(address), address] as const];
    return references.map(([memoryReference, base]) => ({ memoryReference, offset: address - base, count }));
  }

  private address(reference: string): number {
    const address = parseAddress(reference);
    if (address === undefined)
      throw new RequestError(`"${reference}" is no memory reference: expected 0x and hex digits.`);
    return address;
  }
}

function whole(value: number, name: string): number {
  if (!Number.isSafeInteger(value)) throw new RequestError(`${name} is ${String(value)}; expected a whole number.`);
  return value;
}
