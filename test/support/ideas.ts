// The driver in pieces: which files make one, for a choice of answers; the rest are the answers of 2.6.31.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

const folder = join(__dirname, '../../drivers/virtio_net/ideas');

/** Answer to each question of drivers/virtio_net/ideas/virtio_net.h, by its prefix. */
export type Answers = Readonly<Record<string, string>>;

export const AS_OF_2_6_31: Answers = {
  full: 'park',
  completion: 'tasklet',
  txirq: 'as_found',
  header: 'separate',
  rxbuf: 'head_page',
  refill: 'half',
  oom: 'work',
  keep: 'lists',
};

/** Every file that is an answer: prefix and the rest of its name. */
export function allAnswers(): readonly (readonly [prefix: string, answer: string])[] {
  return readdirSync(folder)
    .map((name) => /^([a-z]+)_(.+)\.c$/.exec(name))
    .flatMap((match) => (match === null ? [] : [[match[1] ?? '', match[2] ?? ''] as const]));
}

/** The driver of a scenario, as a scenario in scenarios/ (or `depth` folders below it) has it. */
export function ideas(answers: Answers = {}, params?: Readonly<Record<string, number>>): object {
  const all = { ...AS_OF_2_6_31, ...answers };
  const files = ['main', ...Object.entries(all).map(([prefix, answer]) => `${prefix}_${answer}`)];
  return { files: files.map((name) => `../drivers/virtio_net/ideas/${name}.c`), kernel: '2.6.34', params };
}
