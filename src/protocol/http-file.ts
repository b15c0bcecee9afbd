import { extname } from 'node:path';
import { type ByteRange, planRanges } from './http-range.ts';

/**
 * How a GET or HEAD of one file is answered: preconditions and ranges of RFC 9110 (13, 14), the
 * same from the frontend and from an agent. Pure: it says what to send, others send it.
 */
export type FileRequest = {
  readonly method: string;
  /** Names in lower case, as node:http gives them. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
};

export type FileFacts = {
  readonly sizeBytes: number;
  /** A strong entity tag with its quotes. */
  readonly etag: string;
  readonly lastModified: Date;
  readonly contentType: string;
};

export type FileResponsePlan = {
  readonly status: 200 | 206 | 304 | 412 | 416;
  readonly headers: Readonly<Record<string, string>>;
  /** What the body is made of, in order: the text `head`, then bytes `[startByte, endByte)`. */
  readonly parts: readonly FilePart[];
  /** What follows the last part. */
  readonly tail: string;
};

export type FilePart = ByteRange & { readonly head: string };

/**
 * Plans the answer to a GET or HEAD. Unless `multipleRanges` is set, a request for several ranges
 * is answered with the whole file, as RFC 9110 (14.2) permits.
 */
export function planFileResponse(
  request: FileRequest,
  file: FileFacts,
  options: { readonly multipleRanges: boolean } = { multipleRanges: false },
): FileResponsePlan {
  const refusal = checkPreconditions(request, file);
  if (refusal !== undefined) return emptyPlan(refusal, file);
  const range = rangeHeaderThatCounts(request, file);
  if (range === undefined) return wholePlan(request, file);
  const ranges = planRanges(range, file.sizeBytes);
  if (ranges === 'unsatisfiable') return emptyPlan(416, file);
  if (ranges === 'ignore') return wholePlan(request, file);
  const [first] = ranges;
  if (first !== undefined && ranges.length === 1) return singlePlan(first, file);
  if (!options.multipleRanges) return wholePlan(request, file);
  return multipartPlan(ranges, file) ?? wholePlan(request, file);
}

/** The Content-Type of a file of a package tree or of boot files, by its name. */
export function contentTypeOf(path: string): string {
  return contentTypes.get(extname(path).toLowerCase()) ?? 'application/octet-stream';
}

const contentTypes: ReadonlyMap<string, string> = new Map([
  ['.bz2', 'application/x-bzip2'],
  ['.cfg', 'text/plain; charset=utf-8'],
  ['.deb', 'application/vnd.debian.binary-package'],
  ['.gz', 'application/gzip'],
  ['.html', 'text/html; charset=utf-8'],
  ['.iso', 'application/vnd.efi.iso'],
  ['.json', 'application/json'],
  ['.ks', 'text/plain; charset=utf-8'],
  ['.rpm', 'application/x-rpm'],
  ['.torrent', 'application/x-bittorrent'],
  ['.txt', 'text/plain; charset=utf-8'],
  ['.udeb', 'application/vnd.debian.binary-package'],
  ['.xml', 'text/xml'],
  ['.xz', 'application/x-xz'],
  ['.zst', 'application/zstd'],
]);

/** RFC 9110, 13.2.2: the order in which preconditions count. */
function checkPreconditions({ headers }: FileRequest, file: FileFacts): 304 | 412 | undefined {
  const ifMatch = textOf(headers['if-match']);
  if (ifMatch !== undefined) {
    if (!listsTag(ifMatch, file.etag, 'strong')) return 412;
  } else if (isModifiedSince(textOf(headers['if-unmodified-since']), file) === true) return 412;
  const ifNoneMatch = textOf(headers['if-none-match']);
  if (ifNoneMatch !== undefined) {
    return listsTag(ifNoneMatch, file.etag, 'weak') ? 304 : undefined;
  }
  return isModifiedSince(textOf(headers['if-modified-since']), file) === false ? 304 : undefined;
}

/** RFC 9110, 14.2 and 13.1.5: Range counts for GET only, and only while If-Range holds. */
function rangeHeaderThatCounts(request: FileRequest, file: FileFacts): string | undefined {
  if (request.method !== 'GET') return undefined;
  const ifRange = textOf(request.headers['if-range'])?.trim();
  const holds =
    ifRange === undefined || ifRange === file.etag || parseDateSeconds(ifRange) === seconds(file);
  return holds ? textOf(request.headers.range) : undefined;
}

function wholePlan(request: FileRequest, file: FileFacts): FileResponsePlan {
  const parts = [{ head: '', startByte: 0, endByte: file.sizeBytes }];
  return {
    status: 200,
    headers: {
      ...validators(file),
      'content-length': String(file.sizeBytes),
      'content-type': file.contentType,
    },
    parts: request.method === 'HEAD' || file.sizeBytes === 0 ? [] : parts,
    tail: '',
  };
}

function emptyPlan(status: 304 | 412 | 416, file: FileFacts): FileResponsePlan {
  const length = status === 304 ? {} : { 'content-length': '0' };
  const range = status === 416 ? { 'content-range': `bytes */${file.sizeBytes}` } : {};
  return { status, headers: { ...validators(file), ...length, ...range }, parts: [], tail: '' };
}

function singlePlan(range: ByteRange, file: FileFacts): FileResponsePlan {
  return {
    status: 206,
    headers: {
      ...validators(file),
      'content-length': String(range.endByte - range.startByte),
      'content-range': contentRange(range, file),
      'content-type': file.contentType,
    },
    parts: [{ ...range, head: '' }],
    tail: '',
  };
}

/** RFC 9110, 14.6. Undefined when the whole file is the shorter answer. */
function multipartPlan(
  ranges: readonly ByteRange[],
  file: FileFacts,
): FileResponsePlan | undefined {
  // The tag is the file's own digest: no file can be made that contains it.
  const boundary = `scree-${file.etag.replaceAll(/[^0-9A-Za-z]/g, '')}`;
  const parts = ranges.map((range, index) => ({
    ...range,
    head:
      `${index === 0 ? '' : '\r\n'}--${boundary}\r\ncontent-type: ${file.contentType}\r\n` +
      `content-range: ${contentRange(range, file)}\r\n\r\n`,
  }));
  const tail = `\r\n--${boundary}--\r\n`;
  const sizeBytes = parts.reduce(
    (sum, part) => sum + part.head.length + part.endByte - part.startByte,
    tail.length,
  );
  if (sizeBytes > file.sizeBytes) return undefined;
  const headers = {
    ...validators(file),
    'content-length': String(sizeBytes),
    'content-type': `multipart/byteranges; boundary=${boundary}`,
  };
  return { status: 206, headers, parts, tail };
}

function validators(file: FileFacts): Record<string, string> {
  return {
    'accept-ranges': 'bytes',
    etag: file.etag,
    'last-modified': file.lastModified.toUTCString(),
  };
}

function contentRange(range: ByteRange, file: FileFacts): string {
  return `bytes ${range.startByte}-${range.endByte - 1}/${file.sizeBytes}`;
}

function listsTag(list: string, etag: string, comparison: 'strong' | 'weak'): boolean {
  if (list.trim() === '*') return true;
  const tags = list.match(/(?:W\/)?"[^"]*"/g) ?? [];
  return tags.some((tag) => tag === etag || (comparison === 'weak' && tag === `W/${etag}`));
}

/** Undefined for a date that is not there or not valid: such a precondition is ignored. */
function isModifiedSince(date: string | undefined, file: FileFacts): boolean | undefined {
  const since = date === undefined ? undefined : parseDateSeconds(date);
  return since === undefined ? undefined : seconds(file) > since;
}

// HTTP dates begin with the day's name; Date.parse alone would take "5" for a date.
function parseDateSeconds(text: string): number | undefined {
  const timeMs = /^[A-Z][a-z]{2,8},? /.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(timeMs) ? undefined : Math.floor(timeMs / 1000);
}

function seconds(file: FileFacts): number {
  return Math.floor(file.lastModified.getTime() / 1000);
}

function textOf(value: string | readonly string[] | undefined): string | undefined {
  return typeof value === 'object' ? value.join(', ') : value;
}
