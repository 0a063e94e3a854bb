/** As much of a config, resolved or written, as says how long passes take. */
interface TimedConfig {
  readonly engine?: { readonly timing?: { readonly type?: string } };
  readonly cluster?: {
    readonly pools?: readonly (Pick<TimedConfig, 'engine'> & {
      readonly name?: string | undefined;
      readonly role?: string;
    })[];
  };
}

/** What pass times rest on where no model on a GPU makes them, by `engine.timing.type`. */
const TEXTS: Readonly<Record<string, string>> = {
  polynomial: "Dynamo's polynomial, of no particular engine or GPU",
  fixed: 'constants of the config, the same for passes of any size',
  linear: 'linear coefficients of the config',
  table: "the config's own table of measurements",
};

/**
 * What the pass times of a config rest on, once or for each pool where pools differ; pools that a
 * model on a GPU times are left out, as timing rows speak of them.
 */
export function plainPassTimes(config: object): readonly string[] {
  const { engine, cluster } = config as TimedConfig;
  const type = engine?.timing?.type ?? 'polynomial';
  const pools = cluster?.pools ?? [{}];
  const rows = pools.flatMap(({ name, role, engine: own }) => {
    const text = TEXTS[own?.timing?.type ?? type];
    return text === undefined ? [] : [{ pool: name ?? role ?? '', text }];
  });
  if (rows.length === 0) return [];
  const isOneForAll = new Set(rows.map(({ text }) => text)).size === 1;
  if (isOneForAll && rows.length === pools.length) return [rows[0]!.text];
  return rows.map(({ pool, text }) => `${pool}: ${text}`);
}
