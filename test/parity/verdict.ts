import type { Check } from './judge/check.ts';
import type { LeapVerdict } from './judge/leap.ts';

/** How a case is judged; the README says which kind has which tolerance. */
export type CaseKind = 'exact' | 'statistical' | 'defect' | 'arrivals';

/** What became of a case. */
export type Verdict =
  | {
      readonly status: 'equal' | 'beyond';
      readonly name: string;
      readonly file: string;
      readonly kind: CaseKind;
      readonly saturated: boolean;
      /** The summary, metric by metric. */
      readonly checks: readonly Check[];
      /** Fields of requests compared one by one, and those that differ. */
      readonly fieldsCompared: number;
      readonly fieldsBeyond: readonly Check[];
      readonly leap: LeapVerdict | undefined;
      /** Metrics of the peer that we do not report. */
      readonly unreported: readonly string[];
      /** Why the case failed outside of any number. */
      readonly error: string | undefined;
    }
  | {
      readonly status: 'not-flown';
      readonly name: string;
      readonly file: string;
      readonly reason: string;
    };

export type Flown = Exclude<Verdict, { status: 'not-flown' }>;
