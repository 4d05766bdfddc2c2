import type { LogEvent, LogGroup } from "../store/logs.ts";

/**
 * What a group keeps: its newest events, so many, or so many bytes. AWS keeps what the retention says, but a server that
 * runs for weeks must not grow without end.
 */
export const KEPT_EVENTS = 20_000;
export const KEPT_BYTES = 16_777_216;

/** How much is left when something has to go: dropping one event for each new one would move all the others each time. */
const LEFT = 0.9;
/** About what an event costs beside its text. */
const EVENT_BYTES = 100;

const storedBytes = new WeakMap<LogGroup, number>();

/** Counts an event that was just added to the group, and drops the oldest ones when they are too many. */
export function countEvent(group: LogGroup, added: LogEvent): void {
  const { events } = group;
  let bytes = (storedBytes.get(group) ?? 0) + bytesOf(added);
  if (events.length > KEPT_EVENTS || bytes > KEPT_BYTES) {
    let dropped = 0;
    for (const event of events) {
      if (events.length - dropped <= KEPT_EVENTS * LEFT && bytes <= KEPT_BYTES * LEFT) break;
      bytes -= bytesOf(event);
      dropped += 1;
    }
    events.splice(0, dropped);
  }
  storedBytes.set(group, bytes);
}

/** Removes the events of a stream. */
export function dropStream(group: LogGroup, stream: string): void {
  const others = group.events.filter((event) => event.stream !== stream);
  group.events.splice(0, group.events.length, ...others);
  storedBytes.set(
    group,
    others.reduce((sum, event) => sum + bytesOf(event), 0),
  );
}

function bytesOf({ message }: LogEvent): number {
  return Buffer.byteLength(message) + EVENT_BYTES;
}
