import { RowAllocator } from '#core/base/columns.ts';
import type { Ns } from '#core/base/time.ts';

/** A session that has had a request lately. */
export interface Session {
  readonly name: string;
  /** Its number for the router; that of a session which is forgotten serves another one. */
  readonly number: number;
  /** Its number for the journal, never given again. */
  readonly serial: number;
  /** Its requests under way. */
  active: number;
  /** When the last of them ended, −1 = none has. */
  endedNs: Ns;
}

/** Sessions that may be remembered at once: some 200 MB, whatever clients call them. */
const MOST_SESSIONS = 2 ** 19;

/** Numbers sessions, and forgets those of which nothing was heard for a time. */
export class SessionNumbers {
  readonly #idleNs: Ns;
  readonly #most: number;
  readonly #sessions = new Map<string, Session>();
  /** Those without a request under way, in the order in which their last one ended. */
  readonly #idle = new Set<Session>();
  readonly #rows = new RowAllocator();
  #serials = 0;

  /**
   * @param idleNs how long the router may remember a session that is idle.
   * @param most sessions that are remembered at once; more get no number.
   */
  constructor(idleNs: Ns, most = MOST_SESSIONS) {
    this.#idleNs = idleNs;
    this.#most = most;
  }

  /** Sessions that are remembered. */
  get count(): number {
    return this.#sessions.size;
  }

  /**
   * A request of the session begins. Undefined for a new one while there are as many as may be: a
   * number cannot be taken from another, because the router may still remember what it stood for.
   */
  open(name: string, nowNs: Ns): Session | undefined {
    this.#forget(nowNs);
    const session = this.#sessions.get(name) ?? this.#add(name);
    if (session === undefined) return undefined;
    session.active++;
    this.#idle.delete(session);
    return session;
  }

  /** A request of the session has ended. */
  close(session: Session, nowNs: Ns): void {
    session.active--;
    session.endedNs = nowNs;
    if (session.active === 0) this.#idle.add(session);
  }

  #add(name: string): Session | undefined {
    if (this.#sessions.size >= this.#most) return undefined;
    const serial = this.#serials++;
    const session = { name, number: this.#rows.take(), serial, active: 0, endedNs: -1 };
    this.#sessions.set(name, session);
    return session;
  }

  #forget(nowNs: Ns): void {
    for (const session of this.#idle) {
      if (nowNs - session.endedNs <= this.#idleNs) return;
      this.#idle.delete(session);
      this.#sessions.delete(session.name);
      this.#rows.give(session.number);
    }
  }
}
