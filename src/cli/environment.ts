// What the commands of `lab` have of the surrounding process, and what they tell it.

export interface Environment {
  /** folder that holds drivers/, scenarios/, experiments/ and dist/ */
  readonly root: string;
  /** what relative paths are relative to */
  readonly cwd: string;
  /** folder for what is compiled */
  readonly cacheDir?: string;
  /** the machine's built worker; default: beside the product's own file */
  readonly workerPath?: string;
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** what is under way, for who watches: each text takes the place of the one before */
  readonly progress?: (text: string) => void;
  /** ms of real time: for stderr only */
  readonly now: () => number;
}

/** Exit codes. */
export const EXIT = { ok: 0, failed: 1, bad: 2 } as const;
