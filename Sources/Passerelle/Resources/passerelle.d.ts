// Types of passerelle.js and passerelle.mjs.

/** Where a grain stands. */
export interface Grain {
  slug: string;
  title: string;
  weight: number;
  status: "none" | "started" | "completed";
  /** 0 to 1; null without a score. */
  score: number | null;
  /** RFC 3339, UTC. */
  completedAt: string | null;
}

export interface Progress {
  module: { slug: string; title: string };
  grains: Grain[];
  completed: number;
  total: number;
  /** 0 to 1. */
  ratio: number;
  grade: {
    status: "none" | "pending" | "delivered" | "failed" | "emptied" | "gone";
    score: number;
    maximum: number;
    /** A sentence for the learner. */
    message: string;
    /** The maximum is a guess: show score ÷ maximum as a per cent. */
    isPercent?: true;
    /** What Moodle was read to have, where that is another grade. */
    moodle?: { score: number; maximum: number; readAt: string; isScale?: boolean };
  };
}

/** What went wrong; `message` is for the person, in their language. */
export interface PasserelleError extends Error {
  code: string;
  status: number;
  /** The server has not judged the call. */
  away: boolean;
  /** What was wrong with the call, for who writes the page. */
  reason?: string;
}

/** A small JSON value of the learner's for one grain. */
export interface State<Value = unknown> {
  /** What was kept last, on whatever device; undefined when nothing was. */
  get(): Promise<Value | undefined>;
  /** Keeps a value of at most 64 KiB; resolves when it is safe in this browser, and is sent a second later. */
  set(value: Value): Promise<void>;
}

export interface Session {
  learner: { id: string; name: string | null; email: string | null; locale: string | null };
  module: { slug: string; title: string };
  /** The activity in Moodle. */
  activity: { id: string; title: string | null } | null;
  /** Whose progress counts: the person's, or each activity's own. */
  scope: "learner" | "activity";
  /** 0, 1 … after each new beginning. */
  run: number;
  /** The slug of the one grain that the activity is about. */
  grain: string | null;
  /** Somebody only looks: nothing is recorded. */
  preview: boolean;
  role: "learner" | "instructor";
  returnUrl: string | null;
  /** RFC 3339, UTC; null in a preview that no server knows. */
  expiresAt: string | null;
  progress: Progress;
  /** Reports a completed grain; `score` is 0 to 1, anything else throws a TypeError. */
  complete(grain: string, score?: number): Promise<Progress>;
  start(grain: string): Promise<Progress>;
  refresh(): Promise<Progress>;
  state<Value = unknown>(grain: string): State<Value>;
  /** Opens the learner's own page; to be called in a click. */
  me(): Promise<void>;
  end(): Promise<void>;
  on: typeof Passerelle.on;
  request(method: string, path: string, body?: unknown): Promise<unknown>;
}

declare global {
  const Passerelle: {
    connect(options?: { api?: string }): Promise<Session>;
    on(event: "progress", listener: (progress: Progress) => void): void;
    on(event: "error", listener: (error: PasserelleError) => void): void;
    on(event: "end", listener: () => void): void;
    /** Looks for attributes in a shadow root, too. */
    scan(root?: Document | ShadowRoot | Element): void;
    preview(): Promise<Session>;
    readonly version: string;
    /** The script's address. */
    src: string;
    /** The language of the library's own words, in place of the learner's. */
    locale: string;
  };
}

export const connect: typeof Passerelle.connect;
declare const library: typeof Passerelle;
export default library;
