// Jobs side by side, as many at a time as there are lanes: each starts when what it needs is done, the first of the list first.

/**
 * @template T
 * @typedef {object} Job
 * @property {string} name
 * @property {readonly string[]} [needs] names of jobs that must have ended well before
 * @property {string} [alone] of the jobs with the same word here, one runs at a time
 * @property {() => Promise<T>} run
 */

/**
 * How a job ended: with its result; with what it threw; or not at all, since a job that it needs did not end well.
 * @template T
 * @typedef {{ name: string, seconds: number } & ({ result: T } | { error: unknown } | { missing: string })} Ended
 */

/**
 * Runs all jobs. One that fails takes along only those that need it.
 * @template T
 * @param {readonly Job<T>[]} jobs needs are earlier in the list
 * @param {number} lanes
 * @param {(ended: Ended<T>) => void} told of each job as it ends
 * @returns {Promise<readonly Ended<T>[]>} in the order of the jobs
 */
export async function runInLanes(jobs, lanes, told) {
  /** @type {Map<string, Ended<T>>} */
  const ended = new Map();
  const waiting = new Set(jobs);
  /** @type {Map<Job<T>, Promise<void>>} */
  const running = new Map();

  /** @param {Ended<T>} how */
  const end = (how) => {
    ended.set(how.name, how);
    told(how);
  };
  /** @param {Job<T>} job */
  const run = async (job) => {
    const started = performance.now();
    const seconds = () => (performance.now() - started) / 1000;
    try {
      const result = await job.run();
      end({ name: job.name, seconds: seconds(), result });
    } catch (error) {
      end({ name: job.name, seconds: seconds(), error });
    }
    running.delete(job);
  };
  /** @param {string} name */
  const broke = (name) => {
    const how = ended.get(name);
    return how !== undefined && !('result' in how);
  };
  /** @param {Job<T>} job */
  const ready = ({ needs = [], alone }) =>
    needs.every((name) => ended.has(name)) &&
    (alone === undefined || [...running.keys()].every((other) => other.alone !== alone));

  while (waiting.size > 0 || running.size > 0) {
    for (const job of waiting) {
      const missing = job.needs?.find(broke);
      if (missing !== undefined) {
        waiting.delete(job);
        end({ name: job.name, seconds: 0, missing });
      } else if (running.size < lanes && ready(job)) {
        waiting.delete(job);
        running.set(job, run(job));
      }
    }
    if (running.size > 0) await Promise.race(running.values());
    else if (waiting.size > 0) throw new Error(`${[...waiting].map(({ name }) => name).join(', ')}: needs no job has`);
  }
  return jobs.flatMap(({ name }) => ended.get(name) ?? []);
}
