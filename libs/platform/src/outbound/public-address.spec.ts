import { describe, expect, it } from '@jest/globals';
import { isLoopbackAddress, isOwnAddress, isPublicAddress } from './public-address.js';

describe('an address', () => {
  it.each([
    '1.1.1.1',
    '93.184.216.34',
    '172.15.0.1',
    '172.32.0.1',
    '2606:4700:4700::1111',
    '2a00::1',
  ])('%s is of the public internet', (address) => expect(isPublicAddress(address)).toBe(true));

  it.each([
    '0.0.0.0',
    '10.1.2.3',
    '100.64.0.1',
    '127.0.0.1',
    '127.255.255.254',
    '169.254.169.254',
    '172.16.0.1',
    '172.31.255.255',
    '192.0.0.192',
    '192.168.1.1',
    '198.18.0.1',
    '224.0.0.1',
    '255.255.255.255',
    '168.63.129.16',
    '::',
    '::1',
    '::ffff:127.0.0.1',
    '::ffff:7f00:1',
    '::127.0.0.1',
    '64:ff9b::7f00:1',
    '2002:7f00:1::',
    '2001:0:7f00:1::',
    '2001:db8::1',
    'fc00::1',
    'fd00:ec2::254',
    'fe80::1',
    'fe80::1%eth0',
    'ff02::1',
    '5f00::1',
    'localhost',
    '127.1',
    '2130706433',
    '',
  ])('%j is not', (address) => expect(isPublicAddress(address)).toBe(false));

  it.each([
    ['127.0.0.1', true],
    ['127.8.8.8', true],
    ['::1', true],
    ['10.0.0.1', false],
    ['localhost', false],
  ])('%s is of this machine: %j', (address, isLoopback) => {
    expect(isLoopbackAddress(address)).toBe(isLoopback);
  });

  it.each([
    ['127.0.0.1', true],
    ['10.1.2.3', true],
    ['192.168.1.1', true],
    ['::1', true],
    ['fd12::1', true],
    ['::ffff:10.0.0.1', false],
    ['169.254.169.254', false],
    ['100.100.100.200', false],
    ['fd00:ec2::254', false],
    ['fe80::1', false],
    ['0.0.0.0', false],
    ['168.63.129.16', false],
    ['8.8.8.8', false],
    ['localhost', false],
  ])('%s is of an own network: %j', (address, isOwn) => {
    expect(isOwnAddress(address)).toBe(isOwn);
  });
});
