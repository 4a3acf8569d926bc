import type { Clock, EventStore, HealthCheck, Logger, MessageBus, Metrics } from '@skynet/platform';
import type { AuditIntake } from '@skynet/platform/audit';
import { AuditLog } from './audit-log.js';
import { serveAudit } from './audit-questions.js';
import { AuditRecorder } from './audit-recorder.js';
import { AuditSearch } from './audit-search.js';
import { AuditSigner } from './audit-signer.js';

export interface AuditSettings {
  readonly auditKeyFile: string;
  readonly auditPublicKeysFile: string;
  readonly auditCheckpointsFile: string;
}

export interface AuditPorts {
  readonly store: EventStore;
  readonly bus: Pick<MessageBus, 'serve'>;
  readonly intake: AuditIntake;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Metrics;
}

/** Records what all services tell, and answers questions about it. */
export interface RunningAudit {
  readonly healthCheck: HealthCheck;
  stop(): Promise<void>;
}

export function startAudit(settings: AuditSettings, ports: AuditPorts): RunningAudit {
  const { store, bus, clock } = ports;
  const signer = new AuditSigner({
    ...ports,
    keyFile: settings.auditKeyFile,
    publicKeysFile: settings.auditPublicKeysFile,
    checkpointsFile: settings.auditCheckpointsFile,
  });
  const chain = new AuditLog(store, clock);
  const recorder = new AuditRecorder({ ...ports, chain, signer });
  const search = new AuditSearch(chain);
  const stopServing = serveAudit(bus, { search, recorder, signer });
  recorder.start();
  return {
    healthCheck: recorder.healthCheck,
    async stop() {
      stopServing();
      await recorder.stop();
    },
  };
}
