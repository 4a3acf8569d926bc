import { deflateRawSync } from 'node:zlib';

const LOCAL = 0x04034b50;
const CENTRAL = 0x02014b50;
// Stands in a file's own header and not in the directory.
const EXTRA = Buffer.from([1, 0, 1, 0, 7]);

/** For specs: a zip of these files, by name. */
export function zipOf(files, { comment = '', isStored = false } = {}) {
  const parts = [];
  const directory = [];
  let offset = 0;
  for (const [name, text] of Object.entries(files)) {
    const content = Buffer.from(text);
    const packed = isStored ? content : deflateRawSync(content);
    const facts = { name, method: isStored ? 0 : 8, packed: packed.length, bytes: content.length };
    const local = Buffer.concat([header(30, LOCAL, facts), Buffer.from(name), EXTRA, packed]);
    const entry = header(46, CENTRAL, facts);
    entry.writeUInt32LE(offset, 42);
    directory.push(entry, Buffer.from(name));
    parts.push(local);
    offset += local.length;
  }
  const central = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(directory.length / 2, 8);
  end.writeUInt16LE(directory.length / 2, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(offset, 16);
  end.writeUInt16LE(comment.length, 20);
  return Buffer.concat([...parts, central, end, Buffer.from(comment)]);
}

function header(length, signature, { name, method, packed, bytes }) {
  const first = signature === LOCAL ? 4 : 6;
  const all = Buffer.alloc(length);
  all.writeUInt32LE(signature, 0);
  all.writeUInt16LE(method, first + 4);
  all.writeUInt32LE(packed, first + 14);
  all.writeUInt32LE(bytes, first + 18);
  all.writeUInt16LE(Buffer.byteLength(name), first + 22);
  if (signature === LOCAL) all.writeUInt16LE(EXTRA.length, 28);
  return all;
}
