import { subjects } from '@skynet/contracts';
import { workQueueSuite } from '@skynet/testing';
import { Random } from '../time/random.js';
import { VirtualTime } from '../time/virtual-time.js';
import { SimNetwork } from './sim-network.js';
import { SimProcess } from './sim-process.js';
import { SimWorkQueue } from './sim-work-queue.js';
import { Sky } from './weather.js';

const PASS_MS = 50;

workQueueSuite('of the simulation', () => {
  const time = new VirtualTime();
  const sky = new Sky(new Random(1));
  const network = new SimNetwork(time, sky);
  let processes = 0;
  return Promise.resolve({
    open: () => {
      processes += 1;
      return new SimWorkQueue(network, new SimProcess(`worker-${processes}`, time, sky, () => 0));
    },
    push: (item) =>
      network.store({ subject: subjects.run('default', item.agentId), data: item, headers: {} }),
    pass: () => time.run(time.elapsedMs + PASS_MS),
    unfinished: () => network.runs.outstanding,
    dispose: () => Promise.resolve(),
  });
});
