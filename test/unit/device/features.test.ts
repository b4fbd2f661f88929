// Feature names and bits: parsing with errors that help, and the dependencies of spec 5.1.3.1.
import assert from 'node:assert/strict';
import {
  FeatureError,
  featureNames,
  hostModel,
  missingDependency,
  NET_DEVICE_FEATURES,
  parseFeatures,
} from '../../../src/device';

const POSSIBLE = NET_DEVICE_FEATURES | hostModel('qemu-timer').features | hostModel('qemu-timer').optional;

const refused = (names: readonly string[], possible = POSSIBLE): FeatureError => {
  try {
    parseFeatures(names, possible);
  } catch (error) {
    assert.ok(error instanceof FeatureError);
    return error;
  }
  return assert.fail('accepted');
};

describe('features', () => {
  it('turns names into bits and back', () => {
    const names = [
      'VIRTIO_NET_F_MAC',
      'VIRTIO_NET_F_MRG_RXBUF',
      'VIRTIO_F_NOTIFY_ON_EMPTY',
      'VIRTIO_RING_F_INDIRECT_DESC',
    ];
    const bits = parseFeatures(names, POSSIBLE);
    assert.equal(bits, (1n << 5n) | (1n << 15n) | (1n << 24n) | (1n << 28n));
    assert.deepEqual(featureNames(bits), names);
    assert.deepEqual(featureNames(1n << 45n), ['bit 45']);
    assert.equal(parseFeatures([], POSSIBLE), 0n);
  });

  it('names the entry, and what was probably meant', () => {
    const error = refused(['VIRTIO_NET_F_MAC', 'VIRTIO_NET_F_MRG_RXBUFS']);
    assert.equal(error.index, 1);
    assert.match(error.message, /unknown feature "VIRTIO_NET_F_MRG_RXBUFS"; did you mean VIRTIO_NET_F_MRG_RXBUF\?/);
    assert.match(refused(['mrg_rxbuf']).message, /did you mean VIRTIO_NET_F_MRG_RXBUF/);
    assert.match(refused(['']).message, /unknown feature ""/);
    assert.match(refused(['toString']).message, /unknown feature "toString"; possible here: VIRTIO_NET_F_GUEST_CSUM, /);
  });

  it('refuses what the device or its host does not implement', () => {
    assert.match(refused(['VIRTIO_RING_F_EVENT_IDX']).message, /VIRTIO_RING_F_EVENT_IDX is not implemented/);
  });

  it('knows what each feature needs', () => {
    const all = (1n << 64n) - 1n;
    assert.match(refused(['VIRTIO_NET_F_HOST_TSO4'], all).message, /VIRTIO_NET_F_HOST_TSO4 needs VIRTIO_NET_F_CSUM/);
    assert.match(
      refused(['VIRTIO_NET_F_CSUM', 'VIRTIO_NET_F_HOST_ECN'], all).message,
      /needs VIRTIO_NET_F_HOST_TSO4 or/,
    );
    const whole = parseFeatures(['VIRTIO_NET_F_CSUM', 'VIRTIO_NET_F_HOST_TSO6', 'VIRTIO_NET_F_HOST_ECN'], all);
    assert.equal(missingDependency(whole), undefined);
    assert.equal(missingDependency(1n << 22n)?.feature, 'VIRTIO_NET_F_MQ');
    assert.match(
      refused(['LAB_NET_F_RX_SKIP'], all).message,
      /^LAB_NET_F_RX_SKIP needs VIRTIO_NET_F_MRG_RXBUF \(this lab’s own feature\)$/,
    );
  });
});
