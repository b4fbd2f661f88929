// compile_commands.json: our entries come and are replaced, the user's stay.
import assert from 'node:assert/strict';
import { withCommands } from '../../../src/panel/workspace/compile-commands';

const command = (file: string, ...flags: string[]) => ({ directory: '/w', file, arguments: ['clang', ...flags, file] });

describe('compile_commands.json', () => {
  it('is made when there is none', () => {
    assert.deepEqual(JSON.parse(withCommands(undefined, [command('/w/a.c')])), [command('/w/a.c')]);
  });

  it('replaces entries of the same file and keeps the others', () => {
    const before = JSON.stringify([command('/w/a.c', '-DOLD'), { file: 'b.c', command: 'cc b.c', directory: '/x' }]);
    assert.deepEqual(JSON.parse(withCommands(before, [command('/w/a.c', '-DNEW')])), [
      { file: 'b.c', command: 'cc b.c', directory: '/x' },
      command('/w/a.c', '-DNEW'),
    ]);
  });

  it('refuses what is no database, and says what to do', () => {
    assert.throws(() => withCommands('{}', []), /compile_commands.json is no list. Mend or remove it/);
    assert.throws(() => withCommands('[', []), /not valid JSON/);
  });
});
