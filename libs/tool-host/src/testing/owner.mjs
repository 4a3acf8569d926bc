// A process with a secret in its environment that has its own host start a server, and stays until it is killed.
import { setInterval } from 'node:timers';
import { HostedServer, OwnToolHost } from '../../dist/index.js';

const [request] = process.argv.slice(2).map((text) => JSON.parse(text));
const host = new OwnToolHost(process.env);
const nobody = {
  onLine: (line) => process.stdout.write(`${line}\n`),
  onTooLarge: () => {},
  onEnd: () => {},
};
const { server } = await HostedServer.launch(host, request, nobody);
for (const attack of ['stay', 'daemonize']) {
  await server.send(`${JSON.stringify({ attack, name: request.name })}\n`);
}
process.on('SIGTERM', async () => {
  await server.close();
  await host.close();
  process.exit(0);
});
setInterval(() => undefined, 1_000);
