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

/** Numbers sessions, and forgets those of which nothing was heard for a time. */
export class SessionNumbers {
  readonly #idleNs: Ns;
  /** In the order in which they were heard of last. */
  readonly #sessions = new Map<string, Session>();
  readonly #rows = new RowAllocator();
  #serials = 0;

  /** `idleNs`: how long the router may remember a session that is idle. */
  constructor(idleNs: Ns) {
    this.#idleNs = idleNs;
  }

  /** Sessions that are remembered. */
  get count(): number {
    return this.#sessions.size;
  }

  /** A request of the session begins. */
  open(name: string, nowNs: Ns): Session {
    this.#forget(nowNs);
    const session = this.#sessions.get(name) ?? this.#add(name);
    session.active++;
    this.#touch(session);
    return session;
  }

  /** A request of the session has ended. */
  close(session: Session, nowNs: Ns): void {
    session.active--;
    session.endedNs = nowNs;
    this.#touch(session);
  }

  #add(name: string): Session {
    const serial = this.#serials++;
    return { name, number: this.#rows.take(), serial, active: 0, endedNs: -1 };
  }

  #touch(session: Session): void {
    this.#sessions.delete(session.name);
    this.#sessions.set(session.name, session);
  }

  #forget(nowNs: Ns): void {
    for (const session of this.#sessions.values()) {
      // Those behind one that is busy are looked at when it has ended.
      if (session.active > 0 || nowNs - session.endedNs <= this.#idleNs) return;
      this.#sessions.delete(session.name);
      this.#rows.give(session.number);
    }
  }
}
