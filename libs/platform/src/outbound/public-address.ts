import { BlockList, isIP } from 'node:net';

// Everything that is not the public internet, after the registries of special-purpose addresses of IANA.
const NOT_PUBLIC_V4 = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
  // Azure's own services, on an address that looks public.
  ['168.63.129.16', 32],
] as const;

const PUBLIC_V6 = ['2000::', 3] as const;
/** Within the public block: special purposes, and what carries an IPv4 address that would go unchecked. */
const NOT_PUBLIC_V6 = [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['2620:4f:8000::', 48],
  ['3fff::', 20],
] as const;

const notPublic = new BlockList();
for (const [net, prefix] of NOT_PUBLIC_V4) notPublic.addSubnet(net, prefix, 'ipv4');
for (const [net, prefix] of NOT_PUBLIC_V6) notPublic.addSubnet(net, prefix, 'ipv6');
const publicV6 = new BlockList();
publicV6.addSubnet(...PUBLIC_V6, 'ipv6');
const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

/** Of one's own networks, without what clouds answer with the rights of the machine. */
const OWN = [
  ['10.0.0.0', 8, 'ipv4'],
  ['100.64.0.0', 10, 'ipv4'],
  ['127.0.0.0', 8, 'ipv4'],
  ['172.16.0.0', 12, 'ipv4'],
  ['192.168.0.0', 16, 'ipv4'],
  ['::1', 128, 'ipv6'],
  ['fc00::', 7, 'ipv6'],
] as const;
const METADATA = [
  ['100.100.100.200', 32, 'ipv4'],
  ['fd00:ec2::', 32, 'ipv6'],
  ['fd20:ce::', 32, 'ipv6'],
] as const;
const own = new BlockList();
for (const [net, prefix, family] of OWN) own.addSubnet(net, prefix, family);
const metadata = new BlockList();
for (const [net, prefix, family] of METADATA) metadata.addSubnet(net, prefix, family);
/** IPv4 addresses in IPv6 clothes. */
const MAPPED = /^::ffff:/i;

/** Whether the text is an address of one's own machine or network; none of link-local ones and cloud metadata is. */
export function isOwnAddress(address: string): boolean {
  const version = isIP(address);
  if (version === 0 || MAPPED.test(address)) return false;
  const family = version === 4 ? 'ipv4' : 'ipv6';
  return own.check(address, family) && !metadata.check(address, family);
}

/** Whether the text is an address of the public internet; false for anything that is no plain address. */
export function isPublicAddress(address: string): boolean {
  switch (isIP(address)) {
    case 4:
      return !notPublic.check(address, 'ipv4');
    case 6:
      return publicV6.check(address, 'ipv6') && !notPublic.check(address, 'ipv6');
    default:
      return false;
  }
}

/** Whether the text is an address of this very machine. */
export function isLoopbackAddress(address: string): boolean {
  const family = isIP(address);
  return family !== 0 && loopback.check(address, family === 4 ? 'ipv4' : 'ipv6');
}
