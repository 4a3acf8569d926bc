import { inflateRawSync } from 'node:zlib';

const END = 0x06054b50;
const END_BYTES = 22;
const LONGEST_COMMENT = 0xffff;
const CENTRAL = 0x02014b50;
const LOCAL = 0x04034b50;
const STORED = 0;
const DEFLATED = 8;

/**
 * The content of the first file whose name is wanted. Knows what wheels are: one part, no encryption, below 4 GiB.
 *
 * @throws Error when there is no such file or this is no such zip
 */
export function readZipEntry(zip, isWanted) {
  const end = endOfDirectory(zip);
  let at = zip.readUInt32LE(end + 16);
  for (let left = zip.readUInt16LE(end + 10); left > 0; left -= 1) {
    if (zip.readUInt32LE(at) !== CENTRAL) throw new Error('the directory of the zip is damaged');
    const nameEnd = at + 46 + zip.readUInt16LE(at + 28);
    if (isWanted(zip.toString('utf8', at + 46, nameEnd))) return contentOf(zip, at);
    at = nameEnd + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32);
  }
  throw new Error('the zip has no such file');
}

function endOfDirectory(zip) {
  const last = zip.length - END_BYTES;
  for (let at = last; at >= Math.max(0, last - LONGEST_COMMENT); at -= 1) {
    if (zip.readUInt32LE(at) === END) return at;
  }
  throw new Error('this is no zip');
}

function contentOf(zip, entry) {
  const method = zip.readUInt16LE(entry + 10);
  const [packedBytes, bytes] = [zip.readUInt32LE(entry + 20), zip.readUInt32LE(entry + 24)];
  const local = zip.readUInt32LE(entry + 42);
  if (zip.readUInt32LE(local) !== LOCAL) throw new Error('the zip is damaged');
  // The lengths there may differ from those in the directory.
  const start = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
  const packed = zip.subarray(start, start + packedBytes);
  if (method !== STORED && method !== DEFLATED) throw new Error(`the zip uses method ${method}`);
  const content = method === STORED ? packed : inflateRawSync(packed);
  if (content.length !== bytes) throw new Error('the zip is cut off');
  return content;
}
