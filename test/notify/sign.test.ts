import assert from 'node:assert/strict';
import { test } from 'node:test';
import { signWebhook } from '../../src/notify/sign.ts';

test('a message is signed as Standard Webhooks has it', () => {
  // The example of the specification's libraries.
  const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
  const headers = signWebhook('msg_p5jXN8AQM9LWM0D4loKWxJek', 1_614_265_330_999, '{"test": 2432232314}', secret);
  assert.deepEqual(headers, {
    'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    'webhook-timestamp': '1614265330',
    'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  });
});

test('a secret that is no whsec_ is used as it is', () => {
  const plain = signWebhook('a', 0, 'b', 'secret');
  const encoded = signWebhook('a', 0, 'b', `whsec_${Buffer.from('secret').toString('base64')}`);
  assert.deepEqual(plain, encoded);
});
