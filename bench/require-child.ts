// Loads dist/extension.js in a fresh process, with an empty `vscode`, and prints the ms it took.
import Module from 'node:module';

const [file] = process.argv.slice(2);
if (file === undefined) throw new Error('usage: require-child <bundle>');
/** Any name of `vscode` is a class that can be extended and called. The bundle makes objects that inherit from the module. */
const anything: object = new Proxy(class {}, {
  get: (_, name) => (name === 'prototype' ? {} : anything),
  getPrototypeOf: () => anything,
});
const load = Reflect.get(Module, '_load') as (request: string, ...rest: unknown[]) => unknown;
Reflect.set(Module, '_load', (request: string, ...rest: unknown[]) =>
  request === 'vscode' ? anything : load(request, ...rest),
);
const started = performance.now();
load(file, undefined, true);
console.log(performance.now() - started);
