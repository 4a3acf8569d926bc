import { z } from 'zod';
import { loadConfig, type Environment } from '../runtime/load-config.js';
import type { LogFields } from '../runtime/logger.js';
import { noMetrics, type MetricLabels, type Metrics } from '../telemetry/metrics.port.js';
import { openTracing } from '../telemetry/open-tracing.js';
import { otelVariables } from '../telemetry/otlp/otel.config.js';
import { readTracesSettings } from '../telemetry/otlp/traces-settings.js';
import type { Tracing } from '../telemetry/tracing.port.js';

export const EXPORTED = 'skynet_traces_exported_spans';
export const LOST = 'skynet_traces_lost_spans';
interface Line {
  readonly level: 'info' | 'warn';
  readonly message: string;
  readonly fields?: LogFields;
}

/** What a test opens, what it said and what it counted. */
export class TracesTrial {
  readonly lines: Line[] = [];
  readonly counts: Record<string, number> = {};
  readonly #opened: Tracing[] = [];
  readonly #changed = new Set<() => void>();

  readonly log = {
    info: (message: string, fields?: LogFields) => this.#add({ level: 'info', message, fields }),
    warn: (message: string, fields?: LogFields) => this.#add({ level: 'warn', message, fields }),
  };

  readonly metrics: Metrics = {
    ...noMetrics,
    counter: (name) => ({
      add: (amount: number, { reason }: MetricLabels = {}) => {
        const key = reason === undefined ? name : `${name} ${reason}`;
        this.counts[key] = (this.counts[key] ?? 0) + amount;
        this.#tell();
      },
    }),
  };

  open(environment: Environment): Tracing {
    const read = loadConfig(z.object(otelVariables), {
      OTEL_BSP_SCHEDULE_DELAY: '5',
      ...environment,
    });
    const tracing = openTracing({
      service: 'test',
      traces: readTracesSettings(read, 1),
      ...{ content: false, details: [], metrics: this.metrics, log: this.log },
    });
    this.#opened.push(tracing);
    return tracing;
  }

  async close(): Promise<void> {
    for (const tracing of this.#opened) await tracing.close();
  }

  get texts(): string[] {
    return this.lines.map(({ message }) => message);
  }

  get lost(): Record<string, number> {
    return Object.fromEntries(
      Object.entries(this.counts)
        .filter(([name]) => name.startsWith(LOST))
        .map(([name, spans]) => [name.slice(LOST.length + 1), spans]),
    );
  }

  until(isSo: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const look = () => {
        if (!isSo()) return;
        this.#changed.delete(look);
        resolve();
      };
      this.#changed.add(look);
      look();
    });
  }

  #add(line: Line): void {
    this.lines.push(line);
    this.#tell();
  }

  #tell(): void {
    for (const look of [...this.#changed]) look();
  }
}
