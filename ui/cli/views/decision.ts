import type { FoundDecision } from '#core/journal/decision-search.ts';
import type { ExplainedDecision } from '#core/journal/explainer.ts';
import type { Candidate, NamedScore } from '#core/router/candidate.ts';
import { outcomeName } from '#core/router/decisions.ts';
import { formatCount, formatSpan } from '#sim/report/format.ts';
import { renderAligned } from '#sim/report/text-table.ts';
import { judgementJson, judgementLines } from './judgement.ts';

/** A decision and what the router saw when it made it. */
export interface Explanation {
  readonly file: string;
  readonly found: FoundDecision;
  /** Undefined when the router chose nobody. */
  readonly explained: ExplainedDecision | undefined;
  /** Candidates to list. */
  readonly top: number;
}

/** The explanation for scripts. */
export function explanationJson({ file, found, explained, top }: Explanation): unknown {
  const { decision, request, traceLine, atNs, target, outcome, header } = found;
  return {
    version: 1,
    file,
    decision,
    request,
    line: traceLine,
    at_ns: atNs,
    mode: header.router.mode,
    outcome: outcomeName(outcome),
    target,
    ...(explained && {
      query: {
        input_tokens: explained.query.inputTokens,
        blocks: explained.query.totalBlocks + explained.query.tailBlocks,
        pinned_target: explained.query.pinnedTarget,
      },
      candidates: explained.candidates.length,
      ineligible: explained.ineligible,
      ...(explained.disaggregation && {
        disaggregation: judgementJson(explained.disaggregation),
      }),
      tied: tiedWith(explained).length,
      best: ranked(explained).slice(0, top).map(candidateJson),
    }),
  };
}

function candidateJson({ target, cost, terms, ...rest }: Candidate): unknown {
  return {
    target,
    ...(cost !== undefined && { cost }),
    ...(terms !== undefined && { terms }),
    ...(rest.scores !== undefined && { score: totalOf(rest.scores), scores: rest.scores }),
    taint_factor: rest.factor,
    cached_blocks: rest.cachedBlocks,
    shared_blocks: rest.sharedBlocks,
    prefill_tokens: rest.prefillTokens,
    active_blocks: rest.activeBlocks,
    additional_blocks: rest.additionalBlocks,
    active_requests: rest.activeRequests,
  };
}

/** The explanation for people. */
export function explanationLines({ file, found, explained, top }: Explanation): string[] {
  const { decision, request, traceLine, atNs, outcome } = found;
  const from = traceLine > 0 ? ` (line ${formatCount(traceLine)} of the trace)` : '';
  const title = `${file}: decision ${formatCount(decision)}, at ${formatSpan(atNs / 1e6)}`;
  const who = `request ${formatCount(request)}${from}`;
  if (explained === undefined) {
    return [title, `${who} went nowhere: ${outcomeName(outcome)}`];
  }
  const { query, candidates, ineligible } = explained;
  const blocks = formatCount(query.totalBlocks + query.tailBlocks);
  const others = ineligible === 0 ? '' : `, ${formatCount(ineligible)} more were not eligible`;
  const listed = ranked(explained).slice(0, top);
  const left = candidates.length - listed.length;
  const went = found.target < 0 ? 'would go' : 'went';
  const { disaggregation } = explained;
  return [
    title,
    `${who}: ${formatCount(query.inputTokens)} prompt tokens, ${blocks} blocks`,
    `${went} to worker ${explained.target}, ${reasonOf(found, explained)} (${formatCount(candidates.length)} candidates${others})`,
    ...(disaggregation === undefined ? [] : judgementLines(disaggregation)),
    '',
    ...candidateTable(listed, explained.target),
    ...(left === 0 ? [] : [`  and ${formatCount(left)} more; --all lists them`]),
    ...legend(listed),
  ];
}

/** Why this one: what is true of it among the others. */
function reasonOf({ header }: FoundDecision, explained: ExplainedDecision): string {
  const { query, target, candidates } = explained;
  const { mode, temperature } = header.router;
  if (query.pinnedTarget >= 0) return 'to which it was pinned';
  const chosen = candidates.find((candidate) => candidate.target === target);
  if (chosen?.scores !== undefined) return 'as the policy file chose by these scores';
  if (chosen?.cost === undefined) return `as ${mode} chose`;
  const tied = tiedWith(explained).length;
  if (temperature > 0) return `drawn at temperature ${temperature}`;
  if (tied === 1) return 'which alone costs least';
  return `drawn from the ${formatCount(tied)} that cost least`;
}

/** Those that cost as little as the best. */
function tiedWith({ candidates }: ExplainedDecision): readonly Candidate[] {
  const least = candidates.reduce((best, { cost }) => Math.min(best, cost ?? Infinity), Infinity);
  return candidates.filter(({ cost }) => cost === least);
}

/** The best first, the chosen one before its equals. */
function ranked({ candidates, target }: ExplainedDecision): readonly Candidate[] {
  const scored = candidates.some(({ scores }) => scores !== undefined);
  const rank = ({ cost, scores, activeRequests }: Candidate): number => {
    if (scored) return scores === undefined ? Infinity : -totalOf(scores);
    return cost ?? activeRequests;
  };
  const isChosen = (candidate: Candidate): number => (candidate.target === target ? 0 : 1);
  return candidates.toSorted(
    (a, b) => compare(rank(a), rank(b)) || isChosen(a) - isChosen(b) || a.target - b.target,
  );
}

function candidateTable(listed: readonly Candidate[], chosen: number): string[] {
  const scored = listed.some(({ terms }) => terms !== undefined);
  const preferred = listed.some(({ factor }) => factor !== 1);
  const load = ['to prefill', 'in use', 'running'];
  const header = scored
    ? ['worker', 'cost', ...(preferred ? ['× taints'] : []), '= prefill', '+ blocks', '+ requests']
    : ['worker'];
  const prefix = scored ? ['cached', 'credit', 'shared'] : [];
  const scorers = listed.find(({ scores }) => scores !== undefined)?.scores;
  const named =
    scorers === undefined ? [] : ['score', ...scorers.map(({ name }) => name), 'cached'];
  const rows = listed.map((candidate) => [
    `${candidate.target === chosen ? '▸' : ' '} ${candidate.target}`,
    ...(scored ? scoreCells(candidate, preferred) : []),
    ...(scorers === undefined ? [] : policyCells(candidate, scorers.length)),
    formatCount(candidate.prefillTokens),
    formatCount(candidate.activeBlocks),
    formatCount(candidate.activeRequests),
  ]);
  return renderAligned({ header: [...header, ...named, ...prefix, ...load], rows });
}

/** The sum and its parts; a dash where a filter has turned the worker down. */
function policyCells({ scores, cachedBlocks }: Candidate, scorers: number): string[] {
  const cached = formatCount(cachedBlocks);
  if (scores === undefined) return [...Array.from({ length: scorers + 1 }, () => '–'), cached];
  return [plain(totalOf(scores)), ...scores.map(({ score }) => plain(score)), cached];
}

function totalOf(scores: readonly NamedScore[]): number {
  return scores.reduce((sum, { score }) => sum + score, 0);
}

/** As subtraction compares, with infinities equal to themselves. */
function compare(a: number, b: number): number {
  return a === b ? 0 : a - b;
}

function scoreCells(candidate: Candidate, preferred: boolean): string[] {
  const { cost = Number.NaN, terms, factor, cachedBlocks, sharedBlocks } = candidate;
  return [
    cost.toFixed(3),
    ...(preferred ? [factor.toFixed(3)] : []),
    (terms?.prefill ?? 0).toFixed(3),
    (terms?.blocks ?? 0).toFixed(0),
    plain(terms?.requests ?? 0),
    formatCount(cachedBlocks),
    plain(terms?.credit ?? 0),
    formatCount(sharedBlocks),
  ];
}

/** Whole numbers as they are. */
function plain(value: number): string {
  return Number.isInteger(value) ? formatCount(value) : value.toFixed(3);
}

/** What the columns are, where they are scores. */
function legend(listed: readonly Candidate[]): string[] {
  if (!listed.some(({ terms }) => terms !== undefined)) return [];
  return [
    '',
    '  prefill: blocks to compute there with this request, less the credit for those cached',
    '  blocks: in use there, with those that this request adds (its own less the shared)',
    '  to prefill, in use, running: tokens, blocks and requests there before this request',
  ];
}
