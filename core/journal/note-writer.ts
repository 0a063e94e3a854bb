import { growColumn } from '#core/base/columns.ts';
import type { Ns } from '#core/base/time.ts';
import type { BlockForest } from '#core/tokens/block-forest.ts';
import { NOTE_TAGS } from './fact-table.ts';
import type { LineWriter } from './line-writer.ts';

/** A forest whose nodes can be told apart when an id is used again. */
export interface RecordedForest extends BlockForest {
  /** node → a number that no other node of this forest has had, ever, from 1. */
  readonly serial: Float64Array;
  /** Blocks that one content id stands for. */
  readonly unitBlocks: number;
  /** Ids of the units that a node touches: contentIds[at … at + units), at −1 = unknown. */
  readonly contentIds: Uint32Array;
  contentAt(node: number): number;
  contentUnits(node: number): number;
}

/** What a request asked for that its router is not told, for whoever makes a trace of a journal. */
export interface RequestNote {
  /** Line of the trace, 1-based; 0 = none. */
  line: number;
  /** Output tokens asked for, −1 = unknown. */
  outputTokens: number;
  /**
   * Its session, any number from 0, −1 = none; which of all that have had this number; its name.
   * Numbers that are used again keep what is known of sessions small, however many there have been.
   */
  session: number;
  sessionSerial: number;
  sessionName: string;
  /** Nanoseconds from the end of the session's turn before, −1 = it did not wait for one. */
  thinkNs: number;
  /** Who it belongs to, any number from 0, −1 = nobody is named; the tenant's name. */
  tenant: number;
  tenantName: string;
  /** What is asked of its prompt: 0 an answer, 1 an embedding, 2 the logits of its last token. */
  task: number;
  /** When its client leaves: after a time, or with an output token; 0 = it stays. */
  cancelAfterNs: Ns;
  cancelAfterTokens: number;
  /** How long its client waits for the first token, and for the last; 0 = for ever. */
  firstTokenTimeoutNs: Ns;
  timeoutNs: Ns;
}

const NODE = NOTE_TAGS.node.charCodeAt(0);
const REQUEST = NOTE_TAGS.request.charCodeAt(0);

/**
 * Writes what a journal says besides facts and decisions: requests, names, and nodes of the forest,
 * each when it is first spoken of.
 *
 *     #written[node]   serial of the node that was written last under this id, 0 = none
 */
export class NoteWriter {
  readonly #forest: RecordedForest;
  readonly #writer: LineWriter;
  readonly #describe: (request: number, out: RequestNote) => void;
  readonly #note: RequestNote = {
    line: 0,
    outputTokens: -1,
    session: -1,
    sessionSerial: 0,
    sessionName: '',
    thinkNs: -1,
    tenant: -1,
    tenantName: '',
    task: 0,
    cancelAfterNs: 0,
    cancelAfterTokens: 0,
    firstTokenTimeoutNs: 0,
    timeoutNs: 0,
  };
  readonly #sessions = new Numbering();
  readonly #tenants = new Numbering();
  #written = new Float64Array(1024);

  /** @param describe fills in what is known of a request that arrives. */
  constructor(
    forest: RecordedForest,
    writer: LineWriter,
    describe: (request: number, out: RequestNote) => void,
  ) {
    this.#forest = forest;
    this.#writer = writer;
    this.#describe = describe;
  }

  /** Writes what is known of a request, as far as its last column that is known. */
  request(request: number): void {
    const note = this.#note;
    this.#describe(request, note);
    const writer = this.#writer;
    const { session: sessionTag, tenant: tenantTag } = NOTE_TAGS;
    const { sessionSerial, sessionName, tenantName } = note;
    const sessionId = { id: note.session, serial: sessionSerial };
    const tenantId = { id: note.tenant, serial: 0 };
    const session = this.#numberOf(this.#sessions, sessionTag, sessionId, sessionName);
    const tenant = this.#numberOf(this.#tenants, tenantTag, tenantId, tenantName);
    writer.open(REQUEST);
    writer.int(request);
    writer.int(note.line);
    writer.int(note.outputTokens);
    const hasClient = note.task + note.cancelAfterTokens + spansOf(note) > 0;
    if (session >= 0 || tenant >= 0 || hasClient) {
      writer.int(session);
      writer.int(session < 0 ? -1 : note.thinkNs);
    }
    if (tenant >= 0 || hasClient) writer.int(tenant);
    if (hasClient) this.#writeClient(note);
    writer.close();
  }

  #writeClient(note: Readonly<RequestNote>): void {
    const writer = this.#writer;
    writer.int(note.task);
    writer.int(note.cancelAfterNs);
    writer.int(note.cancelAfterTokens);
    writer.int(note.firstTokenTimeoutNs);
    writer.int(note.timeoutNs);
  }

  /** Writes a node that has not been written yet, and those above it first. */
  node(node: number): void {
    if (this.#isWritten(node)) return;
    // No recursion: a prompt that is new has a node for each of its blocks, a hundred thousand maybe.
    const path: number[] = [];
    for (let at = node; !this.#isWritten(at); at = this.#forest.parent[at]!) path.push(at);
    for (let at = path.length - 1; at >= 0; at--) this.#writeNode(path[at]!);
  }

  #isWritten(node: number): boolean {
    return node < 0 || this.#forest.serial[node] === this.#written[node];
  }

  #writeNode(node: number): void {
    const { parent, attach, length, serial } = this.#forest;
    if (node >= this.#written.length) this.#written = growColumn(this.#written, node + 1);
    this.#written[node] = serial[node]!;
    const writer = this.#writer;
    writer.open(NODE);
    writer.int(node);
    writer.int(parent[node]!);
    writer.int(attach[node]!);
    writer.int(length[node]!);
    this.#writeContent(node);
    writer.close();
  }

  /** Ids one by one; −n behind an id stands for n more that follow it by one each. */
  #writeContent(node: number): void {
    const from = this.#forest.contentAt(node);
    if (from < 0) return;
    const ids = this.#forest.contentIds;
    const end = from + this.#forest.contentUnits(node);
    const writer = this.#writer;
    for (let at = from; at < end; at++) {
      const start = at;
      while (at + 1 < end && ids[at + 1] === ids[at]! + 1) at++;
      writer.int(ids[start]!);
      if (at > start) writer.int(start - at);
    }
  }

  /** The journal's number of a name, −1 = none; a name that is new is written. */
  #numberOf(numbering: Numbering, tag: string, named: NamedThing, name: string): number {
    if (named.id < 0) return -1;
    const known = numbering.of(named);
    if (known >= 0) return known;
    const number = numbering.add(named);
    this.#writer.line(JSON.stringify([tag, number, name]));
    return number;
  }
}

function spansOf({ cancelAfterNs, firstTokenTimeoutNs, timeoutNs }: Readonly<RequestNote>): Ns {
  return cancelAfterNs + firstTokenTimeoutNs + timeoutNs;
}

/** A thing by a number that others may have had before it, and which of them it is. */
interface NamedThing {
  readonly id: number;
  readonly serial: number;
}

/**
 * Numbers things in the order in which they come.
 *
 *     #number[id]   its number + 1, 0 = it has none yet
 *     #serial[id]   which thing that is
 */
class Numbering {
  #count = 0;
  #number = new Float64Array(64);
  #serial = new Float64Array(64);

  /** The number of a thing, −1 = it has none yet. */
  of({ id, serial }: NamedThing): number {
    if (id >= this.#number.length || this.#serial[id] !== serial) return -1;
    return this.#number[id]! - 1;
  }

  add({ id, serial }: NamedThing): number {
    this.#number = growColumn(this.#number, id + 1);
    this.#serial = growColumn(this.#serial, id + 1);
    this.#number[id] = ++this.#count;
    this.#serial[id] = serial;
    return this.#count - 1;
  }
}
