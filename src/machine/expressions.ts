// C expressions for the worker: breakpoint conditions and log messages, compiled for the place they stand at.
import { Inspector } from '../guest';
import type { Program } from '../toolchain';
import type { ExpressionCompiler } from './breakpoints';
import { debugInfoOf } from './debug-info';

/** @param memory the guest's RAM. A condition whose memory cannot be read is false: it must not stop a run that it does not describe. */
export function expressionCompiler(program: Program, memory: Uint8Array): ExpressionCompiler {
  const inspector = new Inspector(program, debugInfoOf(program), () => memory);
  return {
    condition(text, site) {
      const compiled = inspector.compileCondition(text, site);
      return (frameBase) => {
        try {
          return compiled(frameBase) !== 0n;
        } catch {
          return false;
        }
      };
    },
    template: (text, site) => inspector.compileTemplate(text, site),
  };
}
