import test from 'ava';
import fc from 'fast-check';
import {
  contentTypeOf,
  type FileFacts,
  type FileResponsePlan,
  planFileResponse,
} from '../../src/protocol/http-file.ts';

const etag = '"0123456789abcdef0123456789abcdef"';
const lastModified = new Date('2024-03-05T10:20:30.700Z');
const date = 'Tue, 05 Mar 2024 10:20:30 GMT';
const earlier = 'Tue, 05 Mar 2024 10:20:29 GMT';
const facts = (sizeBytes = 1000): FileFacts => ({
  sizeBytes,
  etag,
  lastModified,
  contentType: 'application/x-rpm',
});
const get = (headers: Record<string, string> = {}, sizeBytes = 1000, multipleRanges = false) =>
  planFileResponse({ method: 'GET', headers }, facts(sizeBytes), { multipleRanges });
const spans = (plan: FileResponsePlan) => plan.parts.map((p) => [p.startByte, p.endByte]);

test('a plain GET gets the whole file with its validators', (t) => {
  t.deepEqual(get(), {
    status: 200,
    headers: {
      'accept-ranges': 'bytes',
      etag,
      'last-modified': date,
      'content-length': '1000',
      'content-type': 'application/x-rpm',
    },
    parts: [{ head: '', startByte: 0, endByte: 1000 }],
    tail: '',
  });
});

test('a HEAD names the length of the whole file and has no body, whatever Range says', (t) => {
  const headers = { range: 'bytes=0-1' };
  const plan = planFileResponse({ method: 'HEAD', headers }, facts());
  t.is(plan.status, 200);
  t.is(plan.headers['content-length'], '1000');
  t.deepEqual(plan.parts, []);
});

const preconditions: readonly [string, Record<string, string>, 200 | 304 | 412][] = [
  ['If-Match of this tag', { 'if-match': `"x", ${etag}` }, 200],
  ['If-Match of any', { 'if-match': '*' }, 200],
  ['If-Match of another tag', { 'if-match': '"x"' }, 412],
  ['If-Match of the weak tag', { 'if-match': `W/${etag}` }, 412],
  [
    'If-Match wins over If-Unmodified-Since',
    { 'if-match': etag, 'if-unmodified-since': earlier },
    200,
  ],
  ['If-Unmodified-Since its date', { 'if-unmodified-since': date }, 200],
  ['If-Unmodified-Since an earlier date', { 'if-unmodified-since': earlier }, 412],
  ['If-Unmodified-Since nonsense', { 'if-unmodified-since': '5' }, 200],
  ['If-None-Match of this tag', { 'if-none-match': etag }, 304],
  ['If-None-Match of the weak tag', { 'if-none-match': `W/${etag}` }, 304],
  ['If-None-Match of any', { 'if-none-match': '*' }, 304],
  ['If-None-Match of another tag', { 'if-none-match': '"x"' }, 200],
  [
    'If-None-Match wins over If-Modified-Since',
    { 'if-none-match': '"x"', 'if-modified-since': date },
    200,
  ],
  ['If-Modified-Since its date', { 'if-modified-since': date }, 304],
  ['If-Modified-Since an earlier date', { 'if-modified-since': earlier }, 200],
  ['If-Modified-Since nonsense', { 'if-modified-since': 'yesterday' }, 200],
  ['304 wins over a range', { 'if-none-match': etag, range: 'bytes=0-1' }, 304],
];
for (const [title, headers, status] of preconditions) {
  test(`${title} is answered ${status}`, (t) => {
    const plan = get(headers);
    t.is(plan.status, status);
    t.is(plan.headers.etag, etag);
    t.is(plan.headers['content-length'], { 200: '1000', 304: undefined, 412: '0' }[status]);
  });
}

const single: readonly [string, [number, number]][] = [
  ['bytes=0-0', [0, 1]],
  ['bytes=0-', [0, 1000]],
  ['bytes=990-', [990, 1000]],
  ['bytes=990-5000', [990, 1000]],
  ['bytes=-10', [990, 1000]],
  ['bytes=-5000', [0, 1000]],
  ['Bytes = 5-9', [5, 10]],
  ['bytes=0-4,5-9', [0, 10]],
  ['bytes=3-3,2000-', [3, 4]],
  [`bytes=-${'9'.repeat(400)}`, [0, 1000]],
];
for (const [range, [startByte, endByte]] of single) {
  test(`${range.slice(0, 40)} of 1000 bytes is ${startByte} to ${endByte}`, (t) => {
    const plan = get({ range });
    t.is(plan.status, 206);
    t.is(plan.headers['content-range'], `bytes ${startByte}-${endByte - 1}/1000`);
    t.is(plan.headers['content-length'], String(endByte - startByte));
    t.deepEqual(plan.parts, [{ head: '', startByte, endByte }]);
  });
}

for (const range of ['bytes=1000-', 'bytes=-0', 'bytes=2000-3000,4000-']) {
  test(`${range} of 1000 bytes is answered 416`, (t) => {
    const plan = get({ range });
    t.is(plan.status, 416);
    t.is(plan.headers['content-range'], 'bytes */1000');
    t.deepEqual(plan.parts, []);
  });
}

for (const range of [
  'lines=1-2',
  'bytes',
  'bytes=',
  'bytes=a-b',
  'bytes=-',
  `bytes=${'0-0,'.repeat(300)}5-`,
]) {
  test(`the Range '${range.slice(0, 20)}' is ignored`, (t) =>
    t.is(get({ range }, 1000, true).status, 200));
}

test('a range of an empty file is ignored', (t) => {
  for (const range of ['bytes=0-', 'bytes=-5', 'bytes=5-']) {
    t.like(get({ range }, 0), { status: 200, parts: [], headers: { 'content-length': '0' } });
  }
});

test('If-Range lets a range count only with the same tag or the same date', (t) => {
  const status = (ifRange: string) => get({ range: 'bytes=5-', 'if-range': ifRange }).status;
  t.is(status(etag), 206);
  t.is(status(date), 206);
  t.is(status(`W/${etag}`), 200);
  t.is(status('"other"'), 200);
  t.is(status(earlier), 200);
  t.is(status('Tue, 05 Mar 2024 10:20:31 GMT'), 200);
  t.is(status('nonsense'), 200);
});

test('several ranges get the whole file where only single ranges are served', (t) => {
  t.is(get({ range: 'bytes=0-0,500-501' }).status, 200);
});

test('several ranges become a multipart body in the order asked for', (t) => {
  const plan = get({ range: 'bytes=500-501,0-0' }, 1000, true);
  t.is(plan.status, 206);
  const boundary = 'scree-0123456789abcdef0123456789abcdef';
  t.is(plan.headers['content-type'], `multipart/byteranges; boundary=${boundary}`);
  t.is(plan.headers['content-range'], undefined);
  t.deepEqual(spans(plan), [
    [500, 502],
    [0, 1],
  ]);
  t.is(
    render(plan, Buffer.alloc(1000, 'x')).toString(),
    `--${boundary}\r\ncontent-type: application/x-rpm\r\ncontent-range: bytes 500-501/1000\r\n\r\nxx` +
      `\r\n--${boundary}\r\ncontent-type: application/x-rpm\r\ncontent-range: bytes 0-0/1000\r\n\r\nx` +
      `\r\n--${boundary}--\r\n`,
  );
});

test('a multipart body longer than the file is never sent', (t) => {
  t.is(get({ range: 'bytes=0-0,500-501' }, 600, true).status, 206);
  t.is(get({ range: 'bytes=0-0,2-2,4-4' }, 300, true).status, 200);
});

test('any Range yields bytes inside the file and an exact Content-Length', (t) => {
  const position = fc.oneof(fc.constant(''), fc.nat(1200).map(String));
  const range = fc
    .array(
      fc.tuple(position, position).map(([a, b]) => `${a}-${b}`),
      { maxLength: 12 },
    )
    .map((specs) => `bytes=${specs.join(',')}`);
  const anyRange = fc.oneof(range, fc.string());
  t.notThrows(() =>
    fc.assert(
      fc.property(anyRange, fc.nat(1100), fc.boolean(), (text, sizeBytes, multipleRanges) => {
        const plan = get({ range: text }, sizeBytes, multipleRanges);
        const file = Buffer.from(Array.from({ length: sizeBytes }, (_, index) => index % 251));
        const body = render(plan, file);
        const inside = plan.parts.every(
          (p) => 0 <= p.startByte && p.startByte < p.endByte && p.endByte <= sizeBytes,
        );
        return (
          inside &&
          Number(plan.headers['content-length']) === body.length &&
          body.length <= sizeBytes
        );
      }),
    ),
  );
});

test('any headers at all yield a plan', (t) => {
  const names = ['range', 'if-range', 'if-match', 'if-none-match', 'if-modified-since'] as const;
  const headers = fc.record(Object.fromEntries(names.map((name) => [name, fc.string()])));
  t.notThrows(() =>
    fc.assert(
      fc.property(headers, (all) => [200, 206, 304, 412, 416].includes(get(all, 50, true).status)),
    ),
  );
});

test('content types follow the file name', (t) => {
  t.is(contentTypeOf('Packages/a.rpm'), 'application/x-rpm');
  t.is(contentTypeOf('repodata/x.XML'), 'text/xml');
  t.is(contentTypeOf('dists/stable/Release'), 'application/octet-stream');
});

function render(plan: FileResponsePlan, file: Buffer): Buffer {
  const bodies = plan.parts.flatMap((p) => [
    Buffer.from(p.head),
    file.subarray(p.startByte, p.endByte),
  ]);
  return Buffer.concat([...bodies, Buffer.from(plan.tail)]);
}
