// What the adapter needs of a look into the driver's memory. guest's Inspector has this shape.

/** A frame as debug information needs it. */
export interface InspectedFrame {
  /** index in Program.functions */
  readonly func: number;
  /** index in Program.sites; undefined in a prologue */
  readonly site?: number;
  /** what DW_OP_fbreg offsets are relative to */
  readonly base: number;
}

export interface InspectedVariable {
  readonly name: string;
  /** C expression that yields it again; undefined when there is none (a bit of a formatter) */
  readonly evaluateName?: string;
  readonly type: string;
  readonly value: string;
  /** guest pointer, where it lies in memory */
  readonly address?: number;
  /** bytes */
  readonly size?: number;
  readonly namedCount: number;
  readonly indexedCount: number;
  /** guest pointer, as a memory view wants it: 0x… */
  readonly memoryReference?: string;
  readonly settable: boolean;
  /** Named children first, then indexed ones `start` to `start + count`; all without arguments. */
  children(start?: number, count?: number): readonly InspectedVariable[];
}

/** Looks into the guest's RAM while it is stopped. Every method throws an Error whose message is for the user. */
export interface Inspection {
  locals(frame: InspectedFrame): readonly InspectedVariable[];
  globals(): readonly InspectedVariable[];
  /** A C expression without side effects; without a frame, in the global scope. */
  evaluate(text: string, frame?: InspectedFrame): InspectedVariable;
  /** What to write for `target = value`: nothing is written yet. */
  assign(
    target: string,
    value: string,
    frame?: InspectedFrame,
  ): { readonly address: number; readonly bytes: Uint8Array; readonly text: string };
}
