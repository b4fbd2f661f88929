// The command line of `lab`, parsed. Pure.

export type Command =
  | { readonly do: 'help' }
  | { readonly do: 'list'; readonly json: boolean }
  | { readonly do: 'check'; readonly scenario: string }
  | {
      readonly do: 'run';
      readonly scenario: string;
      readonly json: boolean;
      /** file for the event log; `-`: stdout */
      readonly log?: string;
      /** file for the frames that were sent */
      readonly pcap?: string;
      readonly level?: 'run' | 'debug' | 'measure';
      /** module parameters, as they were written */
      readonly params: Readonly<Record<string, string>>;
    }
  | {
      readonly do: 'experiment';
      readonly experiment: string;
      readonly format: 'text' | 'json' | 'markdown';
      /** with the few packets that the experiment has for tests */
      readonly quick: boolean;
    }
  | {
      readonly do: 'test';
      /** files, folders and names of what is bundled; none: the working directory */
      readonly files: readonly string[];
      readonly reporter: 'spec' | 'junit' | 'json';
      /** the index-th of `count` parts, from 1 */
      readonly shard?: { readonly index: number; readonly count: number };
      readonly quick: boolean;
    };

/** A command line that means nothing; the message says what is wrong with it. */
export class UsageError extends Error {}

export const USAGE = `usage:
  lab run SCENARIO [--json] [--log FILE] [--pcap FILE] [--level run|debug|measure] [--param NAME=VALUE …]
  lab check SCENARIO
  lab experiment EXPERIMENT [--json|--markdown] [--quick]
  lab test [FILE …] [--reporter spec|junit] [--json] [--shard I/N] [--quick]
  lab list [--json]

SCENARIO is the path of a *.virtio.json file, or the name of a bundled scenario (lab list).
EXPERIMENT is the path of a *.virtio-experiment.json file, or the name of a bundled experiment.
FILE is a scenario or an experiment, or a folder of them; without one, all in the working directory and below.

run         runs to the end and prints the report
  --json      the report as JSON
  --log       writes the event log, one line an event: position, ns, who, what, queue, detail; - for stdout
  --pcap      writes the frames that the guest sent
  --level     instrumentation level; the result is the same at all, and measure counts memory accesses besides
  --param     sets a module parameter of the driver; may be given more than once
check       reads the scenario and all it names, compiles its driver, and runs nothing
experiment  runs scenarios side by side, on all cores, and prints a table
  --json      everything as JSON, the report of each row included
  --markdown  the table as Markdown
  --quick     with the few packets that the experiment has for tests
test        runs scenarios and experiments, and holds them to what they expect
  --reporter  spec: a line for each file; junit: XML, a test case for each expectation
  --json      the results as JSON
  --shard     runs the I-th of N parts
list        the bundled scenarios and experiments

exit code: 0 ok, 1 an expectation failed or something was found, 2 wrong usage or input, or nothing to test
`;

/** Options of each command; the named ones take a value. */
const OPTIONS: Readonly<Record<string, readonly string[]>> = {
  run: ['--json', '--log', '--pcap', '--level', '--param'],
  check: [],
  experiment: ['--json', '--markdown', '--quick'],
  test: ['--reporter', '--json', '--shard', '--quick'],
  list: ['--json'],
};
const VALUED = new Set(['--log', '--pcap', '--level', '--param', '--reporter', '--shard']);
const COMMANDS = 'run, check, experiment, test or list';
/** May be given more than once: each is an option of its own by what it sets. */
const REPEATED = '--param';

/** @throws UsageError */
export function parseArguments(args: readonly string[]): Command {
  const [name, ...rest] = args;
  if (name === undefined) throw new UsageError(`a command is missing: ${COMMANDS}`);
  if (['help', '--help', '-h'].includes(name) || rest.includes('--help')) return { do: 'help' };
  const allowed = Object.hasOwn(OPTIONS, name) ? OPTIONS[name] : undefined;
  if (allowed === undefined) throw new UsageError(`there is no command ${name}: expected ${COMMANDS}`);
  const { positional, options } = split(name, rest, allowed);
  if (name === 'list') {
    if (positional.length > 0) throw new UsageError(`list takes no ${positional[0]}`);
    return { do: 'list', json: options.has('--json') };
  }
  if (name === 'test') return testOf(positional, options);
  const noun = name === 'experiment' ? 'experiment' : 'scenario';
  const [scenario, extra] = positional;
  if (scenario === undefined) throw new UsageError(`${name}: ${noun === 'scenario' ? 'a' : 'an'} ${noun} is missing`);
  if (extra !== undefined) throw new UsageError(`${name} takes one ${noun}; found ${extra} as well`);
  if (name === 'experiment')
    return { do: 'experiment', experiment: scenario, format: formatOf(options), quick: options.has('--quick') };
  if (name === 'check') return { do: 'check', scenario };
  return {
    do: 'run',
    scenario,
    json: options.has('--json'),
    log: options.get('--log'),
    pcap: options.get('--pcap'),
    level: levelOf(options.get('--level')),
    params: paramsOf(options),
  };
}

function formatOf(options: ReadonlyMap<string, string>): 'text' | 'json' | 'markdown' {
  if (options.has('--json') && options.has('--markdown'))
    throw new UsageError('experiment: --json or --markdown, not both');
  if (options.has('--json')) return 'json';
  return options.has('--markdown') ? 'markdown' : 'text';
}

function testOf(files: readonly string[], options: ReadonlyMap<string, string>): Command {
  const reporter = options.get('--reporter') ?? 'spec';
  if (reporter !== 'spec' && reporter !== 'junit')
    throw new UsageError(`--reporter: found ${reporter}, expected spec or junit`);
  if (options.has('--json') && options.has('--reporter')) throw new UsageError('test: --json or --reporter, not both');
  return {
    do: 'test',
    files,
    reporter: options.has('--json') ? 'json' : reporter,
    shard: shardOf(options.get('--shard')),
    quick: options.has('--quick'),
  };
}

function shardOf(text: string | undefined): { readonly index: number; readonly count: number } | undefined {
  if (text === undefined) return undefined;
  const [, index, count] = /^([1-9]\d{0,4})\/([1-9]\d{0,4})$/.exec(text) ?? [];
  if (index !== undefined && count !== undefined && Number(index) <= Number(count))
    return { index: Number(index), count: Number(count) };
  throw new UsageError(`--shard: found ${text}, expected I/N, as 1/4, with I from 1 to N`);
}

function split(
  command: string,
  args: readonly string[],
  allowed: readonly string[],
): { readonly positional: readonly string[]; readonly options: ReadonlyMap<string, string> } {
  const positional: string[] = [];
  const options = new Map<string, string>();
  for (let i = 0; i < args.length; i++) {
    const [name = '', inline] = args[i]?.startsWith('--') === true ? splitOnce(args[i] ?? '') : ['', undefined];
    if (name === '') {
      positional.push(args[i] ?? '');
      continue;
    }
    if (!allowed.includes(name))
      throw new UsageError(`${command}: no option ${name}; there are ${allowed.join(', ') || 'none'}`);
    if (!VALUED.has(name)) {
      options.set(name, '');
      continue;
    }
    const value = inline ?? args[++i];
    if (value === undefined || value === '') throw new UsageError(`${name}: a value is missing`);
    options.set(name === REPEATED ? `${name} ${splitOnce(value)[0]}` : name, value);
  }
  return { positional, options };
}

function paramsOf(options: ReadonlyMap<string, string>): Readonly<Record<string, string>> {
  const given = [...options].filter(([option]) => option.startsWith(`${REPEATED} `)).map(([, text]) => splitOnce(text));
  for (const [name, value] of given)
    if (value === undefined) throw new UsageError(`--param: found ${name}, expected NAME=VALUE`);
  return Object.fromEntries(given.map(([name, value]) => [name, value ?? '']));
}

/** `--log=FILE` is `--log FILE`. */
function splitOnce(text: string): readonly [name: string, value: string | undefined] {
  const at = text.indexOf('=');
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}

function levelOf(value: string | undefined): 'run' | 'debug' | 'measure' | undefined {
  if (value === undefined || value === 'run' || value === 'debug' || value === 'measure') return value;
  throw new UsageError(`--level: found ${value}, expected run, debug or measure`);
}
