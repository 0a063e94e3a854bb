import { Gauge, type Registry } from 'prom-client';

/** What a gauge shows of one series. */
export type SetSeries = (labels: Readonly<Record<string, string>>, value: number) => void;

/** A gauge that is filled when it is scraped; series that are not set then are gone. */
export function openScrapedGauge(
  registry: Registry,
  name: string,
  help: string,
  labelNames: readonly string[],
  fill: (set: SetSeries) => void,
): void {
  new Gauge({
    name,
    help,
    labelNames: [...labelNames],
    registers: [registry],
    collect() {
      this.reset();
      fill((labels, value) => this.set(labels, value));
    },
  });
}
