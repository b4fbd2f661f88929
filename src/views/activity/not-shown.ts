// Known bugs that the lab's machine cannot have: they are listed with the reason, and there is nothing to run.

export interface NotShown {
  /** as the row says it: the bug, and its commit */
  readonly name: string;
  readonly reason: string;
}

/** What they have in common, beside their names. */
export const NOT_SHOWN = 'cannot be shown on one in-order vCPU';

/** Bugs of Linux that need what the lab's machine does not have: a second vCPU, or one whose loads pass each other. */
export const NOT_SHOWN_BUGS: readonly NotShown[] = [
  {
    name: 'enable_cb() against the interrupt of another CPU (4265f161b6b)',
    reason:
      'Until 2.6.25-rc7 a NAPI poll could be scheduled by an interrupt on a second CPU while the first one was between napi_complete() and enable_cb(), and both polled: BUG. It takes two CPUs that run the driver at once, and this machine has one.',
  },
  {
    name: 'get_buf() without a read barrier (2d61ba95034)',
    reason:
      'Until 2.6.32-rc6 get_buf() read the used entry without a barrier behind used->idx: a CPU that loads out of order sees the new index and the old entry. This machine’s vCPU loads in order, so the entry is never stale.',
  },
];
