import { resolve } from 'node:path';
import type { Command } from 'commander';
import { inTrouble } from '../ending/store-trouble.js';
import { readConnection } from '../connection/connection.js';
import { recorded } from '../recording/operator-acts.js';
import { connectOperator } from '../connection/operator-link.js';
import { logSettings, openLog } from '../connection/operator-log.js';
import type { Surroundings, Work } from '../command/surroundings.js';
import { exitCodes } from '../ending/trouble.js';
import { renderDiagnosis, type Diagnosis } from './log-doctor-view.js';
import { findingsOf, type Examination } from './log-findings.js';
import { repair, type Patient, type Repair } from './log-repair.js';
import { unreadableStreams } from './unreadable-streams.js';

interface DoctorOptions {
  readonly data?: string;
  readonly repair?: boolean;
  readonly json?: boolean;
}

export function addLogDoctor(log: Command, surroundings: Surroundings): void {
  log
    .command('doctor')
    .summary('find what is damaged beside the log, and make it anew')
    .description(
      'Lists streams and buckets with what is wrong in them, and exits with 1 when something is damaged. ' +
        'With --repair, while no service runs, queues and rows are deleted: services make them anew from the log, and ' +
        'go on with the agents that it shows under way. The log is only read.',
    )
    .option('--repair', 'make anew what is damaged; needs "skynet up --store-only"')
    .option('--data <folder>', 'folder of the stack (default: SKYNET_DATA, else .skynet)')
    .option('--json', 'print JSON')
    .action((options: DoctorOptions) => surroundings.run(doctor(options, surroundings)));
}

async function doctor(options: DoctorOptions, { config, terminal }: Surroundings): Work {
  const connection = await readConnection(resolve(options.data ?? config.dataFolder));
  const diagnosis = await inTrouble('The system was not examined', async () => {
    const { nats } = await logSettings(connection, config.environment);
    const operator = await connectOperator(connection);
    try {
      const patient = { link: operator.link, replicas: nats.replicas };
      const { environment } = config;
      const around = { connection, environment, note: terminal.note };
      const tell: Tell = (work) => recorded(around, { what: 'repair' }, work);
      const diagnosis = await treat(patient, options.repair === true, tell);
      const stores = await openLog(connection, config.environment);
      try {
        const unreadable = await unreadableStreams(stores.eventStore);
        const { leftBehind } = stores;
        const more = findingsOf({ streams: [], unreadable, leftBehind });
        const findings = [...diagnosis.findings, ...more];
        return { ...diagnosis, unreadable, findings };
      } finally {
        await stores.close();
      }
    } finally {
      await operator.close();
    }
  });
  if (options.json === true) terminal.printJson(diagnosis);
  else renderDiagnosis(diagnosis).forEach(terminal.print);
  const isSound = diagnosis.findings.every(({ kind }) => kind !== 'damage');
  return isSound ? exitCodes.ok : exitCodes.trouble;
}

type Tell = (work: () => Promise<Repair>) => Promise<Repair>;

/** What is found, or what is still found after the repair. */
async function treat(patient: Patient, shallRepair: boolean, tell: Tell): Promise<Diagnosis> {
  const before = await examine(patient);
  const isDamaged = findingsOf(before).some(({ kind }) => kind === 'damage');
  if (!shallRepair || !isDamaged) return diagnosisOf(before);
  const repaired = await tell(() => repair(patient, before));
  return { ...diagnosisOf(await examine(patient)), repaired };
}

function diagnosisOf(examination: Examination): Diagnosis {
  return { streams: examination.streams, findings: findingsOf(examination) };
}

async function examine({ link }: Pick<Patient, 'link'>): Promise<Examination> {
  const { listStreams } = await import('@skynet/platform/operations');
  return { streams: await listStreams(link) };
}
