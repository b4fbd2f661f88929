// Module parameters: what the machine is given as insmod's arguments is in the driver's variables before its init runs.
import assert from 'node:assert/strict';
import { fixtureDriver, headless, program, setup } from '../../support/machine';

/** The first line that is printed: by the init function of parameters.c, or by the boot that fails. */
async function printed(moduleArguments: string): Promise<string> {
  const { log } = headless(setup(await program([fixtureDriver('parameters.c')]), { moduleArguments, traffic: [] }));
  return String(log.find(({ what }) => what === 'printk')?.detail['text']);
}

describe('module parameters', function () {
  this.timeout(60_000);

  it('keep their initial values when nothing is said', async () => {
    assert.equal(await printed(''), 'byte 1 short -2 int 3 ulong 4 flag 1 old 0 inverted 1 text none');
  });

  it('are set before the driver starts, each by its type', async () => {
    assert.equal(
      await printed('byte=255 short=-32768 int=-2147483648 ulong=4294967295 flag=0 old=1 inverted=1 text="a b"'),
      'byte 255 short -32768 int -2147483648 ulong 4294967295 flag 0 old 1 inverted 0 text a b',
    );
  });

  it('fail the boot, with the name and the value, when they are no good', async () => {
    for (const [bad, said] of [
      ['int=1 nothing=1', 'params: no module has a parameter nothing'],
      ['byte=256', 'params: byte: invalid value "256"'],
      ['byte=-1', 'params: byte: invalid value "-1"'],
      ['int=', 'params: int: invalid value ""'],
      ['int=4x', 'params: int: invalid value "4x"'],
      ['ulong=99999999999999999999', 'params: ulong: invalid value "99999999999999999999"'],
      ['flag=2', 'params: flag: invalid value "2"'],
      ['=', 'params: no module has a parameter '],
    ])
      assert.equal(await printed(bad ?? ''), said);
  });
});
