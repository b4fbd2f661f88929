// What the editors are told: hovers that cite the specification, expressions with inline values, marks on lines with effects.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FEATURE_BITS } from '../../../src/device';
import { lineMarks } from '../../../src/views/editor/effect-text';
import { inlineExpressions } from '../../../src/views/editor/inline-expressions';
import { specAt } from '../../../src/views/editor/spec-lookup';
import { SPEC_FIELDS, SPEC_NAMES } from '../../../src/views/editor/spec-table';

const headers = join(__dirname, '../../../drivers/lib/include/linux');
/** Names of the kernel's own, of which the specification says nothing. */
const LINUX_ONLY =
  /^VIRTIO_(TRANSPORT_F_|DEV_ANY_ID|ID_(?!NET)|MMIO_(MAGIC$|VRING_ALIGN)|PCI_(ABI_VERSION|QUEUE_ADDR_SHIFT))/;

describe('spec hovers', () => {
  it('know every flag, feature, status bit and register that the kernel API defines', () => {
    const defined = readdirSync(headers)
      .filter((file) => file.startsWith('virtio'))
      .flatMap((file) => [
        ...readFileSync(join(headers, file), 'utf8').matchAll(/#define\s+((?:VIRTIO|VRING)_\w+)\s+\S/g),
      ])
      .map(([, name]) => name ?? '')
      .filter((name) => !LINUX_ONLY.test(name) && !name.endsWith('_H'));
    assert.ok(defined.length > 60);
    assert.deepEqual(
      defined.filter((name) => !Object.hasOwn(SPEC_NAMES, name)),
      [],
    );
    assert.deepEqual(
      Object.keys(FEATURE_BITS).filter((name) => !Object.hasOwn(SPEC_NAMES, name)),
      [],
    );
  });

  it('cite a section, or say that it is the driver’s own, or the lab’s', () => {
    for (const [name, { section, text }] of [
      ...Object.entries(SPEC_NAMES),
      ...Object.values(SPEC_FIELDS).flatMap((fields) => Object.entries(fields)),
    ]) {
      if (section === undefined) assert.match(text, /^The (driver|lab)’s own/, name);
      else assert.match(section, /^[2-6](\.\d+)*$/, name);
      assert.match(text, /[.)]$/, name);
    }
  });

  const cases: readonly (readonly [string, string, string | undefined])[] = [
    ['vq->vring.avail->idx++;', 'idx', 'avail.idx'],
    ['while (vq->last_used_idx != vq->vring.used->idx)', 'idx)', 'used.idx'],
    ['len = vq->vring.used->ring[vq->last_used_idx % vq->vring.num].len;', 'len;', 'used.ring[].len'],
    ['vq->vring.desc[i].flags &= ~VRING_DESC_F_NEXT;', 'flags', 'desc.flags'],
    ['vq->vring.desc[i].flags &= ~VRING_DESC_F_NEXT;', 'VRING', 'VRING_DESC_F_NEXT'],
    ['if (hdr->hdr.gso_type != VIRTIO_NET_HDR_GSO_NONE)', 'gso_type', 'virtio_net_hdr.gso_type'],
    ['vq->num_free--;', 'num_free', 'num_free'],
    ['"features": ["VIRTIO_NET_F_MAC"]', 'VIRTIO', 'VIRTIO_NET_F_MAC'],
    ['skb->len = 4;', 'len', undefined],
    ['list->next = NULL;', 'next', undefined],
    ['constructor()', 'constructor', undefined],
  ];
  for (const [line, word, title] of cases)
    it(`${title ?? 'nothing'} in ${line}`, () => {
      const column = line.lastIndexOf(word) + 1;
      const hit = specAt(line, column);
      assert.equal(hit?.title, title);
      if (hit) assert.ok(hit.start <= column && hit.end > column);
    });
});

describe('inline values', () => {
  const CODE = `static int add_buf(struct virtqueue *_vq, unsigned int out)
{
	struct vring_virtqueue *vq = to_vvq(_vq);
	unsigned int i, head; /* head of the chain */

	if (vq->num_free < out + in) {
		pr_debug("Can't add buf len %i - avail = %i\\n", out, vq->num_free);
		return -ENOSPC;
	}
	head = vq->free_head;
	vq->vring.desc[head].len = skb_headlen(skb) + sizeof(*hdr);
`.split('\n');
  const at = (line: number): string[] => inlineExpressions(CODE, line).map(({ line: l, text }) => `${l} ${text}`);

  it('are of the function’s variables up to the line, and of members on the line itself', () => {
    assert.deepEqual(at(5), ['2 vq', '2 _vq', '3 i', '3 head', '5 vq', '5 vq->num_free', '5 out', '5 in']);
  });

  it('are not of types, calls, macros, keywords, comments or strings', () => {
    const all = at(10).join(' ');
    assert.doesNotMatch(all, /vring_virtqueue|to_vvq|pr_debug|ENOSPC|return|chain|avail|sizeof|skb_headlen/);
    assert.ok(at(10).includes('10 vq->vring.desc[head].len'));
    assert.ok(at(10).includes('10 skb'));
  });

  it('stand where their text is', () => {
    for (const { line, start, end, text } of inlineExpressions(CODE, 10))
      assert.equal(CODE[line]?.slice(start, end), text);
  });

  it('do not reach into the function above', () => {
    const two = ['int a(void)', '{', '\tx = 1;', '}', '', 'int b(void)', '{', '\ty = 2;'];
    assert.deepEqual(
      inlineExpressions(two, 7).map(({ text }) => text),
      ['y'],
    );
  });
});

describe('marks on lines', () => {
  const site = (id: number, file: number, line: number) => ({ id, func: 0, file, line, column: 0, addr: id });
  const program = { sites: [site(0, 0, 10), site(1, 0, 10), site(2, 0, 7), site(3, 1, 3)] };

  it('add up the sites of a line, in the order of lines, for files that are there', () => {
    const marks = lineMarks(
      [
        { site: 0, counts: { notify: 2 } },
        { site: 1, counts: { notify: 1, kickSuppressed: 1000 } },
        { site: 2, counts: { interruptAck: 1, interruptStatus: 1, interrupt: 1 } },
        { site: 3, counts: { config: 5 } },
      ],
      program,
      (file) => (file === 0 ? '/d/virtio_net.c' : undefined),
    );
    assert.deepEqual([...marks.keys()], ['/d/virtio_net.c']);
    assert.deepEqual(
      marks.get('/d/virtio_net.c')?.map(({ line, text }) => [line, text]),
      [
        [7, '2 exits, 1 interrupt here'],
        [10, '3 kicks, 1\u2009000 kicks suppressed'],
      ],
    );
    assert.equal(marks.get('/d/virtio_net.c')?.[1]?.details.length, 2);
  });
});
