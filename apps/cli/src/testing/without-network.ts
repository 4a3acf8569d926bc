const NO_NETWORK =
  'import{writeSync}from "node:fs";import net from "node:net";import dgram from "node:dgram";import dns from "node:dns";' +
  'const no=()=>{writeSync(2,"reached for the network");process.exit(99)};' +
  'net.Socket.prototype.connect=no;dgram.createSocket=no;dns.lookup=no;globalThis.fetch=no;';

/** Environment that ends any program that tries to reach anything. */
export const withoutNetwork = {
  NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(NO_NETWORK)}`,
} as const;
